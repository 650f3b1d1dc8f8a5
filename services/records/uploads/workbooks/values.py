"""Turns the values of a parser into the text that people see."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from python_calamine import CalamineSheet

ERROR = "#N/A"
"""Stands for a formula's error of which nobody says which."""
_SPREADSHEET_KEEPS, _EXACT = 10**15, 1 << 53

Merged = tuple[int, int, int]
"""A cell that is merged downwards: the numbers of its first and last row, and its place among the
cells.
"""


class SheetRow(NamedTuple):
    """One row of a sheet: its number there, and its cells.

    `odd`: one of the cells is no value, or lost digits.
    """

    number: int
    cells: list[str]
    odd: bool = False


def row_of(number: int, values: Sequence[object], errors: Collection[int] = ()) -> SheetRow:
    """A row of the values that a parser gives.

    `errors`: places of cells that hold an error, which the parser took for blank.
    """
    if not errors:
        # of most rows every cell is text, which goes three times as fast
        try:
            return SheetRow(number, list(map(str.strip, values)))  # type: ignore[arg-type]
        except TypeError:
            pass
    texts: list[str] = []
    odd = bool(errors)
    for value in values:
        if isinstance(value, str):
            texts.append(value.strip())
            continue
        texts.append(text_of(value))
        odd = odd or (isinstance(value, float) and _is_cut(value))
    for place in errors:
        if place < len(texts) and not texts[place]:
            texts[place] = ERROR
    return SheetRow(number, texts, odd)


def text_of(value: object) -> str:
    """A value as text: a number without `.0`, a date as ISO without its time.

    A number that has lost digits is written the way spreadsheets show it.
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            if _is_cut(value):
                return f"{value:.5E}"
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _is_cut(number: float) -> bool:
    """Whether a spreadsheet put zeros for digits that it does not keep.

    A program that keeps them all writes another last digit.
    """
    size = abs(number)
    return size >= _SPREADSHEET_KEEPS and (size >= _EXACT or size % 10 == 0)


def merged_of(sheet: CalamineSheet) -> list[Merged]:
    """Cells that are merged downwards, in the order of rows, with their places in a row."""
    first = sheet.start[1] if sheet.start else 0
    ranges = sheet.merged_cell_ranges or []
    return sorted(
        (top + 1, bottom + 1, left - first)
        for (top, left), (bottom, _) in ranges
        if bottom > top and left >= first
    )


def rows_of(sheet: CalamineSheet, of_errors: Iterable[tuple[int, int]] = ()) -> Iterator[SheetRow]:
    """Every row of a sheet that is not empty, blank rows too.

    `of_errors`: rows and columns, from 1, of cells with an error.
    """
    first = sheet.start[1] if sheet.start else 0
    errors: dict[int, list[int]] = {}
    for row, column in of_errors:
        errors.setdefault(row, []).append(column - 1 - first)
    nothing: Sequence[int] = ()
    for number, values in enumerate(sheet.iter_rows(), 1):
        yield row_of(number, values, errors.get(number, nothing))
