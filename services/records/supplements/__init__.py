"""Doses that a station records from a slip, and what the facility that gave them says of it."""
