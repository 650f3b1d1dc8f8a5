"""What runs by itself beside requests and events: renewals, and answers to look-ups."""
