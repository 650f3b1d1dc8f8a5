"""Takes in what clinics push, answers for every row, and owns the state of every dose."""
