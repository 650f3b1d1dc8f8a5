"""Reads the sheets of a workbook in turn, each under its header, and reports the others."""

from collections.abc import AsyncIterator, Collection, Iterator

from services.chassis.errors import ServiceError
from services.records.uploads.formats import file_errors, notices
from services.records.uploads.formats.columns import WITHIN, Columns, open_table
from services.records.uploads.formats.file_report import ROWS_OF_A_SHEET, FileReport
from services.records.uploads.formats.row import InputRow
from services.records.uploads.formats.sheet_cells import Filler, Sheet, judged, since_1904
from services.records.uploads.workbooks import MAX_SHEETS
from services.records.uploads.workbooks.values import SheetRow

_NAME = 31
_OWN = frozenset({"source_id", "dose_number", "date_given"})
"""Fields that no two doses share, however their cells are merged: one code would make them one."""
_DAYS = ("date_of_birth", "date_given")

Part = Sheet | list[SheetRow]
"""A sheet begins, or some of its rows, in order; blank ones may be left out."""


async def rows_of_sheets(
    parts: AsyncIterator[Part], report: FileReport
) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of every sheet that is read; ServiceError 422 where there is none."""
    reading = _Reading(report)
    async for part in parts:
        yield reading.begin(part) if isinstance(part, Sheet) else reading.rows(part)
    yield reading.end()


class _Reading:
    def __init__(self, report: FileReport) -> None:
        self._report = report
        self._passed: list[tuple[str, ServiceError]] = []
        self._hidden = False
        self._sheets = 0
        self._sheet = Sheet("", is_read=False)
        self._table: _Table | None = None
        self._first: list[SheetRow] = []
        self._is_passed = False
        self._count = 0

    def begin(self, sheet: Sheet) -> Iterator[InputRow]:
        """The rows that were left of the sheet before."""
        yield from self._close()
        self._sheets += 1
        if self._sheets > MAX_SHEETS:
            raise file_errors.too_many_sheets(MAX_SHEETS)
        self._sheet, self._table, self._first, self._count = sheet, None, [], 0
        self._is_passed = not sheet.is_read

    def rows(self, rows: list[SheetRow]) -> Iterator[InputRow]:
        """The sheet's rows as input rows, as soon as its header is certain."""
        if self._table is not None:
            return self._table.rows(rows)
        return self._before_header(rows)

    def end(self) -> Iterator[InputRow]:
        """The rest of the last sheet; reports the sheets that were passed over."""
        yield from self._close()
        if self._report.sheets:
            # a sheet without any header is a guide; one that has some was meant as a list
            self._report.notices += [
                notices.sheet_not_read(name, fault)
                for name, fault in self._passed
                if fault.code == "HEADERS_MISSING"
            ]
            return
        for _, fault in sorted(
            self._passed, key=lambda passed: passed[1].code != "HEADERS_MISSING"
        ):
            raise fault
        raise file_errors.all_hidden() if self._hidden else file_errors.no_rows()

    def _before_header(self, rows: list[SheetRow]) -> Iterator[InputRow]:
        self._count += len(rows)
        if self._is_passed:
            return
        self._first += rows
        if len(self._first) >= WITHIN:
            yield from self._opened()

    def _opened(self) -> Iterator[InputRow]:
        """The rows so far, where a header is among them; otherwise the sheet is passed over."""
        first, self._first = self._first, []
        report = self._report
        base, ignored = len(report.sheets) * ROWS_OF_A_SHEET, report.ignored.copy()
        try:
            opening = open_table(
                [(number, True, [*cells]) for number, cells, _ in first[:WITHIN]], report
            )
            if opening is None:
                raise file_errors.not_a_csv()
        except ServiceError as fault:
            # the sheet's name stands for all of its rows
            report.ignored.clear()
            report.ignored.update(ignored)
            self._passed.append((_shown(self._sheet.name), fault))
            self._is_passed = True
            return
        columns, after = opening
        report.sheets.append(_shown(self._sheet.name))
        self._table = _Table(columns, base, self._sheet)
        yield from self._table.rows(first[after:])

    def _close(self) -> Iterator[InputRow]:
        if self._first:
            yield from self._opened()
        if self._table is None and self._sheets:
            self._hidden = self._hidden or (self._count > 0 and not self._sheet.is_read)
            self._report.ignored[_shown(self._sheet.name)] += self._count


class _Table:
    """One sheet's rows below its header."""

    def __init__(self, columns: Columns, base: int, sheet: Sheet) -> None:
        self._columns = columns
        self._base = base
        self._sheet = sheet
        self._days = _places(columns, _DAYS) if sheet.is_1904 else frozenset()
        self._filler = Filler(sheet.merged, _places(columns, _OWN) | {columns.version})

    def rows(self, rows: list[SheetRow]) -> Iterator[InputRow]:
        base, width = self._base, self._columns.width
        for row in rows:
            if len(row.cells) < width:
                row.cells.extend([""] * (width - len(row.cells)))
        if self._sheet.merged or self._days:
            self._complete(rows)
        typed = self._columns.rows([(base + number, True, cells) for number, cells, _ in rows])
        if not any(row.odd for row in rows):
            return typed
        odd = {base + row.number for row in rows if row.odd}
        return (judged(row) if row.row in odd else row for row in typed)

    def _complete(self, rows: list[SheetRow]) -> None:
        for row in rows:
            self._filler.fill(row)
            for place in self._days:
                if place < len(row.cells):
                    row.cells[place] = since_1904(row.cells[place])


def _places(columns: Columns, fields: Collection[str]) -> frozenset[int]:
    """Where these fields may stand."""
    return frozenset(
        place for field in fields for places in columns.required.get(field, ()) for place in places
    )


def _shown(name: str) -> str:
    """A sheet's name as it may be shown: no longer than spreadsheets let it be."""
    return "".join(filter(str.isprintable, name)).strip()[:_NAME] or "?"
