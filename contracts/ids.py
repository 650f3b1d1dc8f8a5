"""Ids as types, so that one kind of number is never taken for another."""

from typing import NewType

DoseId = NewType("DoseId", int)
"""One injection as one facility recorded it."""
BatchId = NewType("BatchId", int)
"""One upload."""
