"""Measures how large a sheet is once it is parsed, while its bytes stream by.

A parser keeps the whole rectangle around a sheet's cells. A row or a cell may say where it stands
(`r="7"`, `r="B7"`; ECMA-376 part 1, 18.3.1.73 and 18.3.1.4). Otherwise it follows the one before
it. The measure is never below what the parser makes of the sheet, even of one that is odd on
purpose. For sheets as programs write them, it is too high by a row or two at most.
"""

import re
from collections.abc import Callable, Iterator
from functools import reduce
from typing import IO, NamedTuple

_BLOCK = 1 << 20
# anywhere, so that no odd tag hides one; it begins with the letter, which is searched for faster
# than the edge of a word
_PLACE = re.compile(rb"""r(?<!\wr)\s*+=\s*+["']([A-Za-z]*+)0*([0-9]++)""")
_MOST_LETTERS, _TOO_FAR = 3, 1 << 30
_SILENT = rb"""(?=[\s/>])(?!(?: [st]="\w*"){0,2} r="[A-Za-z])"""
# a cell that does not say where it stands, or says so in an unusual way
_LOOSE, _LOOSE_PREFIXED = re.compile(rb"<c" + _SILENT), re.compile(rb":c" + _SILENT)
_ROW_END = re.compile(rb"</(?:[\w.-]+:)?row(?=[\s>])")
_PLACED_ROW = re.compile(rb"""<(?:[\w.-]+:)?row r="[0-9]""")
# no comment, no section of characters, no value with an angle bracket: in these what looks like a
# tag is none
_ORDINARY = re.compile(
    rb"""(?:[^<]*+<(?:[^<>"'!?]++(?:(?:"[^"<>]*+"|'[^'<>]*+')[^<>"']*+)*+|\?[^<>?]*+\?)>)*+[^<]*+"""
)
_SHARED_END = re.compile(rb"</(?:[^\s<>:]*:)?si\s*>")
_LONG_TAG = re.compile(rb"<(?:\S*:)?(?:row|c)[\s/>]")
_ERROR = re.compile(rb"""<(?:[\w.-]+:)?c\s[^<>]*?\bt=["']e["'][^<>]*>""")
_MOST_ERRORS = 100_000

Place = tuple[int, int]
"""Row and column, each from 1."""


class Extent(NamedTuple):
    """What a member of a workbook comes to once it is parsed.

    `cells`: of its rectangle, blank ones with a format too. `longest`: bytes of the longest shared
    text. `errors`: places of cells with an error, which the parser takes for blank; the first
    100,000. `loose`: not every cell says where it stands.
    """

    cells: int
    longest: int
    errors: list[Place]
    loose: bool


def measured(opened: Callable[[], IO[bytes]]) -> Extent:
    """Measures a member, which may be read twice; ValueError for a tag of a megabyte."""
    row = column = longest = ended = at = 0
    loose = False
    errors: list[Place] = []
    with opened() as content:
        for block in _blocks(content):
            places = _PLACE.findall(block)
            column = max(column, *map(_column, {letters for letters, _ in places}), 0)
            row = max(row, *map(int, {number for _, number in places}), 0)
            loose = loose or _has_loose(block)
            for end in _SHARED_END.finditer(block):
                longest, ended = max(longest, at + end.end() - ended), at + end.end()
            if b'"e"' in block or b"'e'" in block:
                errors += _places_of_errors(block)[: _MOST_ERRORS - len(errors)]
            at += len(block)
    if loose:
        with opened() as content:
            rows, cells = _unplaced(content)
        row, column = row + rows, column + cells
    return Extent(max(column, 1) * max(row, 1), longest, errors, loose)


def _places_of_errors(block: bytes) -> list[Place]:
    tags = (tag.partition(b" r=")[2] for tag in _ERROR.findall(block))
    places = (_PLACE.match(b"r=" + place) for place in tags)
    return [(int(place[2]), _column(place[1])) for place in places if place]


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    """The member's bytes in parts that cut no tag in two."""
    buffer = b""
    while block := content.read(_BLOCK):
        seen = buffer + block
        cut = max(seen.rfind(b"<"), 0)
        if len(seen) - cut > _BLOCK:
            if _LONG_TAG.match(seen, cut):
                raise ValueError("a cell's or a row's tag of a megabyte")
            cut = len(seen)
        yield seen[:cut]
        buffer = seen[cut:]
    yield buffer


def _column(letters: bytes) -> int:
    """The number of a column: `A` is 1, `AB` is 28, nothing is 0."""
    if len(letters) > _MOST_LETTERS:
        return _TOO_FAR
    return reduce(lambda number, letter: number * 26 + letter - 64, letters.upper(), 0)


def _has_loose(block: bytes) -> bool:
    # counting is much faster than looking at each, and mostly all cells begin alike
    if block.count(b"<c") != block.count(b'<c r="') and _LOOSE.search(block):
        return True
    return b":c" in block and _LOOSE_PREFIXED.search(block) is not None


def _unplaced(content: IO[bytes]) -> tuple[int, int]:
    """The most rows that follow one with a place, and the most cells without a place in one row."""
    rows, in_row = _Run(), _Run()
    ordinary = True
    for block in _blocks(content):
        ordinary = ordinary and _ORDINARY.fullmatch(block) is not None
        for at, part in enumerate(_ROW_END.split(block)):
            if at:
                in_row.end()
                rows.add(1)
            in_row.add(len(_LOOSE.findall(part)))
            if b":c" in part:
                in_row.add(len(_LOOSE_PREFIXED.findall(part)))
            if b'row r="' in part and _PLACED_ROW.search(part):
                rows.end()
            # a row that is its own end, or one within another
            rows.add(max(part.count(b"<row") + part.count(b":row") - 1, 0))
    return (rows.most + 1, in_row.most) if ordinary else (rows.total + 1, in_row.total)


class _Run:
    """Counts all of something, and the most of it between two ends."""

    def __init__(self) -> None:
        self.total = self.most = self._now = 0

    def add(self, count: int) -> None:
        self.total += count
        self._now += count
        self.most = max(self.most, self._now)

    def end(self) -> None:
        self._now = 0
