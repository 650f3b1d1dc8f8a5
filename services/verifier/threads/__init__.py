"""One dose, one thread: what the station and the police tell each other, and who has it in hand."""
