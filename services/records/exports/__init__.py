"""Rows given back as files: CSV and XLSX."""
