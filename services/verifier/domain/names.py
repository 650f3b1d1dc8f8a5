"""Names on three levels: the same name (`strict`), the same but for accents (`bare`), and the same letters however they are spaced."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from contracts.encodings import decoded, is_plain, utf8_readings, word_readings
from contracts.keys import Heard, bare, heard_as, respell, sounds
from contracts.syllables import SIGNS, TONES, implausible, strict_word

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
    return Name(tuple(strict), tuple(plain))


@lru_cache(maxsize=65_536)
def _read_word(word: str) -> tuple[Name, ...]:
    """A word as it stands, and as each old encoding has it: the first once more where that is the same."""
    own = name_of(word)
    return (own, *[own if new == word else name_of(new) for new in word_readings(word)])


def names_read(text: str) -> Iterator[Name]:
    """The forms of what a typed name may have been, by each old encoding that makes something else of it."""
    if is_plain(text):
        return
    own, *read = zip(*map(_read_word, text.split(" ")), strict=True)
    for words in read:
        if words != own:
            yield Name(tuple([one for word in words for one in word.strict]), tuple([one for word in words for one in word.bare]))
    yield from map(name_of, utf8_readings(text))


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
