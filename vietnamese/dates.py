"""Viet Nam's time, the day its programme began, and dates as clinics and citizens type them.

Dates are typed day first with `/`, `-` or `.`, as ISO, or as Excel's serial numbers. A time or a
month's name may be among them (`vietnamese.written_dates`); births may be a month or year only. All
services share this reader, so that what one takes no other refuses.
"""

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal, NamedTuple

from vietnamese.cells import bare_cell
from vietnamese.written_dates import Written, coarse_date, is_year_cut, whole_date

__all__ = [
    "NO_BIRTH",
    "PROGRAMME_BEGAN",
    "VIET_NAM",
    "Birth",
    "Precision",
    "Written",
    "birth_typed",
    "day_in_viet_nam",
    "day_typed",
    "is_year_cut",
    "read_birth",
    "read_day_first",
    "read_written",
]

VIET_NAM = timezone(timedelta(hours=7))
"""The whole country's, all the year: it knows no summer time."""
PROGRAMME_BEGAN = date(2021, 3, 8)
"""The first day of vaccination against COVID-19: no dose was given before."""

Precision = Literal["day", "month", "year", "impossible", "missing"]
"""How much of a birth date is known."""

# what nearly all type
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})")

_YEARS = frozenset(map(str, range(1900, 2100)))
_DAYS_OF_ANY_YEAR = {
    f"{day:%d/%m/}": f"{day:-%m-%d}"
    for day in (date(1999, 1, 1) + timedelta(days=n) for n in range(365))
}


class Birth(NamedTuple):
    """A birth date: `text` is ISO, yyyy-mm or yyyy, or the raw text of an impossible date; `first`
    the earliest day it can mean.
    """

    text: str
    precision: Precision
    first: date | None


NO_BIRTH = Birth("", "missing", None)


def day_in_viet_nam(moment: datetime) -> date:
    """The day it is in Viet Nam at this moment, which has a time zone."""
    return moment.astimezone(VIET_NAM).date()


def read_written(text: str) -> Written | None:
    """What a trimmed text says where it is a whole date in one of the known ways of writing."""
    if plain := _DAY_FIRST.fullmatch(text):
        return Written(int(plain[3]), int(plain[2]), int(plain[1]))
    if plain := _YEAR_FIRST.fullmatch(text):
        return Written(int(plain[1]), int(plain[2]), int(plain[3]))
    return whole_date(text)


# a country's births fall on some 36,000 days: nearly every one is found here
@lru_cache(maxsize=65_536)
def read_birth(text: str) -> Birth | None:
    """A trimmed birth date at the precision it was typed with; one that never was (30/02/1950) is
    kept for people to put right.
    """
    if not text:
        return NO_BIRTH
    if written := read_written(text):
        if not written.year >= 1:
            return None
        if day := written.real():
            return Birth(day.isoformat(), "day", day)
        earliest = date(written.year, written.month if 1 <= written.month <= 12 else 1, 1)
        raw = text if _is_plain(text) else f"{written.day:02}/{written.month:02}/{written.year:04}"
        return Birth(raw, "impossible", earliest)
    if not (coarse := coarse_date(text)):
        # a cell of nothing but marks that nobody sees is empty
        return None if bare_cell(text) else NO_BIRTH
    first = Written(coarse.year, coarse.month or 1, 1).real()
    if first is None:
        return None
    return (
        Birth(first.isoformat()[:7], "month", first)
        if coarse.month
        else Birth(str(coarse.year), "year", first)
    )


def _is_plain(text: str) -> bool:
    return bool(_DAY_FIRST.fullmatch(text) or _YEAR_FIRST.fullmatch(text))


def day_typed(day: date) -> str:
    """`dd/mm/yyyy`, as files have it."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def birth_typed(text: str, precision: Precision) -> str:
    """A birth date as it would be typed, from the text and precision that `read_birth` gave."""
    if precision == "day":
        return day_typed(date.fromisoformat(text))
    return f"{text[5:7]}/{text[:4]}" if precision == "month" else text


def read_day_first(text: str) -> str | None:
    """The ISO text of a real day of 1900 to 2099 that is typed dd/mm/yyyy; otherwise None.

    It takes two small tables: births fall on more days than a cache gives back quickly.
    """
    rest, year = _DAYS_OF_ANY_YEAR.get(text[:6]), text[6:]
    return year + rest if rest is not None and year in _YEARS else None
