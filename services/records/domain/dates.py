"""The day a dose was given, and dates as they would be typed; births are `vietnamese.dates`'."""

from datetime import date, timedelta
from functools import lru_cache

from services.records.domain.row_error import Unread
from vietnamese.cells import bare_cell
from vietnamese.dates import Birth, Precision, is_year_cut, read_birth, read_written

_YEARS = frozenset(map(str, range(1900, 2100)))
_DAYS_OF_ANY_YEAR = {
    f"{day:%d/%m/}": f"{day:-%m-%d}"
    for day in (date(1999, 1, 1) + timedelta(days=n) for n in range(365))
}


# a country's doses fall on a few hundred days: nearly every one is found here
@lru_cache(maxsize=8_192)
def read_day(text: str) -> date | Unread:
    """A whole, real day."""
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


def day_typed(day: date) -> str:
    """`dd/mm/yyyy`, as files have it."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def birth_typed(text: str, precision: Precision) -> str:
    """A birth date as it would be typed, from the text and precision that `read_birth` gave."""
    if precision == "day":
        return day_typed(date.fromisoformat(text))
    return f"{text[5:7]}/{text[:4]}" if precision == "month" else text


def read_day_first(text: str) -> str | None:
    """The ISO text of a real day of these two centuries that is typed dd/mm/yyyy, as nearly all
    are; None for anything else.

    By two small tables, because births fall on more days than a cache of dates could give back
    quickly.
    """
    rest, year = _DAYS_OF_ANY_YEAR.get(text[:6]), text[6:]
    return year + rest if rest is not None and year in _YEARS else None
