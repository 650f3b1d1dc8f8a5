"""Names as a certificate carries them: split, in one spelling of Unicode, and transliterated to
`A–Z` and `<` (ICAO 9303, part 3).
"""

import re
import unicodedata
from functools import lru_cache

_TONES_THEN_MODIFIER = re.compile("([\u0300\u0301\u0303\u0309\u0323]+)([\u0302\u0306\u031b])")
_MARK_FIRST_SEEN = re.compile("[\u0300-\u036f]")

# what a decomposition leaves as it is; the three Đ look alike and are typed for one another
_LETTERS = {
    "Đ": "D", "Ð": "D", "Ɖ": "D",
    "Ä": "AE", "Æ": "AE", "Å": "AA", "Ö": "OE", "Ø": "OE", "Œ": "OE", "Ü": "UE", "ẞ": "SS",
    "Þ": "TH", "Ł": "L", "Ħ": "H", "Ŧ": "T",
    "Ŋ": "N", "Ĳ": "IJ",
    "-": "<", "‐": "<", "‑": "<", "–": "<", ",": "<",
}  # fmt: skip
_TO_BASIC = str.maketrans(_LETTERS)
_NOT_BASIC = re.compile("[^A-Z<]")
_FILLERS = re.compile("<{2,}")


def composed(name: str) -> str:
    """`name` in NFC, single-spaced; a tone typed before its modifier (a, acute, circumflex) comes
    behind it, where NFC can join them.
    """
    if unicodedata.is_normalized("NFC", name) and not _MARK_FIRST_SEEN.search(name):
        return " ".join(name.split())
    apart = unicodedata.normalize("NFD", " ".join(name.split()))
    return unicodedata.normalize("NFC", _TONES_THEN_MODIFIER.sub(r"\2\1", apart))


def split_name(full_name: str) -> tuple[str, str]:
    """Family name and the rest; a name of one word is a family name, because schema 1.3.0 asks for
    that one.
    """
    family, _, rest = composed(full_name).partition(" ")
    return family, rest


# family names are few, and given names are shared by many
@lru_cache(maxsize=65_536)
def transliterate(name: str) -> str:
    """`name` in `A–Z` and `<`; space, comma and hyphen become `<`, apostrophes and what has no
    Latin form are dropped.
    """
    return _FILLERS.sub("<", "<".join(map(_word, name.split(" ")))).strip("<")


# names of a country share their words: almost every word is found here
@lru_cache(maxsize=65_536)
def _word(word: str) -> str:
    upper = unicodedata.normalize("NFC", composed(word).upper())
    return _NOT_BASIC.sub("", unicodedata.normalize("NFD", upper.translate(_TO_BASIC)))
