"""Province and ministry: how far the doses are, what is slow, and what one act mends."""
