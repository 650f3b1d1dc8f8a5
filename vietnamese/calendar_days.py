"""Dates as certificates write them, and counting in calendar months and years."""

import calendar
from datetime import date, datetime
from functools import lru_cache

from vietnamese.dates import VIET_NAM


@lru_cache(maxsize=65_536)
def real_date(text: str) -> date | None:
    """The day that `yyyy-mm-dd` names, or None: no such day, or another of ISO 8601's spellings."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


@lru_cache(maxsize=65_536)
def first_day(text: str) -> date | None:
    """The first day that `yyyy`, `yyyy-mm` or `yyyy-mm-dd` can mean, or None; years 1900–2099, as
    the schema asks.
    """
    if not text.startswith(("19", "20")):
        return None
    return real_date(text + "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else text)


def in_viet_nam(moment: datetime) -> date:
    """The calendar day in Viet Nam at that moment."""
    return moment.astimezone(VIET_NAM).date()


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and hour so many calendar months later; the last day of the month where it has
    no such day.
    """
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
