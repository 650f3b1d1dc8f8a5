"""Parses workbooks: cells, and the process for files that may ask for too much."""

TOO_LARGE, PASSWORD, BROKEN = 41, 42, 43
"""Exit codes of that process, where it fails."""
MAX_SHEETS = 256
"""Sheets of one workbook that are read."""
