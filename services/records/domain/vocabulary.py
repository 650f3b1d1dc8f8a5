"""Reading the closed vocabularies of a dose file: sex, kind and number of a dose, lot, phone and area codes."""

import re
from functools import lru_cache

from contracts.events import DoseKind, Sex
from contracts.provinces import PROVINCES
from services.records.domain.faults import Unread
from services.records.domain.fold import fold
from services.records.domain.old_encodings import looked_up

SEXES: dict[str, Sex] = {
    **dict.fromkeys(("nam", "male", "m", "trai", "boy"), "male"),
    **dict.fromkeys(("nu", "female", "f", "gai", "girl"), "female"),
}  # fmt: skip
KINDS: dict[str, DoseKind] = {
    **dict.fromkeys(("co ban", "lieu co ban", "mui co ban", "primary", "primary series"), "primary"),
    **dict.fromkeys(("bo sung", "lieu bo sung", "mui bo sung", "additional"), "additional"),
    **dict.fromkeys(("nhac lai", "lieu nhac lai", "mui nhac lai", "nhac lai lan", "tang cuong", "booster"), "booster"),
}  # fmt: skip
SEX_TYPED = {"male": "Nam", "female": "Nữ", None: ""}
KIND_TYPED = {"primary": "Cơ bản", "additional": "Bổ sung", "booster": "Nhắc lại"}

_NUMBER = re.compile(r"(?:mui|lan|dose|lieu)?(?: ?thu| ?so)? ?0?([0-9])(?: 0)?")
_ORDINAL = re.compile(r" ?(?:thu )?[0-9]$")
_LOT = re.compile(r"[A-Z0-9-]{4,20}")
_PHONE_MARKS = re.compile(r"[\s.()-]+")
_PHONE = re.compile(r"(?:\+84|0084|84|0)?([0-9]{9})")


@lru_cache(maxsize=1_024)
def read_sex(text: str) -> Sex | Unread | None:
    """Sex, or None where nothing was typed."""
    if not text:
        return None
    return looked_up(text, lambda reading: SEXES.get(fold(reading))) or Unread.UNREADABLE


@lru_cache(maxsize=1_024)
def read_kind(text: str) -> DoseKind | Unread:
    """The kind of a dose; `Nhắc lại lần 1` is a booster."""
    if not text:
        return Unread.MISSING
    return looked_up(text, _kind) or Unread.UNREADABLE


def _kind(text: str) -> DoseKind | None:
    return KINDS.get(_ORDINAL.sub("", fold(text)))


@lru_cache(maxsize=1_024)
def read_number(text: str) -> int | Unread:
    """Which shot it was, counted over all kinds; `Mũi 2`, `02` and `2.0` are 2."""
    if not text:
        return Unread.MISSING
    number = looked_up(text, _number)
    return Unread.UNREADABLE if number is None else number


def _number(text: str) -> int | None:
    found = _NUMBER.fullmatch(fold(text))
    return int(found[1]) if found else None


@lru_cache(maxsize=16_384)
def read_lot(text: str) -> str | Unread:
    """A lot's number in capitals: `[A-Z0-9-]{4,20}`."""
    if not text:
        return Unread.MISSING
    lot = text.upper()
    return lot if _LOT.fullmatch(lot) else Unread.UNREADABLE


@lru_cache(maxsize=4_096)
def read_facility(text: str) -> str | Unread:
    """A facility's code: five digits, the first two a province's."""
    if not text:
        return Unread.MISSING
    if not (len(text) == 5 and text.isascii() and text.isdigit()):
        return Unread.UNREADABLE
    return text if text[:2] in PROVINCES else Unread.UNKNOWN


@lru_cache(maxsize=32_768)
def read_area(text: str, digits: int) -> str | Unread:
    """The code of a province (2 digits), district (3) or commune (5), with the zeros that a spreadsheet dropped; empty stays empty."""
    if not text:
        return ""
    if not (len(text) <= digits and text.isascii() and text.isdigit()):
        return Unread.UNREADABLE
    code = text.zfill(digits)
    return Unread.UNKNOWN if digits == 2 and code not in PROVINCES else code


def read_phone(text: str) -> str:
    """A domestic number beginning with 0 where one can be made out; otherwise the text as typed, which is nobody's error."""
    if len(text) == 10 and text[0] == "0" and text.isascii() and text.isdigit():
        return text
    found = _PHONE.fullmatch(_PHONE_MARKS.sub("", text))
    return "0" + found[1] if found else text
