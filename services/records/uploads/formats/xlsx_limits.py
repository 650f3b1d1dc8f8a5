"""Measures an XLSX file before it is opened, and finds what its parser does not say."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from posixpath import dirname, join, normpath
from typing import IO

from services.records.uploads.formats import file_errors, xlsx_extent
from services.records.uploads.formats.compression import opened_zip
from services.records.uploads.formats.xlsx_blanks import without_blanks
from services.records.uploads.formats.xlsx_extent import Extent, Place

MAX_UNPACKED = 200_000_000
"""Bytes of a workbook once unpacked."""
MAX_CELLS = 2_500_000
"""Of the rectangle around all cells, which is held whole at some 100 bytes a cell: 89,000 rows of
the template's 28 columns.
"""
MAX_SHARED = 500_000_000
"""Bytes, were every cell the longest of the texts that cells share: each cell gets a copy of its
own.
"""

_MAX_PART = 1 << 20
_TRUE = re.compile(rb"""<(?:[\w.-]+:)?workbookPr\s[^>]*?\bdate1904\s*=\s*["'](?:1|true|on)["']""")
_SHEET = re.compile(rb"""<(?:[\w.-]+:)?sheet\s[^>]*?[\w.-]+:id\s*=\s*["']([^"']+)["']""")
_RELATION = re.compile(rb"""<(?:[\w.-]+:)?Relationship\s[^>]*>""")
_ID, _TARGET = (
    re.compile(rb"""\bId\s*=\s*["']([^"']+)["']"""),
    re.compile(rb"""\bTarget\s*=\s*["']([^"']+)["']"""),
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the parser does not say of a workbook.

    `errors`: by the index of a sheet, the places of cells that hold an error.
    """

    is_1904: bool = False
    errors: dict[int, list[Place]] = field(default_factory=dict)


def weighed(file: IO[bytes]) -> tuple[IO[bytes], Weighed]:
    """The file to be parsed: this one, or one without cells that hold no text.

    ServiceError 413 for what unpacks to too much: by its directory and then by unpacking it, for
    the directory may lie.
    """
    with opened_zip(file) as packed:
        if sum(member.file_size for member in packed.infolist()) > MAX_UNPACKED:
            raise file_errors.xlsx_too_large(MAX_UNPACKED)
        parts = _measured(packed)
        if not _is_too_large(parts):
            return file, _weighed_parts(packed, parts)
        loose = {name for name, part in parts.items() if part.loose}
        smaller = without_blanks(packed, loose)
    with opened_zip(smaller) as packed:
        if _is_too_large(parts := _measured(packed)):
            smaller.close()
            raise file_errors.xlsx_too_far()
        return smaller, _weighed_parts(packed, parts)


def _measured(packed: zipfile.ZipFile) -> dict[str, Extent]:
    return {
        member.filename: xlsx_extent.measured(partial(packed.open, member))
        for member in packed.infolist()
    }


def _is_too_large(parts: Mapping[str, Extent]) -> bool:
    cells = max((part.cells for part in parts.values()), default=1)
    return (
        cells > MAX_CELLS
        or cells * max((part.longest for part in parts.values()), default=0) > MAX_SHARED
    )


def _weighed_parts(packed: zipfile.ZipFile, parts: Mapping[str, Extent]) -> Weighed:
    names = set(packed.namelist())
    book = next((name for name in names if name.lower().endswith("workbook.xml")), None)
    if book is None:
        return Weighed()
    text = _head(packed, book)
    sheets = _sheets(packed, book, text, names)
    if sum(packed.getinfo(sheet).file_size for sheet in sheets if sheet) > 2 * MAX_UNPACKED:
        # many sheets that are one member: each would be read again
        raise file_errors.xlsx_too_large(MAX_UNPACKED)
    errors = {
        at: parts[sheet].errors for at, sheet in enumerate(sheets) if sheet and parts[sheet].errors
    }
    return Weighed(_TRUE.search(text) is not None, errors)


def _sheets(packed: zipfile.ZipFile, book: str, text: bytes, names: set[str]) -> list[str]:
    """The member of each sheet in order; empty where there is none."""
    relations = join(dirname(book), "_rels", "workbook.xml.rels")
    targets: dict[bytes, str] = {}
    if relations in names:
        for tag in _RELATION.findall(_head(packed, relations)):
            if (name := _ID.search(tag)) and (target := _TARGET.search(tag)):
                targets[name[1]] = normpath(
                    join(dirname(book), target[1].decode("utf-8", "replace"))
                ).lstrip("/")
    members = [targets.get(name, "") for name in _SHEET.findall(text)]
    return [target if target in names else "" for target in members]


def _head(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as content:
        return content.read(_MAX_PART)
