"""Finds out whether a spreadsheet of another language swapped day and month in a whole file."""

from collections.abc import Iterable
from datetime import date

from services.records.domain.dose import Raw
from services.records.domain.field_parsers import read_day
from services.records.domain.spreadsheet_forms import cut_date
from vietnamese.dates import read_written

_AT_LEAST = 3
_SHARE = 0.8
"""Of the dates that can tell: some may have been edited (assumed)."""


def dates_are_damaged(rows: Iterable[tuple[Raw, Raw]]) -> bool:
    """Whether nearly all dates of these rows have day and month swapped, or say nothing.

    `rows`: each as it was sent, its other forms undone (`restored`), and as it is on record. Birth
    dates alone prove nothing: swapping them is what people correct most.
    """
    turned = others = 0
    proved = False
    for row, record in rows:
        for new, old, is_given in (
            (row.date_of_birth, record.date_of_birth, False),
            (row.date_given, record.date_given, True),
        ):
            day = read_day(old)
            if not isinstance(day, date) or day.day == day.month:
                continue
            if is_turned(new, day):
                turned += 1
                proved = proved or is_given or cut_date(new) is not None
            elif new != old or day.day <= 12:
                others += 1
    return proved and turned >= _AT_LEAST and turned >= _SHARE * (turned + others)


def is_turned(text: str, day: date) -> bool:
    """Whether a text is this day with day and month swapped, its year whole or cut.

    A day past the twelfth (`25/12`) stays as it is, or becomes no day.
    """
    if (cut := cut_date(text)) is not None:
        return cut == (day.month, day.day, day.year % 100)
    written = read_written(text)
    return written is not None and written == (day.year, day.day, day.month)
