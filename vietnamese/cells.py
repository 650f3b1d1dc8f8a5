"""What in a cell is only its form: signs that a spreadsheet, a keyboard or a copied page put there,
and nobody typed as data.

One reader for the dates and codes of all services. Spaces, dots and hyphens between digits are no
form: somebody typed these.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from types import MappingProxyType

_QUOTES = "'\"‘’‛ʼ`´“”„＇＂"
_BEGINS = frozenset(f"={_QUOTES}＝")


def _among(spans: str) -> Iterable[int]:
    """The code points of `00A0 2000-200A`."""
    ends = (span.partition("-") for span in spans.split())
    return chain.from_iterable(
        range(int(first, 16), int(last or first, 16) + 1) for first, _, last in ends
    )


# Unicode's blanks (Z*), and its format characters (Cf), fillers and variation selectors, which
# nobody sees
_BLANKS = dict.fromkeys(_among("00A0 1680 2000-200A 2028 2029 202F 205F 3000"), " ")
_INVISIBLE: dict[int, None] = dict.fromkeys(
    _among(
        "00AD 034F 061C 115F 1160 17B4 17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F"
        " FEFF FFA0 FFF9-FFFB E0000-E007F"
    )
)
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in _among("FF01-FF5E")}
_PLAIN = MappingProxyType({**_BLANKS, **_INVISIBLE, **_FULL_WIDTH})
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹣"), "-")
_BLANK = re.compile(r"\s+")
_DECIMAL_ZEROS = re.compile(r"([0-9]+)[.,]0{1,2}")  # three may be thousands


def unwrapped(text: str) -> str:
    """The text without the apostrophe that keeps a cell text, and without the `="…"` that
    exports write around one.
    """
    return (
        text.strip().lstrip(f"={_QUOTES}＝").strip(_QUOTES).strip() if text[:1] in _BEGINS else text
    )


def plain_signs(text: str) -> str:
    """The text with plain digits and letters, single blanks, and no invisible marks; empty where
    nobody sees anything in it.
    """
    return _BLANK.sub(" ", text if text.isascii() else text.translate(_PLAIN)).strip()


def bare_cell(text: str) -> str:
    """The text unwrapped, in plain signs."""
    return unwrapped(plain_signs(text))


@lru_cache(maxsize=16_384)
def bare_number(text: str) -> str:
    """A number of a person, of which everything that somebody typed stays: blanks, dots and
    hyphens, lost zeros, `7.9E+10`, words.
    """
    return _without_zeros(bare_cell(text))


def bare_code(text: str) -> str:
    """A code or date, in which every kind of hyphen is one."""
    bare = bare_cell(text)
    return _without_zeros(bare if bare.isascii() else bare.translate(_HYPHENS))


def _without_zeros(bare: str) -> str:
    """A whole number without the `.0` of a cell that holds it as a number."""
    zeros = _DECIMAL_ZEROS.fullmatch(bare)
    return zeros[1] if zeros else bare
