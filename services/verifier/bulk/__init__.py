"""Bulk runs: certain suggestions, confirmed by the page and by two people."""
