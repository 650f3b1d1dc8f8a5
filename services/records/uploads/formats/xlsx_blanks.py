"""Writes an XLSX file again without the cells that hold no text.

A blank in the last row of a sheet makes it a million rows high. Nothing is trusted here: what comes
out is measured again before it is parsed.
"""

import re
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from typing import IO

_BLOCK = 1 << 20
_LONGEST_ROW = 1 << 23
_SPACE = rb"(?:\s|\xc2\xa0|&#(?:160|xA0|32|x20|9|x9|10|xA|13|xD);)*+"
_TAG = rb"""<c(?: [a-z]+="[^"<>]*")++ ?"""
_FORMULA = rb"(?:<f[^<>]*+(?<!/)>[^<>]*+</f>|<f[^<>]*+/>)?"
# a format alone, a formula that gives an empty text, or white space
_BLANK = re.compile(
    _TAG + rb"(?:/>|>" + _FORMULA + rb"(?:<v>" + _SPACE + rb"</v>|<v ?/>|"
    rb"<is>\s*+<t(?: [^<>]*)?(?:/>|>" + _SPACE + rb"</t>)\s*+</is>)?</c>)"
)  # fmt: skip
_SHARED = re.compile(_TAG + rb">" + _FORMULA + rb"<v>([0-9]{1,9})</v></c>")
_IS_SHARED = b' t="s"'
_EMPTY_ROW = re.compile(rb"<row(?: [^<>]*)?(?:/>|(?<!/)>\s*+</row>)")
_ITEM = re.compile(rb"<si(?:/>|>([^<]*(?:<(?!/?si[\s/>])[^<]*)*)</si>)")
_BLANK_ITEM = re.compile(rb"\s*+(?:<t(?: [^<>]*)?(?:/>|>" + _SPACE + rb"</t>)\s*+)?")


def without_blanks(packed: zipfile.ZipFile, whole: Collection[str]) -> IO[bytes]:
    """The same workbook on disk, without the cells that hold no text.

    Members named in `whole` stay as they are, for their cells follow each other.
    """
    into = tempfile.TemporaryFile()  # handed on open  # noqa: SIM115
    blank = _blank_items(packed)
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as smaller:
        for member in packed.infolist():
            if not member.filename.lower().endswith((".xml", ".rels")):
                continue
            with packed.open(member) as content, smaller.open(member.filename, "w") as copy:
                if member.filename in whole:
                    while part := content.read(_BLOCK):
                        copy.write(part)
                    continue
                for rows in _rows(content):
                    copy.write(_valued(rows, blank))
    return into


def _valued(rows: bytes, blank: Collection[int]) -> bytes:
    rows = _BLANK.sub(b"", rows)
    if blank:
        rows = _SHARED.sub(
            lambda cell: b"" if _IS_SHARED in cell[0] and int(cell[1]) in blank else cell[0], rows
        )
    return _EMPTY_ROW.sub(b"", rows)


def _rows(content: IO[bytes]) -> Iterator[bytes]:
    """A member's bytes in parts that cut no row in two, unless it is a very long one."""
    buffer = b""
    while part := content.read(_BLOCK):
        seen = buffer + part
        cut = seen.rfind(b"</row>") + len(b"</row>")
        if cut < len(b"</row>"):
            cut = len(seen) if len(seen) > _LONGEST_ROW else 0
        yield seen[:cut]
        buffer = seen[cut:]
    yield buffer


def _blank_items(packed: zipfile.ZipFile) -> frozenset[int]:
    """Which of the shared texts are blank."""
    name = next(
        (name for name in packed.namelist() if name.lower().endswith("sharedstrings.xml")), None
    )
    if name is None:
        return frozenset()
    blank: set[int] = set()
    number, buffer = 0, b""
    with packed.open(name) as content:
        while part := content.read(_BLOCK):
            seen = buffer + part
            at = 0
            for item in _ITEM.finditer(seen):
                if item[1] is None or _BLANK_ITEM.fullmatch(item[1]):
                    blank.add(number)
                number, at = number + 1, item.end()
            buffer = seen[at:]
            if len(buffer) > _LONGEST_ROW:
                break
    return frozenset(blank)
