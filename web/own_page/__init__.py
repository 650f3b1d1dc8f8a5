"""`/me`: the page of a citizen who has signed in."""
