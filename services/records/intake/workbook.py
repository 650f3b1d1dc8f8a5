"""XLSX: put down on disk, weighed before it is opened, its cells read as the text that people see."""

import asyncio
import re
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime
from functools import reduce
from itertools import count
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from services.records.intake import faults
from services.records.intake.columns import read_columns
from services.records.intake.typed import Typed

MAX_UNPACKED = 200_000_000
"""Bytes of a workbook once unpacked."""
MAX_CELLS = 2_500_000
"""Of the rectangle around all cells, which is held whole at some 100 bytes a cell: 89,000 rows of the template's 28 columns."""
MAX_SHARED = 500_000_000
"""Bytes, were every cell the longest of the texts that cells share: each cell gets a copy of its own."""

_BLOCK = 1 << 20
# where a row or a cell says it stands, and where a shared text ends; both are shorter than the overlap of two blocks
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,9})([0-9]{1,9})""")
_SHARED_END, _OVERLAP = re.compile(rb"</(?:\w{1,9}:)?si\s*>"), 64
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
        cells, longest = 1, 0
        for member in members:
            with packed.open(member) as content:
                area, shared = _measured(content)
            cells, longest = max(cells, area), max(longest, shared)
    if cells > MAX_CELLS or cells * longest > MAX_SHARED:
        raise faults.xlsx_too_large(MAX_UNPACKED)


def _measured(content: IO[bytes]) -> tuple[int, int]:
    """Cells of the rectangle that a sheet spans, and bytes of the longest shared text; BadZipFile where a length is a lie."""
    column, row, longest, at, ended, overlap = 1, 1, 0, 0, 0, b""
    while block := content.read(_BLOCK):
        seen = overlap + block
        places = _PLACE.findall(seen)
        column = max(column, *map(_column, {letters for letters, _ in places}), 1)
        row = max(row, *map(int, {number for _, number in places}), 1)
        for end in _SHARED_END.finditer(seen):
            here = at - len(overlap) + end.end()
            longest, ended = max(longest, here - ended), here
        at += len(block)
        overlap = seen[-_OVERLAP:]
    return column * row, longest


def _column(letters: bytes) -> int:
    """`A` is 1, `AB` is 28."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters.upper(), 0)


def _rows(sheet: Iterator[Sequence[object]]) -> Iterator[Typed]:
    texts = (cells for cells in ([_text(cell) for cell in row] for row in sheet) if any(cells))
    header = next(texts, None)
    if header is None:
        raise faults.no_rows()
    yield from read_columns(header).rows(((True, cells) for cells in texts), count(1))


def _text(cell: object) -> str:
    """A number without `.0`, a date as ISO; a long number in full, for it is an ID."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
