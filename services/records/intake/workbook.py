"""XLSX: put down on disk, weighed before it is opened, its cells read as the text that people see."""

import asyncio
import re
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime
from functools import reduce
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from services.records.intake import faults
from services.records.intake.columns import read_columns
from services.records.intake.typed import Typed

MAX_UNPACKED = 150_000_000
"""Bytes of a workbook once unpacked: some 200,000 rows, which take about as much memory again while they are read."""

MAX_CELLS = 6_000_000
"""Of the rectangle around all cells, which is held whole: 200,000 rows of the template's 28 columns."""

_BLOCK = 1 << 20
_SHEETS = "xl/worksheets/"
# where a row or a cell says it stands; a place is shorter than the overlap of two blocks
_PLACE, _OVERLAP = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,9})([0-9]{1,9})"""), 64
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
_WHOLE = 10**15


async def workbook(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[Typed]]:
    """The rows of the first sheet."""
    with tempfile.TemporaryFile() as file:
        async for part in body:
            file.write(part)
        sheet = await asyncio.to_thread(_opened, file)
    yield _rows(sheet)


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
        for member in members:
            column, row, overlap = 1, 1, b""
            with packed.open(member) as content:
                # a length that is a lie shows as a wrong checksum
                while block := content.read(_BLOCK):
                    if member.filename.startswith(_SHEETS):
                        places = _PLACE.findall(overlap + block)
                        column = max(column, *(_column(letters) for letters in {letters for letters, _ in places}), 1)
                        row = max(row, *(int(number) for number in {number for _, number in places}), 1)
                        overlap = block[-_OVERLAP:]
            if column * row > MAX_CELLS:
                raise faults.xlsx_too_large(MAX_UNPACKED)


def _column(letters: bytes) -> int:
    """`A` is 1, `AB` is 28."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters.upper(), 0)


def _rows(sheet: Iterator[Sequence[object]]) -> Iterator[Typed]:
    texts = (cells for cells in ([_text(cell) for cell in row] for row in sheet) if any(cells))
    header = next(texts, None)
    if header is None:
        raise faults.no_rows()
    columns = read_columns(header)
    for number, cells in enumerate(texts, 1):
        yield columns.typed(number, cells, guards=True)


def _text(cell: object) -> str:
    """A number without `.0`, a date as ISO; a long number in full, for it is an ID."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
