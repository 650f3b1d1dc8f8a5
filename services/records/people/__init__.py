"""Finding a person: all doses within the caller's reach, by a number or by name and birth date."""
