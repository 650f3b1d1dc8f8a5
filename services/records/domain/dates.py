"""Reading dates as clinics type them: day first, with `/`, `-` or `.`, ISO, Excel's serial numbers, and for births also month
or year only.
"""

import re
from datetime import date, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from contracts.events import Precision
from services.records.domain.faults import Unread

VIET_NAM = timezone(timedelta(hours=7))

# the time of day that spreadsheets append
_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})" + _TIME)
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})" + _TIME)
_MONTH_YEAR = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4})")
_YEAR_MONTH = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})")
_YEAR = re.compile(r"[12][0-9]{3}")
_SERIAL = re.compile(r"([1-9][0-9]{4})(?:\.0+)?")
_LOOSE_SEPARATOR = re.compile(r"\s*([/.-])\s*")

# Excel counts from here, its wrong leap day of 1900 taken in; five digits are 1927 to 2173
_SERIAL_ZERO = date(1899, 12, 30)


class Birth(NamedTuple):
    """A birth date: `text` is ISO, yyyy-mm or yyyy, or the raw text of an impossible date; `first` the earliest day it can mean."""

    text: str
    precision: Precision
    first: date | None


NO_BIRTH = Birth("", "missing", None)


class _Written(NamedTuple):
    year: int
    month: int
    day: int


def _written(text: str) -> _Written | None:
    """The three numbers of a whole date, whether or not there is such a day."""
    tidy = _LOOSE_SEPARATOR.sub(r"\1", text)
    if found := _DAY_FIRST.fullmatch(tidy):
        return _Written(int(found[3]), int(found[2]), int(found[1]))
    if found := _YEAR_FIRST.fullmatch(tidy):
        return _Written(int(found[1]), int(found[2]), int(found[3]))
    if found := _SERIAL.fullmatch(tidy):
        day = _SERIAL_ZERO + timedelta(days=int(found[1]))
        return _Written(day.year, day.month, day.day)
    return None


def _real(written: _Written) -> date | None:
    try:
        return date(*written)
    except ValueError:
        return None


# a country's births fall on some 36,000 days and its doses on a few hundred: nearly every date is found here
@lru_cache(maxsize=65_536)
def read_birth(text: str) -> Birth | Unread:
    """A birth date at the precision it was typed with; one that never was (30/02/1950) is kept for people to put right."""
    if not text:
        return NO_BIRTH
    if written := _written(text):
        if not written.year >= 1:
            return Unread.UNREADABLE
        if day := _real(written):
            return Birth(day.isoformat(), "day", day)
        return Birth(text, "impossible", date(written.year, written.month if 1 <= written.month <= 12 else 1, 1))
    tidy = _LOOSE_SEPARATOR.sub(r"\1", text)
    if _YEAR.fullmatch(tidy):
        return Birth(tidy, "year", date(int(tidy), 1, 1))
    for shape, year, month in ((_MONTH_YEAR, 2, 1), (_YEAR_MONTH, 1, 2)):
        if found := shape.fullmatch(tidy):
            first = _real(_Written(int(found[year]), int(found[month]), 1))
            return Birth(first.isoformat()[:7], "month", first) if first else Unread.UNREADABLE
    return Unread.UNREADABLE


@lru_cache(maxsize=8_192)
def read_day(text: str) -> date | Unread:
    """A whole, real day."""
    if not text:
        return Unread.MISSING
    written = _written(text)
    if written is None:
        return Unread.UNREADABLE
    return _real(written) or Unread.IMPOSSIBLE


def day_typed(day: date) -> str:
    """`dd/mm/yyyy`, as files have it."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def birth_typed(text: str, precision: Precision) -> str:
    """A birth date as it would be typed, from the text and precision that `read_birth` gave."""
    if precision == "day":
        return day_typed(date.fromisoformat(text))
    return f"{text[5:7]}/{text[:4]}" if precision == "month" else text
