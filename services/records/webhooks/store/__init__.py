"""The rows of webhooks, of what they are to be told, and of what was sent."""
