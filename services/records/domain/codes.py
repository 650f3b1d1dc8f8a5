"""Codes as clinics and their spreadsheets write them: of facilities, areas and lots. The plain form
costs one look; the rest is read here.

What is read is the one form that goes into the content, so that the same row in another form is no
change.
"""

import re
import unicodedata
from functools import lru_cache

from services.records.domain.row_error import Unread
from vietnamese.cells import bare_code
from vietnamese.provinces import PROVINCES

_LONGEST = 200  # characters of a cell

_ZEROS_LOST = re.compile(r"[0-9]{4}|[0-9][.,][0-9]{3}")
_SPACED = re.compile(r"[0-9]{2}[ .,_/-][0-9]{3}|[0-9](?: [0-9]){4}|[0-9]{5}")
_MARKS = re.compile(r"[ .,_/-]")
# one code among words: glued to no other digits, and to letters only behind a label
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
# where pieces are joined: a maker's letters, digits, and a few signs behind; no name with a number,
# and no day
_JOINED = re.compile(r"[A-Z]{1,4}[0-9]{3,}[A-Z0-9]{0,4}|[0-9]{4,8}")
_WHOLE_LOT = re.compile(r"(?=.*[A-Z])(?=.*[0-9])[A-Z0-9-]{4,}|[0-9]{6,}")


@lru_cache(maxsize=4_096)
def read_facility(text: str) -> str | Unread:
    """A facility's code: five digits, the first two a province's; with the zero that a
    spreadsheet dropped, or among words.
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
        # of a province that there is not, a digit in the middle may be missing as well
        return code if code[:2] in PROVINCES else Unread.UNREADABLE
    codes = {_MARKS.sub("", code) for code in _AMONG_WORDS.findall(bare.casefold())}
    return codes.pop() if len(codes) == 1 else Unread.UNREADABLE


@lru_cache(maxsize=32_768)
def read_area(text: str, digits: int) -> str | Unread:
    """The code of a province (2 digits), district (3) or commune (5), with the zeros that a
    spreadsheet dropped; empty stays empty.
    """
    if not text:
        return ""
    code = text if _is_number(text, digits) else _loose_area(text, digits)
    if code is None:
        return Unread.UNREADABLE
    return Unread.UNKNOWN if digits == 2 and code and code not in PROVINCES else code


def _loose_area(text: str, digits: int) -> str | None:
    """`79 - Hồ Chí Minh` and `Hồ Chí Minh (79)` too: the code first or in brackets, for `Quận
    10` is a name.
    """
    if len(text) > _LONGEST:
        return None
    bare = bare_code(text)
    if not bare or (len(bare) <= digits and _is_number(bare, len(bare))):
        return bare and bare.zfill(digits)
    found = re.fullmatch(
        rf"([0-9]{{{digits}}})(?: ?[-:(] ?| )[^0-9]+|[^0-9]+\(([0-9]{{{digits}}})\)", bare
    )
    return (found[1] or found[2]) if found else None


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
    """A dot, slash or underscore is a hyphen and a blank is none, where no piece is a lot by
    itself: then it is not sure which is meant.
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
