"""Writes rows back as a workbook of one sheet, every cell a text.

So no zero is lost, and no date is changed, when it is edited.
"""

import re
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from services.records.uploads.formats.csv_writer import COLUMNS, ExportRow, cells
from services.records.uploads.formats.xlsx_limits import MAX_CELLS

MAX_ROWS = MAX_CELLS // (len(COLUMNS) + 8)
"""Rows that can be posted again as a workbook, with some columns added."""

_PART = 1 << 18
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# number format 49 is "text": what is typed into such a column stays as typed
_MEMBERS = {
    "[Content_Types].xml": (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override'
        f' PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/><Override'
        f' PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/><Override'
        f' PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Mũi tiêm" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills'
        ' count="1"><fill><patternFill patternType="none"/></fill></fills><borders'
        ' count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs'
        ' count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs><cellStyles'
        ' count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_OPEN = (
    f'{_HEAD}<worksheet xmlns="{_MAIN}"><cols><col min="1" max="{len(COLUMNS)}" width="18"'
    ' style="1" customWidth="1"/></cols><sheetData>'
)
_CLOSE = "</sheetData></worksheet>"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


async def workbook_file(chunks: AsyncIterator[Sequence[ExportRow]]) -> AsyncIterator[bytes]:
    """The bytes of the workbook; it is made on disk, so memory stays flat."""
    with tempfile.TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as packed:
            for name, text in _MEMBERS.items():
                packed.writestr(name, text)
            with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
                _write(sheet, [_OPEN, _row(COLUMNS)])
                async for chunk in chunks:
                    _write(sheet, (_row(cells(row)) for row in chunk))
                _write(sheet, [_CLOSE])
        file.seek(0)
        while part := file.read(_PART):
            yield part


def _write(sheet: IO[bytes], texts: Iterable[str]) -> None:
    sheet.write("".join(texts).encode())


def _row(texts: Iterable[str]) -> str:
    return f"<row>{''.join(map(_cell, texts))}</row>"


def _cell(text: str) -> str:
    # an empty cell keeps its place, for cells stand without their names
    content = f"<is><t>{escape(_NOT_XML.sub(chr(0xFFFD), text))}</t></is>"
    return f'<c t="inlineStr" s="1">{content}</c>' if text else '<c s="1"/>'
