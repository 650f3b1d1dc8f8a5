"""Histories of persons: doses that contradict each other, and how findings are settled."""
