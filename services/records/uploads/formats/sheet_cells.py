"""Prepares a sheet's rows: fills merged cells, reads days counted from 1904, finds broken cells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.row_error import RowError
from services.records.uploads.formats.row import InputRow
from services.records.uploads.formats.row_errors import cell_error, number_cut
from services.records.uploads.workbooks.values import ERROR, Merged, SheetRow

ERRORS = frozenset(
    {
        ERROR,
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#ERR!",
    }
)
_CUT = re.compile(r"-?[0-9](?:\.[0-9]+)?E\+[0-9]+")
_ERR = re.compile(r"Err:[0-9]{3}")

_ZERO_1904 = date(1904, 1, 1)
_SERIAL = re.compile(r"([0-9]{4,5})(?:\.[0-9]+)?")
_A_YEAR = range(1000, 3000)


@dataclass(slots=True)
class Sheet:
    """What is known of a sheet before its rows.

    `merged` may grow while rows come, in their order. `is_1904`: its dates without a format are
    counted from 1904. `is_read`: it is visible, and no chart.
    """

    name: str
    is_read: bool = True
    is_1904: bool = False
    merged: list[Merged] = field(default_factory=list)


def judged(row: InputRow) -> InputRow:
    """The row with errors for cells that hold a formula's error, or a number that was cut."""
    if row.raw is None:
        return row
    errors = tuple(_errors(row.raw))
    return row._replace(errors=(*row.errors, *errors)) if errors else row


def _errors(raw: Raw) -> Iterator[RowError]:
    for name, text in zip(FIELDS, raw, strict=True):
        if text in ERRORS or _ERR.fullmatch(text):
            yield cell_error(name)
        elif _CUT.fullmatch(text):
            yield number_cut(name)


def since_1904(text: str) -> str:
    """The day of a serial number in a workbook that counts from 1904.

    Other text stays, and so does a year.
    """
    match = _SERIAL.fullmatch(text)
    if match is None or int(match[1]) in _A_YEAR:
        return text
    return (_ZERO_1904 + timedelta(days=int(match[1]))).isoformat()


class Filler:
    """Fills merged cells downwards: a cell merged beside several doses holds for each of them."""

    def __init__(self, merged: Sequence[Merged], kept: frozenset[int]) -> None:
        self._merged = merged
        self._kept = kept
        self._at = 0
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, row: SheetRow) -> None:
        """Fills the next row; every row must come, in order.

        Blank rows stay blank, and so do the places that are kept.
        """
        number, cells, _ = row
        if not any(cells):
            return
        merged = self._merged
        if self._open:
            for place, (last, text) in list(self._open.items()):
                if number > last:
                    del self._open[place]
                elif place < len(cells) and not cells[place]:
                    cells[place] = text
        while self._at < len(merged) and merged[self._at][0] <= number:
            first, last, place = merged[self._at]
            self._at += 1
            if first == number and place not in self._kept and place < len(cells) and cells[place]:
                self._open[place] = last, cells[place]
