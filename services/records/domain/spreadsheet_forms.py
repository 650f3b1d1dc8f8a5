"""Recognises what a spreadsheet makes of a cell: zeros lost, a number, a date or a time.

Only forms that a program makes count as the same. A zero that somebody put in front is a
correction.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import permutations

from services.records.domain.dose import FIELDS, Raw
from vietnamese.dates import read_birth

DATES = frozenset({"date_of_birth", "date_given"})
CODES = frozenset(
    {
        "source_id",
        "personal_id",
        "passport_number",
        "phone",
        "lot",
        "province_code",
        "district_code",
        "commune_code",
        "facility_code",
    }
)
"""Fields of signs that mean themselves, which a spreadsheet takes for numbers, dates or times."""

_LONGEST = 64
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?(?:E[+-]?[0-9]{1,5})?", re.IGNORECASE)
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_SHOWN = re.compile(
    r"-?(?:0|[1-9][0-9]*)(?:[.,](?P<rest>[0-9]+))?(?:E(?P<power>[+-]?[0-9]{1,5}))?", re.IGNORECASE
)
_LARGEST = Decimal("1.797693134862315708e308")
_KEPT = 15  # digits of a number that spreadsheets keep
_PARTS = re.compile(
    r"([0-9]{1,4}|[A-Z]{3,9})[ ./-]([0-9]{1,4}|[A-Z]{3,9})(?:[ ./-]([0-9]{1,4}))?", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(
    r"([0-9]{1,3}):([0-9]{1,2})(?::([0-9]{1,2}))?(?: (AM|PM|SA|CH|sáng|chiều))?", re.IGNORECASE
)
_AFTERNOON = frozenset({"pm", "ch", "chiều"})
_CUT_YEAR = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{2})")


def restored(row: Raw, record: Raw) -> Raw:
    """The row with the record's cells where a cell is only another form of them."""
    if row == record:
        return row
    return Raw._make(
        old if new != old and is_form_of(field, new, old) else new
        for field, new, old in zip(FIELDS, row, record, strict=True)
    )


def is_form_of(field: str, new: str, old: str) -> bool:
    """Whether a cell may be what a spreadsheet made of the text `old` of this field.

    The reverse never counts.
    """
    if not new or not old or max(len(new), len(old)) > _LONGEST:
        return False
    if field in DATES:
        return _is_form_of_date(new, old)
    return field in CODES and is_form_of_code(new, old)


def is_form_of_code(new: str, old: str) -> bool:
    """Whether `new` may be the code `old` read as a number, a date or a time, and shown as one."""
    return _is_number_of(new, old) or _is_date_of(new, old) or _is_time_of(new, old)


def cut_date(text: str) -> tuple[int, int, int] | None:
    """The numbers of a date whose year was cut to two digits; None for any other text."""
    match = _CUT_YEAR.fullmatch(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _is_form_of_date(new: str, old: str) -> bool:
    then = read_birth(old)
    if then is None or then.first is None or then.precision == "impossible":
        return False
    if (cut := cut_date(new)) is not None:
        return then.precision == "day" and cut == (
            then.first.day,
            then.first.month,
            then.first.year % 100,
        )
    now = read_birth(new)
    if now is None or now.first is None:
        return False
    # a spreadsheet knows no months: it takes the first day
    return now.first == then.first and now.precision == "day" and then.precision in ("day", "month")


def _is_number_of(new: str, old: str) -> bool:
    shown = _SHOWN.fullmatch(new)
    if shown is None or new == old:
        return False
    return any(_rounds(value, shown, was) for was in _values(old) for value in _values(new))


def _values(text: str) -> Iterator[Decimal]:
    """The numbers a text may mean: in Viet Nam a comma begins the decimals, elsewhere a point."""
    if _NUMBER.fullmatch(text):
        yield Decimal(text.replace(",", "."))
    if _GROUPED.fullmatch(text):
        yield Decimal(text.replace(",", "").replace(".", ""))


def _rounds(value: Decimal, shown: re.Match[str], was: Decimal) -> bool:
    """Whether the number may be shown so; the last digit that is shown may be rounded."""
    # compared as a spreadsheet's numbers: one that is too small becomes zero
    if float(value) == float(was):
        return True
    if was >= _LARGEST:
        return value > _LARGEST * Decimal("0.9999")
    if shown["power"] is not None:
        unit = Decimal(1).scaleb(int(shown["power"]) - len(shown["rest"] or ""))
    elif shown["rest"] is None and value.adjusted() >= _KEPT:
        unit = Decimal(1).scaleb(value.adjusted() - _KEPT + 1)
    else:
        return False
    # who writes a number of a few digits with a power means it
    return abs(value - was) * 2 <= unit and was.adjusted() >= len(shown["rest"] or "")


def _is_date_of(new: str, old: str) -> bool:
    """`1-2-3` is shown as 03/01/2002 or 2001-02-03, `MAR-21` as a day of this year."""
    was = set(_days(old))
    return (
        bool(was)
        and new != old
        and any(day in was or (0, *day[1:]) in was for day in _days(new) if day[0])
    )


def _days(text: str) -> Iterator[tuple[int, int, int]]:
    """Every (year, month, day) that a text may mean; year 0 where it says none."""
    match = _PARTS.fullmatch(text)
    if match is None:
        return
    parts = [_part(part) for part in match.groups() if part]
    whole = len(parts) == 3
    # of two numbers one may be the year: then it is the first of that month
    orders = (
        permutations(parts)
        if whole
        else [(0, *parts), (0, *reversed(parts)), (*parts, 1), (*reversed(parts), 1)]
    )
    for year, month, day in orders:
        for full in (
            (year,) if year > 99 or (year == 0 and not whole) else (1900 + year, 2000 + year)
        ):
            try:
                date(full or 2000, month, day)
            except ValueError:
                continue
            yield full, month, day


def _part(text: str) -> int:
    if text.isdigit():
        return int(text)
    name = text[:3].casefold()
    return _MONTHS.index(name) + 1 if name in _MONTHS else -1


def _is_time_of(new: str, old: str) -> bool:
    now, was = _TIME.fullmatch(new), _TIME.fullmatch(old)
    return now is not None and was is not None and _moment(now) == _moment(was)


def _moment(time: re.Match[str]) -> tuple[int, int, int]:
    hour, half = int(time[1]), (time[4] or "").casefold()
    if half:
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    return hour, int(time[2]), int(time[3] or 0)
