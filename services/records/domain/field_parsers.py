"""Parsers of a row's fields, one function a field: a value, or an `Unread` that says why not.

The usual form costs one look; the rest of a parser reads what clinics and spreadsheets make of it.
A code gets its one form, which goes into the digest. So the same row in another form is no change.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from contracts.events import DoseKind, Sex
from services.records.domain.product_matching import match_product
from services.records.domain.product_names import ALIASES
from services.records.domain.row_error import Unread
from vietnamese.cells import bare_cell, bare_code
from vietnamese.countries import country_of
from vietnamese.dates import Birth, is_year_cut, read_birth, read_written
from vietnamese.normalize import fold
from vietnamese.old_encodings import looked_up
from vietnamese.provinces import PROVINCES

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

_DOSE_NUMBER = re.compile(
    r"(?:mui|lan|dose|lieu|m)?(?: ?thu| ?so)? ?(?:0?([0-9])(?:st|nd|rd|th)?|([a-z]+))"
)
_NUMBER_WORDS = {
    "nhat": 1, "mot": 1, "i": 1, "hai": 2, "nhi": 2, "ii": 2, "ba": 3, "iii": 3, "tu": 4, "bon": 4,
    "iv": 4, "nam": 5, "v": 5, "sau": 6,
    "vi": 6, "bay": 7, "vii": 7, "first": 1, "second": 2, "third": 3,
}  # fmt: skip
_ORDINAL = re.compile(r" ?(?:thu )?[0-9]$")
_PHONE_MARKS = re.compile(r"[\s.()-]+")
_PHONE = re.compile(r"(?:\+84|0084|84|0)?([0-9]{9})")

_LONGEST = 200  # characters of a cell

_ZEROS_LOST = re.compile(r"[0-9]{4}|[0-9][.,][0-9]{3}")
_SPACED = re.compile(r"[0-9]{2}[ .,_/-][0-9]{3}|[0-9](?: [0-9]){4}|[0-9]{5}")
_MARKS = re.compile(r"[ .,_/-]")
# one code among words: no digits touch it, and letters only where they are a label
_AMONG_WORDS = re.compile(
    r"(?<![0-9])(?<![0-9]["
    r" .,_/-])(?:(?<![^\W_])|(?<=tyt)|(?<=csyt)|(?<=cstc)|(?<=ma)|(?<=cs)|(?<=bv))"
    r"([0-9]{2}[.-]?[0-9]{3})(?![ .,_/-]?[0-9])(?![^\W_])"
)

_LOT = re.compile(r"[A-Z0-9-]{4,20}")
_LOT_LABEL = re.compile(
    r"(?:(?:s[ốo] )?l[ôo](?: s[ốo]| ?sx)?|lot|batch)(?: ?(?:no|number|n[º°]))?(?: ?[:.#]+ ?| )",
    re.IGNORECASE,
)
_AROUND = " .,;:#()[]"
_SPACES_AT_HYPHEN = re.compile(" ?- ?")
_BETWEEN, _NOT_BLANK = re.compile("[ ./_]+"), re.compile("[./_]+")
# joined pieces must be a maker's letters, digits and a few signs: no name with a number, no day
_JOINED = re.compile(r"[A-Z]{1,4}[0-9]{3,}[A-Z0-9]{0,4}|[0-9]{4,8}")
_WHOLE_LOT = re.compile(r"(?=.*[A-Z])(?=.*[0-9])[A-Z0-9-]{4,}|[0-9]{6,}")


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
    """Which shot it was, over all kinds: `Mũi 2`, `02`, `2.0` and `mũi thứ hai` are 2."""
    if not text:
        return Unread.MISSING
    number = looked_up(text, _number)
    return Unread.UNREADABLE if number is None else number


def _number(text: str) -> int | None:
    said = _DOSE_NUMBER.fullmatch(fold(bare_code(text)))
    if said is None:
        return None
    return int(said[1]) if said[1] else _NUMBER_WORDS.get(said[2])


def read_phone(text: str) -> str:
    """A domestic number that begins with 0 where there is one; otherwise the text as typed.

    A wrong telephone number is nobody's error.
    """
    if len(text) == 10 and text[0] == "0" and text.isascii() and text.isdigit():
        return text
    bare = bare_code(text)
    digits = _PHONE.fullmatch(_PHONE_MARKS.sub("", bare))
    return "0" + digits[1] if digits else bare


@lru_cache(maxsize=4_096)
def read_nationality(text: str) -> str | Unread:
    """The country's ISO code; an empty field means Viet Nam."""
    return (looked_up(text, country_of) or Unread.UNKNOWN) if text else "VN"


@lru_cache(maxsize=4_096)
def read_product(text: str) -> str | Unread:
    """A product's code; a name of one word that everybody knows needs no matching."""
    if not text:
        return Unread.MISSING
    code = ALIASES.get(text.lower()) if text.isascii() else None
    return code or match_product(text) or Unread.UNKNOWN


