"""The forms of a name: `strict` is the same name, `bare` the same but for accents."""

import re
from dataclasses import dataclass
from functools import lru_cache

from contracts.keys import Heard, heard_as
from vietnamese.encodings import decoded
from vietnamese.spelling import bare, respell, sounds
from vietnamese.syllables import SIGNS, implausible, strict_word

# the H' of the Ê Đê, the K' of the Cơ Ho, and hyphens: written joined, apart or with any sign
MARKS = re.compile(r"['\-‐‑–.]")


@dataclass(slots=True, eq=False)
class NameForms:
    """The words of a name, strict and without accents, and their text."""

    strict: tuple[str, ...]
    bare: tuple[str, ...]
    text: str


@lru_cache(maxsize=65_536)
def _parts(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The forms of what stands between two spaces: one word, or several that marks join."""
    strict = tuple([strict_word(part) for part in MARKS.sub(" ", word.translate(SIGNS)).split()])
    return strict, tuple([bare_word(part) for part in strict])


# one name is compared with several, one after the other
@lru_cache(maxsize=64)
def name_of(text: str) -> NameForms:
    """The forms of a name as typed or registered."""
    strict: list[str] = []
    bare_words: list[str] = []
    for word in text.split():
        strict_parts, bare_parts = _parts(word)
        strict += strict_parts
        bare_words += bare_parts
    return NameForms(tuple(strict), tuple(bare_words), text)


@lru_cache(maxsize=65_536)
def _heard(word: str) -> tuple[str, bool]:
    """How a word sounds, and whether it is a Vietnamese syllable."""
    return sounds(word), not implausible(word)


def heard(text: str) -> tuple[str, Heard]:
    """A name as it can be read, and as blocking keys have it."""
    words = list(map(_heard, text.split()))
    for _, plausible in words:
        if not plausible:
            readable = decoded(text)
            return readable, heard_as(map(sounds, readable.split()))
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
    """A strict word in the one spelling of confused sounds, its tone kept."""
    return respell(strict)
