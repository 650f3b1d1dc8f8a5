"""XLSX: put down on disk, weighed before it is opened, its cells read as the text that people see."""

import asyncio
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from services.records.intake import extent, faults
from services.records.intake.columns import WITHIN, Record, open_table
from services.records.intake.report import FileReport
from services.records.intake.typed import Typed

MAX_UNPACKED = 200_000_000
"""Bytes of a workbook once unpacked."""
MAX_CELLS = 2_500_000
"""Of the rectangle around all cells, which is held whole at some 100 bytes a cell: 89,000 rows of the template's 28 columns."""
MAX_SHARED = 500_000_000
"""Bytes, were every cell the longest of the texts that cells share: each cell gets a copy of its own."""

_AT_ONCE = 200  # rows: of blank ones no more pass before others get their turn
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
_WHOLE = 10**15


async def workbook(body: AsyncIterator[bytes], report: FileReport) -> AsyncIterator[Iterator[Typed]]:
    """The rows of the first sheet."""
    with tempfile.TemporaryFile() as file:
        async for part in body:
            file.write(part)
        sheet = await asyncio.to_thread(_opened, file)
    records = ((number, True, list(map(_text, row))) for number, row in enumerate(sheet, 1))
    first: list[Record] = list(islice(records, WITHIN))
    if not any(any(cells or ()) for _, _, cells in first):
        raise faults.no_rows()
    if (opening := open_table(first, report)) is None:
        raise faults.not_a_csv()
    columns, after = opening
    yield columns.rows(first[after:])
    while block := list(islice(records, _AT_ONCE)):
        yield columns.rows(block)


def _opened(file: IO[bytes]) -> Iterator[Sequence[object]]:
    """Cells of the first sheet, row by row; ServiceError 413 or 422 where it cannot be opened safely."""
    try:
        _weigh(file)
        file.seek(0)
        with CalamineWorkbook.from_filelike(file) as book:
            return iter(book.get_sheet_by_index(0).iter_rows())
    except (CalamineError, *_BROKEN) as error:
        raise faults.xlsx_broken() from error


def _weigh(file: IO[bytes]) -> None:
    """ServiceError 413 for what unpacks to too much, by what the directory says and then by unpacking: the directory may lie."""
    with zipfile.ZipFile(file) as packed:
        members = packed.infolist()
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise faults.xlsx_too_large(MAX_UNPACKED)
        cells, longest = 1, 0
        for member in members:
            area, shared = extent.measured(partial(packed.open, member))
            cells, longest = max(cells, area), max(longest, shared)
    if cells > MAX_CELLS or cells * longest > MAX_SHARED:
        raise faults.xlsx_too_large(MAX_UNPACKED)


def _text(cell: object) -> str:
    """A number without `.0`, a date as ISO; a long number in full, for it is an ID."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
