"""What a dose is: how its typed fields are read, which rules it keeps, and how its state moves. Pure functions over frozen data."""
