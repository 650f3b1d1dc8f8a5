"""Uploads: files and rows that facilities send, and what became of them."""
