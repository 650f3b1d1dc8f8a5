"""Batches told to who watches them, as they move."""
