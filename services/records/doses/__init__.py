"""Doses on record: read, corrected and withdrawn."""
