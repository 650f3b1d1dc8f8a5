"""Words as they sound: without accents, and in one spelling of what is often confused."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 64
"""Letters of one word that count."""

_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d"})
_LONE_Y = re.compile("(?<![aâou])y|(?<=^qu)y")
_ONSETS = (("tr", "ch"), ("gi", "d"), ("l", "n"), ("s", "x"))


def bare(text: str) -> str:
    """Small letters without accents: `Đức` as `duc`."""
    small = text.casefold()
    if small.isascii():
        return small
    apart = unicodedata.normalize("NFKD", small.translate(_LETTERS))
    return "".join([letter for letter in apart if not unicodedata.combining(letter)])


def respell(word: str) -> str:
    """One spelling of the ones that are confused (tr/ch, gi/d, l/n, s/x, y/i), accents kept; takes
    small letters.
    """
    for onset, instead in _ONSETS:
        if word.startswith(onset):
            # `gi` before a consonant is g and i (gìn), before a vowel one sound (giang)
            rest = (
                word[1:]
                if onset == "gi" and (len(word) < 3 or word[2] not in "aeiouyăâêôơư")
                else word[len(onset) :]
            )
            word = instead + rest
            break
    return _LONE_Y.sub("i", word)


# a country's names are made of some thousands of words: nearly every one is found here
@lru_cache(maxsize=65_536)
def sounds(word: str) -> str:
    """The letters of one word as they sound, without accents, marks and spaces: `Trường` and
    `Chương` begin alike.
    """
    return respell("".join([letter for letter in bare(word) if letter.isalnum()]))[:LONGEST]
