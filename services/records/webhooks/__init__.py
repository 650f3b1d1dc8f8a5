"""Apps told what has happened, at an address of theirs, instead of asking again and again."""
