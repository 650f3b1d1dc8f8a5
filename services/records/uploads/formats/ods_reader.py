"""Reads ODS: its XML is parsed as it streams by.

A few bytes of it may say that a row or a cell is repeated a million times. Source: OpenDocument
part 3, sections 9.1 (tables), 19.675 and 19.679 (repeats), 19.384 to 19.390 (values), 6.1.3
(spaces).
"""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from typing import IO
from xml.parsers import expat

from services.records.uploads.formats import file_errors
from services.records.uploads.formats.compression import BROKEN, opened_zip
from services.records.uploads.formats.sheet_cells import Sheet
from services.records.uploads.formats.sheets import Part
from services.records.uploads.formats.xlsx_limits import MAX_CELLS, MAX_UNPACKED
from services.records.uploads.workbooks.values import ERROR, SheetRow, row_of

_PART = 1 << 15
_MAX_COLUMNS, _MAX_ROWS, _MAX_IN_ALL = 16_384, 1 << 20, MAX_CELLS
_MAX_TEXT, _MOST_REPEATS, _LONGEST_TAG = 1 << 17, 10_000, 1 << 20
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
_NOT_CELLS = frozenset(
    {
        "office:annotation",
        "table:tracked-changes",
        "table:shapes",
        "table:dde-links",
        "office:forms",
        "text:ruby-text",
    }
)
_NUMBERS = frozenset({"float", "percentage", "currency"})


async def parts(file: IO[bytes]) -> AsyncIterator[Part]:
    """The sheets of a document on disk.

    ServiceError 413 or 422 where it is too much, locked or broken.
    """
    try:
        with opened_zip(file) as archive:
            if _is_encrypted(archive):
                raise file_errors.password()
            reader = _OdsReader()
            unpacked = 0
            with archive.open("content.xml") as content:
                while part := await asyncio.to_thread(content.read, _PART):
                    unpacked += len(part)
                    if unpacked > MAX_UNPACKED:
                        raise file_errors.workbook_too_large()
                    for part_read in reader.read(part):
                        yield part_read
            for part_read in reader.read(b"", last=True):
                yield part_read
    except (expat.ExpatError, KeyError, *BROKEN) as error:
        raise file_errors.workbook_broken() from error


class _OdsReader:
    """Makes sheets and rows of the XML."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._is_1904 = False
        self._parts: list[Part] = []
        self._rows: list[SheetRow] = []
        self._sheet: Sheet | None = None
        self._number = self._repeats = self._cells_in_all = 0
        self._values: list[object] = []
        self._blanks = 0
        self._errors: list[int] = []
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._size = 0
        self._passing = self._fed = 0

    def read(self, part: bytes, *, last: bool = False) -> list[Part]:
        """The sheets and rows that these bytes complete."""
        self._parser.Parse(part, last)
        self._fed += len(part)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TAG and not last:
            # the parser looks at all of it again with every part
            raise file_errors.workbook_broken()
        self._flush()
        complete, self._parts = self._parts, []
        return complete

    def _flush(self) -> None:
        if self._rows:
            self._parts.append(self._rows)
            self._rows = []

    def _refuse(self, *_: object) -> None:
        raise ValueError("a document type has no place here")

    def _start(self, name: str, about: dict[str, str]) -> None:
        if self._passing or name in _NOT_CELLS or name.startswith("draw:"):
            self._passing += 1
        elif self._cell is not None:
            self._within_cell(name, about)
        elif name in _CELLS:
            self._cell = about | {"covered": ""} if name == "table:covered-table-cell" else about
            self._paragraphs, self._size = [], 0
        elif name == "table:table-row":
            self._repeats = _count(about, "table:number-rows-repeated")
            self._values, self._blanks, self._errors = [], 0, []
        elif name == "table:table":
            self._flush()
            is_read = about.get("table:style-name", "") not in self._hidden_styles
            self._sheet = Sheet(about.get("table:name", ""), is_read, self._is_1904)
            self._number = 0
            self._parts.append(self._sheet)
        elif name == "style:style":
            self._style = about.get("style:name", "")
        elif name == "style:table-properties" and about.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "table:null-date":
            self._is_1904 = about.get("table:date-value", "").startswith("1904")

    def _end(self, name: str) -> None:
        if self._passing:
            self._passing -= 1
        elif name in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table:table-row":
            self._end_row()

    def _within_cell(self, name: str, about: dict[str, str]) -> None:
        if name == "text:p":
            self._paragraphs.append("")
        elif name == "text:s":
            self._text(" " * min(_count(about, "text:c"), 100))
        elif name in ("text:tab", "text:line-break"):
            self._text(" ")

    def _text(self, text: str) -> None:
        if self._cell is None or self._passing or not self._paragraphs:
            return
        self._size += len(text)
        if self._size > _MAX_TEXT:
            raise file_errors.line_too_long()
        self._paragraphs[-1] += text

    def _end_cell(self, about: dict[str, str]) -> None:
        repeats = _count(about, "table:number-columns-repeated")
        value = _value(about, "\n".join(self._paragraphs))
        if value == "":
            self._blanks += repeats
            return
        place = len(self._values) + self._blanks
        if place + repeats > _MAX_COLUMNS:
            raise file_errors.workbook_too_large()
        self._values += [""] * self._blanks
        self._blanks = 0
        if value == ERROR:
            self._errors += range(place, place + repeats)
        self._values += [value] * repeats
        spanned = _count(about, "table:number-rows-spanned")
        if spanned > 1 and self._repeats == 1 and self._sheet is not None:
            self._sheet.merged.append((self._number + 1, self._number + spanned, place))

    def _end_row(self) -> None:
        first, self._number = self._number + 1, self._number + self._repeats
        if not self._values:
            return
        if self._number > _MAX_ROWS:
            raise file_errors.workbook_too_large()
        self._cells_in_all += len(self._values) * self._repeats
        if self._cells_in_all > _MAX_IN_ALL or self._repeats > _MOST_REPEATS:
            raise file_errors.workbook_too_large()
        self._rows += [
            row_of(number, self._values, self._errors) for number in range(first, self._number + 1)
        ]


def _is_encrypted(archive: zipfile.ZipFile) -> bool:
    """Whether a document has a password: then it lists how each of its files is encrypted."""
    try:
        with archive.open("META-INF/manifest.xml") as manifest:
            return b"encryption-data" in manifest.read(_PART)
    except KeyError:
        return False


def _count(about: dict[str, str], name: str) -> int:
    """How often something is repeated; ValueError for what is no number."""
    return max(int(about.get(name, "1")), 0)


def _value(about: dict[str, str], text: str) -> object:
    """A cell's value as a parser of XLSX gives it; a cell hidden by a merged one has none."""
    if "covered" in about:
        return ""
    if about.get("calcext:value-type") == "error":
        return ERROR
    kind = about.get("office:value-type", "")
    if kind in _NUMBERS:
        return float(about.get("office:value", "nan"))
    if kind == "date":
        return about.get("office:date-value", "")[:10]
    if kind == "boolean":
        return about.get("office:boolean-value") == "true"
    return (about.get("office:string-value") or text).strip()
