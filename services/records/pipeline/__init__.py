"""What follows the events: the state of each dose, re-verification, replay and retention."""
