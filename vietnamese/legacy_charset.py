"""Finds out the one-byte encoding of a file: code page 1258 or 1252.

The one that makes Vietnamese words of the bytes is right. Fonts of TCVN3 and VNI show signs of 1252
as Vietnamese letters. Their text keeps these signs, as it does in a file saved as UTF-8, so both
are read alike.
"""

import re
import unicodedata
from collections import Counter
from itertools import islice
from operator import itemgetter

import ftfy.bad_codecs  # noqa: F401

from vietnamese.encodings import word_readings
from vietnamese.syllables import implausible

VIETNAMESE, WESTERN = "cp1258", "sloppy-windows-1252"

_WORD = re.compile(r"[A-Za-z]{0,9}[\x80-\xff][A-Za-z\x80-\x9f\xa1-\xff]{0,9}", re.ASCII)
_ENOUGH = 100  # words by which one reading is ahead of the other: what comes later changes nothing
_MOST_WORDS = 1_000  # of one part
_MOST_PARTS = 10  # that are weighed


class Legacy:
    """Weighs the parts of one file as they come, until its words leave no doubt."""

    def __init__(self) -> None:
        self._words: Counter[str] = Counter()
        self._weighed = 0

    def encoding_of(self, part: bytes) -> str:
        """The encoding of a part, by all parts so far."""
        if self._weighed < _MOST_PARTS and abs(self._ahead()) < _ENOUGH:
            self._weighed += 1
            self._weigh(part)
        return WESTERN if self._ahead() > 0 else VIETNAMESE

    def _ahead(self) -> int:
        """By how many words 1252 is ahead of 1258."""
        western = max(self._words[name] for name in ("TCVN3", "VNI", "1252"))
        return western - self._words["1258"]

    def _weigh(self, part: bytes) -> None:
        words = islice(_WORD.finditer(part.decode("latin-1")), _MOST_WORDS)
        for word, times in Counter(map(itemgetter(0), words)).items():
            for name in _plausible(word):
                self._words[name] += times


def _plausible(word: str) -> list[str]:
    """In which encodings a word (its bytes as Latin-1) is a Vietnamese syllable."""
    coded = word.encode("latin-1")
    western = coded.decode(WESTERN)
    tcvn3, vni, _ = word_readings(western)
    vietnamese = unicodedata.normalize("NFC", coded.decode(VIETNAMESE, "replace"))
    readings = {"1258": vietnamese, "1252": western, "TCVN3": tcvn3, "VNI": vni}
    return [name for name, reading in readings.items() if not implausible(reading)]
