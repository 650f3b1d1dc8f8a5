"""Viet Nam's time, the day its programme began, and dates as clinics and citizens type them.

Typed: day first, with `/`, `-` or `.`, ISO, Excel's serial numbers, and for births also month or year only. One reader for all services,
so that what one takes no other refuses.
"""

import re
from datetime import date, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from contracts.events import Precision

VIET_NAM = timezone(timedelta(hours=7))
"""The whole country's, all the year: it knows no summer time."""
PROGRAMME_BEGAN = date(2021, 3, 8)
"""The first day of vaccination against COVID-19: no dose was given before."""

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


class Written(NamedTuple):
    """The three numbers of a whole date, whether or not there is such a day."""

    year: int
    month: int
    day: int

    def real(self) -> date | None:
        """The day, where there is one."""
        try:
            return date(*self)
        except ValueError:
            return None


def read_written(text: str) -> Written | None:
    """What a trimmed text says where it is a whole date in one of the known ways of writing."""
    tidy = _tidy(text)
    if found := _DAY_FIRST.fullmatch(tidy):
        return Written(int(found[3]), int(found[2]), int(found[1]))
    if found := _YEAR_FIRST.fullmatch(tidy):
        return Written(int(found[1]), int(found[2]), int(found[3]))
    if found := _SERIAL.fullmatch(tidy):
        day = _SERIAL_ZERO + timedelta(days=int(found[1]))
        return Written(day.year, day.month, day.day)
    return None


# a country's births fall on some 36,000 days: nearly every one is found here
@lru_cache(maxsize=65_536)
def read_birth(text: str) -> Birth | None:
    """A trimmed birth date at the precision it was typed with; one that never was (30/02/1950) is kept for people to put right."""
    if not text:
        return NO_BIRTH
    if written := read_written(text):
        if not written.year >= 1:
            return None
        if day := written.real():
            return Birth(day.isoformat(), "day", day)
        return Birth(text, "impossible", date(written.year, written.month if 1 <= written.month <= 12 else 1, 1))
    tidy = _tidy(text)
    if _YEAR.fullmatch(tidy):
        return Birth(tidy, "year", date(int(tidy), 1, 1))
    for shape, year, month in ((_MONTH_YEAR, 2, 1), (_YEAR_MONTH, 1, 2)):
        if found := shape.fullmatch(tidy):
            first = Written(int(found[year]), int(found[month]), 1).real()
            return Birth(first.isoformat()[:7], "month", first) if first else None
    return None


def _tidy(text: str) -> str:
    return _LOOSE_SEPARATOR.sub(r"\1", text)
