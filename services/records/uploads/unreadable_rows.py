"""When a file is read no further: too many of its rows hold nothing.

Each row is answered, and an answer is many times as large as `{},` is. Wrong rows are another
matter: however many a file has, they hold what was typed, and come back.
"""

from dataclasses import dataclass
from typing import Final

FEW: Final = 100
"""Rows that hold nothing and are borne with; beyond them they must be fewer than the others."""
RUN: Final = 1000
"""So many in a row are never borne with."""


@dataclass(slots=True)
class UnreadableRows:
    """The rows of a file that hold nothing: in all, and side by side up to the place `last`."""

    total: int = 0
    run: int = 0
    last: int = -1

    def end_at(self, place: int) -> bool:
        """Counts the row at this place of the file, from 0; whether they are too many by now."""
        self.run = self.run + 1 if place == self.last + 1 else 1
        self.last = place
        self.total += 1
        return self.run > RUN or (self.total > FEW and 2 * self.total > place + 1)
