"""Reads workbooks: spools them to disk, and measures or fences them in before they are parsed.

Their cells are read as the text that people see.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from services.chassis.errors import ServiceError
from services.records.uploads.formats import file_errors, html_reader, ods_reader, xls_reader
from services.records.uploads.formats.compression import BROKEN
from services.records.uploads.formats.file_report import FileReport
from services.records.uploads.formats.row import InputRow
from services.records.uploads.formats.sheet_cells import Sheet
from services.records.uploads.formats.sheets import Part, rows_of_sheets
from services.records.uploads.formats.xlsx_limits import MAX_CELLS, weighed
from services.records.uploads.workbooks import MAX_SHEETS
from services.records.uploads.workbooks.values import merged_of, rows_of

_AT_ONCE = 200  # rows: of blank ones no more pass before others get their turn
_MAX_IN_ALL = 4 * MAX_CELLS


def xlsx(body: AsyncIterator[bytes], report: FileReport) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of an XLSX or XLSM file."""
    return _rows(body, report, _sheets)


def foreign(body: AsyncIterator[bytes], report: FileReport) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of an XLS or XLSB file."""
    return _rows(body, report, xls_reader.parts)


def ods(body: AsyncIterator[bytes], report: FileReport) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of an OpenDocument spreadsheet."""
    return _rows(body, report, ods_reader.parts)


def html(body: AsyncIterator[bytes], report: FileReport) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of tables of an HTML page, which portals give away as XLS."""
    return rows_of_sheets(html_reader.parts(body), report)


async def _rows(
    body: AsyncIterator[bytes],
    report: FileReport,
    parts: Callable[[IO[bytes]], AsyncIterator[Part]],
) -> AsyncIterator[Iterator[InputRow]]:
    with tempfile.TemporaryFile() as file:
        async for part in body:
            file.write(part)
        file.flush()
        async for rows in rows_of_sheets(parts(file), report):
            yield rows


async def _sheets(file: IO[bytes]) -> AsyncIterator[Part]:
    try:
        file, weight = await asyncio.to_thread(weighed, file)
        file.seek(0)
        book = await asyncio.to_thread(CalamineWorkbook.from_filelike, file)
        cells = 0
        for at, about in enumerate(book.sheets_metadata[: MAX_SHEETS + 1]):
            is_sheet = about.typ == SheetTypeEnum.WorkSheet
            parsed = await asyncio.to_thread(book.get_sheet_by_index, at) if is_sheet else None
            merged = merged_of(parsed) if parsed else []
            yield Sheet(
                about.name,
                is_sheet and about.visible == SheetVisibleEnum.Visible,
                weight.is_1904,
                merged,
            )
            if parsed is None or parsed.start is None:
                continue
            cells += parsed.height * parsed.width
            if cells > _MAX_IN_ALL:
                raise file_errors.workbook_too_large()
            rows = rows_of(parsed, weight.errors.get(at, ()))
            while block := list(islice(rows, _AT_ONCE)):
                yield [row for row in block if any(row.cells)]
    except ServiceError:
        raise
    except (CalamineError, *BROKEN) as error:
        raise file_errors.xlsx_broken() from error
    except BaseException as error:
        # the parser's own alarm is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise file_errors.xlsx_broken() from error
