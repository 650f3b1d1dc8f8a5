"""Names on two levels: the same name (`strict`), and the same but for accents (`bare`)."""

import re
from dataclasses import dataclass
from functools import lru_cache

from contracts.keys import Heard, heard_as
from vietnamese.encodings import decoded
from vietnamese.spelling import bare, respell, sounds
from vietnamese.syllables import SIGNS, implausible, strict_word

# the Ê Đê's H', the Cơ Ho's K', and hyphens: written joined, apart or with any sign between
MARKS = re.compile(r"['\-‐‑–.]")


@dataclass(slots=True, eq=False)
class Name:
    """A name's words, strict and without accents, and the text that they are of."""

    strict: tuple[str, ...]
    bare: tuple[str, ...]
    text: str


@lru_cache(maxsize=65_536)
def _parts(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands between two spaces: one word, or more where marks join them."""
    strict = tuple([strict_word(part) for part in MARKS.sub(" ", word.translate(SIGNS)).split()])
    return strict, tuple([bare_word(part) for part in strict])


# one name is compared with several, one after the other
@lru_cache(maxsize=64)
def name_of(text: str) -> Name:
    """The forms of a name as typed or registered."""
    strict: list[str] = []
    plain: list[str] = []
    for word in text.split():
        one, other = _parts(word)
        strict += one
        plain += other
    return Name(tuple(strict), tuple(plain), text)


@lru_cache(maxsize=65_536)
def _heard(word: str) -> tuple[str, bool]:
    """How a word sounds, and whether it is a Vietnamese syllable."""
    return sounds(word), not implausible(word)


def heard(text: str) -> tuple[str, Heard]:
    """A name as it can be read (`decoded`), and as search keys have it."""
    words = list(map(_heard, text.split()))
    for _, plausible in words:
        if not plausible:
            read = decoded(text)
            return read, heard_as(map(sounds, read.split()))
    return text, heard_as([sound for sound, _ in words])


def without_accents(text: str) -> str:
    """A name in small letters without accents, one space between its words."""
    return " ".join(map(bare_word, text.split()))


@lru_cache(maxsize=65_536)
def bare_word(word: str) -> str:
    """A word without its accents, whether strict or as written."""
    return bare(word)


@lru_cache(maxsize=65_536)
def respelt_word(strict: str) -> str:
    """A strict word in the one spelling of those that are confused, its tone kept."""
    return respell(strict)
