"""Names on three levels: the same name (`strict`), the same but for accents (`bare`), and the same letters however they are spaced."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from contracts.keys import bare, respell
from contracts.syllables import SIGNS, TONES, strict_word

# the Ê Đê's H', the Cơ Ho's K', and hyphens: written joined, apart or with any sign between
_MARKS = re.compile(r"['\-‐‑–.]")


@dataclass(slots=True, eq=False)
class Name:
    """A name's words, strict and without accents."""

    strict: tuple[str, ...]
    bare: tuple[str, ...]


@lru_cache(maxsize=65_536)
def _parts(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands between two spaces: one word, or more where marks join them."""
    strict = tuple([strict_word(part) for part in _MARKS.sub(" ", word.translate(SIGNS)).split()])
    return strict, tuple([bare_word(part) for part in strict])


def name_of(text: str) -> Name:
    """The forms of a name as typed or registered."""
    strict: list[str] = []
    plain: list[str] = []
    for word in text.split():
        one, other = _parts(word)
        strict += one
        plain += other
    return Name(tuple(strict), tuple(plain))


def without_accents(text: str) -> str:
    """A name in small letters without accents, one space between its words."""
    return " ".join(map(bare_word, text.split()))


def joined(name: Name) -> str:
    """A name without its spaces and marks, its tones behind."""
    signs = "".join(name.strict)
    tones = sorted([sign for sign in signs if sign in TONES], key=unicodedata.combining)
    return "".join([sign for sign in signs if sign not in TONES]) + "".join(tones)


@lru_cache(maxsize=65_536)
def bare_word(word: str) -> str:
    """A word without its accents, whether strict or as written."""
    return bare(word)


@lru_cache(maxsize=65_536)
def respelt_word(strict: str) -> str:
    """A strict word in the one spelling of those that are confused, its tone kept."""
    return respell(strict)
