"""Reading the closed vocabularies of a dose file (sex, kind and number of a dose), and telephone
numbers.
"""

import re
from functools import lru_cache

from contracts.events import DoseKind, Sex
from services.records.domain.row_error import Unread
from vietnamese.cells import bare_code
from vietnamese.normalize import fold
from vietnamese.old_encodings import looked_up

SEXES: dict[str, Sex] = {
    **dict.fromkeys(("nam", "male", "m", "trai", "boy"), "male"),
    **dict.fromkeys(("nu", "female", "f", "gai", "girl"), "female"),
}  # fmt: skip
KINDS: dict[str, DoseKind] = {
    **dict.fromkeys(("co ban", "lieu co ban", "mui co ban", "primary", "primary series"),
    "primary"),
    **dict.fromkeys(("bo sung", "lieu bo sung", "mui bo sung", "additional"), "additional"),
    **dict.fromkeys(("nhac lai", "lieu nhac lai", "mui nhac lai", "nhac lai lan", "tang cuong",
    "booster"), "booster"),
}  # fmt: skip
SEX_TYPED = {"male": "Nam", "female": "Nữ", None: ""}
KIND_TYPED = {"primary": "Cơ bản", "additional": "Bổ sung", "booster": "Nhắc lại"}

_NUMBER = re.compile(
    r"(?:mui|lan|dose|lieu|m)?(?: ?thu| ?so)? ?(?:0?([0-9])(?:st|nd|rd|th)?|([a-z]+))"
)
_NUMBERS = {
    "nhat": 1, "mot": 1, "i": 1, "hai": 2, "nhi": 2, "ii": 2, "ba": 3, "iii": 3, "tu": 4, "bon": 4,
    "iv": 4, "nam": 5, "v": 5, "sau": 6,
    "vi": 6, "bay": 7, "vii": 7, "first": 1, "second": 2, "third": 3,
}  # fmt: skip
_ORDINAL = re.compile(r" ?(?:thu )?[0-9]$")
_PHONE_MARKS = re.compile(r"[\s.()-]+")
_PHONE = re.compile(r"(?:\+84|0084|84|0)?([0-9]{9})")


@lru_cache(maxsize=1_024)
def read_sex(text: str) -> Sex | Unread | None:
    """Sex, or None where nothing was typed."""
    if not text:
        return None
    return looked_up(text, sex_of) or Unread.UNREADABLE


def sex_of(text: str) -> Sex | None:
    """The sex that a word means, whatever its accents."""
    return SEXES.get(fold(text))


@lru_cache(maxsize=1_024)
def read_kind(text: str) -> DoseKind | Unread:
    """The kind of a dose; `Nhắc lại lần 1` is a booster."""
    if not text:
        return Unread.MISSING
    return looked_up(text, kind_of) or Unread.UNREADABLE


def kind_of(text: str) -> DoseKind | None:
    """The kind of a dose that a phrase means, whatever its accents."""
    return KINDS.get(_ORDINAL.sub("", fold(text)))


@lru_cache(maxsize=1_024)
def read_number(text: str) -> int | Unread:
    """Which shot it was, counted over all kinds; `Mũi 2`, `02`, `2.0` and `mũi thứ hai` are 2."""
    if not text:
        return Unread.MISSING
    number = looked_up(text, _number)
    return Unread.UNREADABLE if number is None else number


def _number(text: str) -> int | None:
    said = _NUMBER.fullmatch(fold(bare_code(text)))
    if said is None:
        return None
    return int(said[1]) if said[1] else _NUMBERS.get(said[2])


def read_phone(text: str) -> str:
    """A domestic number beginning with 0 where one can be made out; otherwise the text as typed,
    which is nobody's error.
    """
    if len(text) == 10 and text[0] == "0" and text.isascii() and text.isdigit():
        return text
    bare = bare_code(text)
    digits = _PHONE.fullmatch(_PHONE_MARKS.sub("", bare))
    return "0" + digits[1] if digits else bare
