"""Which doses an upload has answered for, in whatever transaction and whoever changed them since;
pure.
"""

from collections.abc import Iterable

# ids of one word: doses of one upload have neighbouring ids, so a million of them are 16,000 words
_BITS = 6


class IdBitmap:
    """A set of dose ids that holds 64 neighbouring ones in one number."""

    def __init__(self) -> None:
        self._words: dict[int, int] = {}

    def add(self, dose_ids: Iterable[int]) -> None:
        """Puts ids in; one that is in already stays so."""
        words = self._words
        for dose_id in dose_ids:
            word = dose_id >> _BITS
            words[word] = words.get(word, 0) | 1 << (dose_id & 63)

    def __contains__(self, dose_id: int) -> bool:
        return bool(self._words.get(dose_id >> _BITS, 0) >> (dose_id & 63) & 1)
