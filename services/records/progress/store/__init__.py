"""What progress reads and keeps: lines counted at each request, the tally, and what it comes to."""
