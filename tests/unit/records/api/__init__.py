"""The records service at its door."""
