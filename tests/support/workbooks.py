"""Workbooks as offices keep them: several sheets, some hidden, in the forms of Excel 97, Excel 2007
and OpenDocument.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from services.records.domain.dose import Raw
from services.records.uploads.formats.columns import HEADERS

Line = Sequence[object]
State = Literal["visible", "hidden", "veryHidden"]


class Page(NamedTuple):
    """One sheet: its name, its rows, and whether people see it (`visible`, `hidden`,
    `veryHidden`).
    """

    name: str
    lines: Sequence[Line]
    state: State = "visible"


def lines_of(raws: Iterable[Raw]) -> list[Line]:
    """The header of the import file, and these rows."""
    return [list(HEADERS.values()), *([getattr(raw, field) for field in HEADERS] for raw in raws)]


def xlsx_book(*pages: Page, change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> bytes:
    """A workbook of Excel 2007; `change` is done to it before it is saved."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet: Worksheet = book.create_sheet(page.name)
        for line in page.lines:
            sheet.append(list(line))
        sheet.sheet_state = page.state
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def replaced(body: bytes, member: str, content: bytes | Callable[[bytes], bytes]) -> bytes:
    """The archive with another content of one member."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = content if isinstance(content, bytes) else content(members[member])
    return packed(members)


def ods_table(page: Page, rows: str | None = None) -> str:
    """One sheet of an OpenDocument's content; `rows`: its XML, where it is not made of the page's
    lines.
    """
    made = "".join(
        f"<table:table-row>{''.join(map(ods_cell, line))}</table:table-row>" for line in page.lines
    )
    style = "" if page.state == "visible" else ' table:style-name="hidden"'
    return (
        "<table:table"
        f" table:name={quoteattr(page.name)}{style}>{made if rows is None else rows}</table:table>"
    )


def ods_cell(value: object) -> str:
    """A cell as LibreOffice writes it."""
    if isinstance(value, float | int):
        return (
            '<table:table-cell office:value-type="float"'
            f' office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        )
    text = f"<text:p>{escape(str(value or ''))}</text:p>"
    return (
        f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
        if value
        else "<table:table-cell/>"
    )


def ods_book(*tables: str, settings: str = "") -> bytes:
    """An OpenDocument spreadsheet of these tables."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    styles = (
        '<office:automatic-styles><style:style style:name="hidden" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (
        f"<office:document-content {spaces}"
        f" {calc}>{styles}<office:body><office:spreadsheet>{settings}"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return packed(
        {"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": b"<manifest/>"}
    )


def xls_book(*pages: Page) -> bytes:
    """A workbook of Excel 97: BIFF8 records in one stream of a compound file."""
    bodies = [_biff_sheet(page.lines) for page in pages]
    bounds = [
        struct.pack("<IBBBB", 0, page.state != "visible", 0, len(page.name), 1)
        + page.name.encode("utf-16-le")
        for page in pages
    ]
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    at = len(begin) + sum(4 + len(bound) for bound in bounds) + 4
    stream = begin
    for bound, body in zip(bounds, bodies, strict=True):
        stream += _record(0x0085, struct.pack("<I", at) + bound[4:])
        at += len(body)
    return compound({"Workbook": stream + _record(0x000A) + b"".join(bodies)})


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _biff_sheet(lines: Sequence[Line]) -> bytes:
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    cells = (
        biff_cell(row, column, value)
        for row, line in enumerate(lines)
        for column, value in enumerate(line)
    )
    return begin + b"".join(cells) + _record(0x000A)


def biff_cell(row: int, column: int, value: object) -> bytes:
    """A number, or a text as a label."""
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, float | int):
        return _record(0x0203, place + struct.pack("<d", value))
    text = str(value or "")
    return (
        _record(0x0204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))
        if text
        else b""
    )


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file (MS-CFB) of one storage, each stream in sectors that follow each other."""
    size, free, end, fat_mark = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    padded = {
        name: content.ljust(max(4096, -(-len(content) // size) * size), b"\0")
        for name, content in streams.items()
    }
    entries = [_entry("Root Entry", 5, end, 0, 1)]
    fat: list[int] = []
    for number, (name, content) in enumerate(padded.items(), 1):
        follows = number + 1 if number < len(padded) else free
        entries.append(_entry(name, 2, len(fat), len(content), free, follows))
        sectors = len(content) // size
        fat += [*range(len(fat) + 1, len(fat) + sectors), end]
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * size, b"\0")
    first_of_directory = len(fat)
    sectors = len(directory) // size
    fat += [*range(len(fat) + 1, len(fat) + sectors), end]
    first_of_fat, tables = len(fat), 1
    while len(fat) + tables > tables * size // 4:
        tables += 1
    fat += [fat_mark] * tables
    table = b"".join(struct.pack("<I", entry) for entry in fat).ljust(tables * size, b"\xff")
    places = [*range(first_of_fat, first_of_fat + tables), *[free] * (109 - tables)]
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, first_of_directory, 0,
        4096, end, 0, end, 0,
    )  # fmt: skip
    return header + struct.pack("<109I", *places) + b"".join(padded.values()) + directory + table


def _entry(
    name: str, kind: int, first: int, length: int, child: int, right: int = 0xFFFFFFFF
) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    left = 0xFFFFFFFF
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, left, right, child)
        + bytes(36)
        + struct.pack("<IQ", first, length)
    )
