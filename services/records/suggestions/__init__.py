"""Suggestions: whom a dose that people must put right may mean, and who accepted that."""
