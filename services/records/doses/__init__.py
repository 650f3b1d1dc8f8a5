"""Doses on record: their versions, how one is corrected or withdrawn, and who may look."""
