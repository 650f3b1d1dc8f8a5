"""Workbooks parsed: what the parser gives, and the process in which it runs where a file may ask
for too much.
"""

TOO_LARGE, PASSWORD, BROKEN = 41, 42, 43
"""How that process ends where it does not end well."""
MAX_SHEETS = 256
"""Of one workbook."""
