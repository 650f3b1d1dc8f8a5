"""What people are found by who are asked for by name and birth date: the same name without accents
and in any order.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from unicodedata import normalize

from vietnamese.dates import Birth
from vietnamese.plain_names import plain_name


class Unlike(StrEnum):
    """How a recorded person is not written as the one who is asked for."""

    ACCENTS = "accents"
    ORDER = "order"
    NAME = "name"
    """The registry has the name that was asked for, and another one was typed."""
    DAY_MONTH_SWAPPED = "day_month_swapped"
    BIRTH_DATE = "birth_date"
    YEAR_ALONE = "year_alone"
    """One of the two birth dates is less than a day."""


def unlike(name: str, birth: str, typed_name: str, typed_birth: str) -> list[Unlike]:
    """How a typed person differs from the name and the ISO birth date that are asked for."""
    found = []
    asked, typed = (_words(text) for text in (name, typed_name))
    if plain_name(name) != plain_name(typed_name):
        found.append(Unlike.NAME)
    elif asked != typed:
        if sorted(asked) != sorted(typed):
            found.append(Unlike.ACCENTS)
        if [*map(plain_name, asked)] != [*map(plain_name, typed)]:
            found.append(Unlike.ORDER)
    if birth != typed_birth:
        if typed_birth.startswith(birth) or birth.startswith(typed_birth or "-"):
            found.append(Unlike.YEAR_ALONE)
        elif f"{birth[:4]}-{birth[8:]}-{birth[5:7]}" == typed_birth:
            found.append(Unlike.DAY_MONTH_SWAPPED)
        else:
            found.append(Unlike.BIRTH_DATE)
    return found


def _words(name: str) -> list[str]:
    return normalize("NFC", name).casefold().split()


def births_alike(birth: Birth) -> list[str]:
    """How the same birth date may be recorded, itself first.

    Day and month swapped, the year alone, or 1 January by habit. Of a month or a year known alone
    each of its days, too.
    """
    text = birth.text
    if birth.precision == "day":
        year, month, day = text.split("-")
        swapped = [f"{year}-{day}-{month}"] if int(day) <= 12 and day != month else []
        return list(dict.fromkeys([text, *swapped, text[:7], year, f"{year}-01-01"]))
    days = [day.isoformat() for day in _days_of(text)]
    return list(dict.fromkeys([text, *days, *(day[:7] for day in days), text[:4]]))


def _days_of(text: str) -> Iterator[date]:
    """The days of a year, or of a month of one."""
    day = date(int(text[:4]), int(text[5:7] or 1), 1)
    while day.isoformat().startswith(text):
        yield day
        if day == date.max:
            return
        day += timedelta(days=1)
