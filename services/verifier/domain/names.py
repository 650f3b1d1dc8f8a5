"""Names on three levels: the same name (`strict`), the same but for accents (`bare`), and the same letters however they are spaced.

The strict form keeps letters and modifiers and moves the tone, as its combining sign, to the syllable's end, where neither the order of
bytes nor the place of the tone matters.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from contracts.keys import bare, respell

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202c"))
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ`´′ʹˈ＇"), "'")
_ETH = {ord("Ð"): "đ", ord("ð"): "đ", ord("Ɖ"): "đ", ord("ɖ"): "đ", ord("Đ"): "đ"}
_SIGNS = _INVISIBLE | _APOSTROPHES | _ETH | {ord("ı"): "i"}
TONES = "\u0300\u0301\u0309\u0303\u0323"
# the Ê Đê's H', the Cơ Ho's K', and hyphens: written joined, apart or with any sign between
_MARKS = re.compile(r"['\-‐‑–.]")


@lru_cache(maxsize=65_536)
def strict_word(word: str) -> str:
    """One syllable in small letters, its tone behind them: `Hoà` and `Hòa` are both `hoa` and a grave."""
    letters: list[str] = []
    tones: list[str] = []
    for sign in unicodedata.normalize("NFD", word.translate(_SIGNS).casefold()):
        (tones if sign in TONES else letters).append(sign)
    # of several, in what is not one syllable, the order is Unicode's
    return unicodedata.normalize("NFC", "".join(letters)) + "".join(sorted(tones, key=unicodedata.combining))


@dataclass(slots=True, eq=False)
class Name:
    """A name's words, strict and without accents."""

    strict: tuple[str, ...]
    bare: tuple[str, ...]


@lru_cache(maxsize=65_536)
def _parts(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands between two spaces: one word, or more where marks join them."""
    strict = tuple([strict_word(part) for part in _MARKS.sub(" ", word.translate(_SIGNS)).split()])
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