# a country's doses fall on a few hundred days: nearly every one is found here
@lru_cache(maxsize=8_192)
def read_day(text: str) -> date | Unread:
    """The day of a dose: whole and real."""
    if not text:
        return Unread.MISSING
    written = read_written(text)
    if written is None:
        return _why_not(text)
    return written.real() or Unread.IMPOSSIBLE


def read_born(text: str) -> Birth | Unread:
    """A birth date at the precision it was typed with."""
    return read_birth(text) or _why_not(text)


def _why_not(text: str) -> Unread:
    return (
        Unread.YEAR_CUT
        if is_year_cut(text)
        else Unread.UNREADABLE
        if bare_cell(text)
        else Unread.MISSING
    )


@lru_cache(maxsize=4_096)
def read_facility(text: str) -> str | Unread:
    """A facility's code: five digits, of which the first two are a province's.

    A zero that a spreadsheet dropped is put back, and a code is found among words.
    """
    if not text:
        return Unread.MISSING
    code = text if _is_number(text, 5) else _loose_facility(text)
    return code if isinstance(code, Unread) or code[:2] in PROVINCES else Unread.UNKNOWN


def _loose_facility(text: str) -> str | Unread:
    if len(text) > _LONGEST:
        return Unread.UNREADABLE
    bare = bare_code(text)
    if not bare:
        return Unread.MISSING
    if _SPACED.fullmatch(bare):
        return _MARKS.sub("", bare)
    if _ZEROS_LOST.fullmatch(bare):
        code = _MARKS.sub("", bare).zfill(5)
        # where there is no such province, a digit in the middle may be missing as well
        return code if code[:2] in PROVINCES else Unread.UNREADABLE
    codes = {_MARKS.sub("", code) for code in _AMONG_WORDS.findall(bare.casefold())}
    return codes.pop() if len(codes) == 1 else Unread.UNREADABLE


@lru_cache(maxsize=32_768)
def read_area(text: str, digits: int) -> str | Unread:
    """The code of a province (2 digits), district (3) or commune (5); empty stays empty.

    Zeros that a spreadsheet dropped are put back.
    """
    if not text:
        return ""
    code = text if _is_number(text, digits) else _loose_area(text, digits)
    if code is None:
        return Unread.UNREADABLE
    return Unread.UNKNOWN if digits == 2 and code and code not in PROVINCES else code


def _loose_area(text: str, digits: int) -> str | None:
    """Reads `79 - Hồ Chí Minh` and `Hồ Chí Minh (79)` too.

    The code comes first or in brackets, for `Quận 10` is a name.
    """
    if len(text) > _LONGEST:
        return None
    bare = bare_code(text)
    if not bare or (len(bare) <= digits and _is_number(bare, len(bare))):
        return bare and bare.zfill(digits)
    match = re.fullmatch(
        rf"([0-9]{{{digits}}})(?: ?[-:(] ?| )[^0-9]+|[^0-9]+\(([0-9]{{{digits}}})\)", bare
    )
    return (match[1] or match[2]) if match else None


def _is_number(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()


@lru_cache(maxsize=16_384)
def read_lot(text: str) -> str | Unread:
    """A lot's number in capitals: `[A-Z0-9-]{4,20}`."""
    if not text:
        return Unread.MISSING
    lot = text.upper()
    return lot if text.isascii() and _LOT.fullmatch(lot) else _loose_lot(text)


def _loose_lot(text: str) -> str | Unread:
    """Reads a lot with other signs: a dot, slash or underscore is a hyphen, a blank is nothing.

    No piece may be a lot by itself: then it is not sure which is meant.
    """
    if len(text) > _LONGEST:
        return Unread.UNREADABLE
    bare = unicodedata.normalize("NFC", bare_code(text))
    if not bare:
        return Unread.MISSING
    unlabelled = bare_code(
        _LOT_LABEL.sub("", bare, count=1) if _LOT_LABEL.match(bare) else bare
    ).strip(_AROUND)
    if not unlabelled.isascii():
        return Unread.UNREADABLE
    lot = _SPACES_AT_HYPHEN.sub("-", unlabelled.upper())
    if _LOT.fullmatch(lot):
        return lot
    pieces, joined = _BETWEEN.split(lot), _NOT_BLANK.sub("-", lot.replace(" ", ""))
    if any(map(_WHOLE_LOT.fullmatch, pieces)) or not (
        _JOINED.fullmatch(joined.replace("-", "")) and _LOT.fullmatch(joined)
    ):
        return Unread.UNREADABLE
    # digits alone in several pieces may be a day or a telephone number as well
    is_digits_apart = joined.isdigit() and len(pieces) == 2
    return joined if is_digits_apart or not joined.replace("-", "").isdigit() else Unread.UNREADABLE
