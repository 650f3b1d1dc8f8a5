"""A set of dose ids that stays small for a file of a million rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

# Ids of one word: doses of one upload have neighbouring ids, so a million of them are 16,000 words.
_BITS = 6


@dataclass(slots=True)
class IdBitmap:
    """A set of ids that holds 64 neighbouring ones in one number."""

    _words: dict[int, int] = field(default_factory=dict)

    def add(self, ids: Iterable[int]) -> None:
        """Adds ids; one that is in already stays in."""
        words = self._words
        for number in ids:
            word = number >> _BITS
            words[word] = words.get(word, 0) | 1 << (number & 63)

    def __contains__(self, number: int) -> bool:
        return bool(self._words.get(number >> _BITS, 0) >> (number & 63) & 1)
