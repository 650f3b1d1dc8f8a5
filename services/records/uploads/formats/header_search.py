"""Finds a table's header among its first rows.

Titles may stand above it, and it may have several rows, under names of groups.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.records.uploads.formats.column_groups import is_of_others, names_over
from services.records.uploads.formats.dose_columns import HEADERS, OPTIONAL
from services.records.uploads.formats.header_spellings import (
    DAY,
    FEMALE,
    MALE_OR_YEAR,
    MONTH,
    HeaderMeaning,
)
from services.records.uploads.formats.headers import meaning_of

WITHIN = 50
"""Rows from the first of a table in which its header is looked for."""
MOST_CELLS = 300
"""Cells of a row that are looked at for it."""
MOST_NAMES = 2_000
"""Different texts that are looked up for it."""
DEEPEST = 3
"""Rows of one header."""
SURELY = 3
"""With fewer known names a row may be a person's data and not a header: it is not shown."""

PARTS = frozenset({DAY, MONTH, MALE_OR_YEAR, FEMALE})
_OF_PARTS = frozenset({"date_of_birth", "date_given", "sex"})
ENOUGH = len(HEADERS.keys() - OPTIONAL)
"""Things that a header names which lacks none."""
_FEWEST = 2
_LETTER = re.compile(r"[^\W\d_]")
_ALNUM, _DIGIT = re.compile(r"[^\W_]"), re.compile(r"\d")
_COLUMN_NUMBER = re.compile(r"[(\[]?(\d{1,3}|[A-Za-z])[)\]]?(?:\s*=.*)?")


class Column(NamedTuple):
    """One column by its header: its text, what it holds, and the field of which it holds a part
    only.
    """

    text: str
    meaning: HeaderMeaning | None
    part_of: str = ""


class Heading(NamedTuple):
    """A header: its rows, from `begin` to before `end`, and its `width`.

    It has its first `MOST_CELLS` columns only.
    """

    columns: tuple[Column, ...]
    begin: int
    end: int
    width: int = 0
    is_spoken: bool = False
    """Whether the cells of its first and last rows are words, and no row has one alone."""

    @property
    def named(self) -> int:
        """How many of its columns have a name."""
        return sum(bool(column.text) for column in self.columns)

    @property
    def known(self) -> tuple[int, int]:
        """How many fields it names, and how many of its columns are known."""
        named = [column for column in self.columns if column.meaning]
        return len({_named(column) for column in named} - PARTS), len(named)


def _named(column: Column) -> str:
    return column.part_of or (column.meaning.field if column.meaning else "")


def names(cells: Sequence[str]) -> int:
    """How many known fields a row names by itself."""
    return Heading(
        tuple(Column(cell, meaning_of(cell.strip())) for cell in cells[:MOST_CELLS]), 0, 1
    ).known[0]


def is_numbering(cells: Sequence[str]) -> bool:
    """Whether a row numbers the columns: `(1), (2), (3), …`, or `A, B, 1, 2, …`, as forms do."""
    marks: list[str] = []
    for cell in cells[:MOST_CELLS]:
        if text := cell.strip():
            if not (mark := _COLUMN_NUMBER.fullmatch(text)):
                return False
            marks.append(mark[1])
    numbers = [int(mark) for mark in marks if mark.isdigit()]
    letters = [mark for mark in marks if not mark.isdigit()]
    return (
        len(marks) >= SURELY
        and len(numbers) >= 2
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and letters == sorted(set(letters))
    )


def find_heading(rows: Sequence[Sequence[str]]) -> Heading | None:
    """The best header among the first rows of a table; None where none surely is a header."""
    search = _HeaderSearch([[cell.strip() for cell in row[:MOST_CELLS]] for row in rows[:WITHIN]])
    best: Heading | None = None
    for bottom in range(len(search.rows)):
        for heading in search.ending(bottom):
            if heading.known[0] >= SURELY and (best is None or _is_better(heading, best)):
                best = heading
        # one that has everything may have a row more of names below it
        if best is not None and best.known[0] >= ENOUGH and bottom > best.end:
            break
    if best is None:
        return None
    numbered = best.end < len(rows) and is_numbering(rows[best.end])
    width = max(len(row) for row in rows[best.begin : best.end])
    return best._replace(width=width, end=best.end + numbered)


def _is_better(heading: Heading, best: Heading) -> bool:
    """Whether a header knows more, or as much and has a row that belongs to it.

    Such a row below says the same again: hints, or another language. Such a row above names columns
    that the row below it does not.
    """
    if heading.begin >= best.end:
        return heading.known[0] > best.known[0]
    if heading.known == best.known and heading.is_spoken:
        return heading.begin == best.begin if heading.end > best.end else heading.named > best.named
    return heading.known > best.known


class _HeaderSearch:
    """The first rows of one table, with a cache for as long as they are searched."""

    def __init__(self, rows: list[list[str]]) -> None:
        self.rows = rows
        self._meanings: dict[str, HeaderMeaning | None] = {}

    def ending(self, bottom: int) -> Iterator[Heading]:
        """Headers of which this row is the last, those of fewer rows first."""
        lowest = self.rows[bottom]
        filled = [cell for cell in lowest if cell]
        if len(filled) < _FEWEST:
            return
        yield Heading(self._unmixed(bottom), bottom, bottom + 1)
        if _has_numbers(lowest):
            return
        for top in range(bottom - 1, max(bottom - DEEPEST, -1), -1):
            if not any(self.rows[top]):
                return
            columns = self._columns(self.rows[top:bottom], lowest)
            first = [cell for cell in self.rows[top] if cell]
            is_spoken = len(first) >= _FEWEST and all(map(_LETTER.search, [*first, *filled]))
            yield Heading(columns, top, bottom + 1, is_spoken=is_spoken)

    def _unmixed(self, bottom: int) -> tuple[Column, ...]:
        """A row's columns, without those that the row above gives to another person or dose."""
        lowest = self.rows[bottom]
        above = names_over(self.rows[bottom - 1], lowest) if bottom else [""] * len(lowest)
        return tuple(
            Column(text, None if is_of_others(group) else self._meaning(text))
            for text, group in zip(lowest, above, strict=True)
        )

    def _columns(self, above: Sequence[Sequence[str]], lowest: Sequence[str]) -> tuple[Column, ...]:
        """The columns of a header whose last row is `lowest`."""
        width = max(map(len, [*above, lowest]))
        texts, groups = [*lowest, *[""] * (width - len(lowest))], [""] * width
        foreign = [False] * width
        for row in reversed(above):
            own = [*row, *[""] * (width - len(row))]
            for at, name in enumerate(names_over(own, texts)):
                # a cell that is merged over several rows is its column's own name, in whichever of
                # them it stands
                if name and name != texts[at]:
                    groups[at] = f"{name} {groups[at]}".strip()
                    foreign[at] = foreign[at] or is_of_others(name)
                texts[at] = texts[at] or own[at]
        return tuple(map(self._column, texts, groups, foreign))

    def _column(self, text: str, group: str, foreign: bool) -> Column:
        own = self._meaning(text)
        if not group:
            return Column(text, own)
        shown = f"{group}: {text}"
        if foreign:
            return Column(shown, None)
        if own is not None and own.field in PARTS:
            over = self._meaning(group)
            return Column(
                shown, own, over.field if over is not None and over.field in _OF_PARTS else ""
            )
        whole = self._meaning(f"{group} {text}")
        return Column(
            shown, whole if own is None or (whole is not None and whole.field == own.field) else own
        )

    def _meaning(self, text: str) -> HeaderMeaning | None:
        if text not in self._meanings and len(self._meanings) < MOST_NAMES:
            self._meanings[text] = meaning_of(text)
        return self._meanings.get(text)


def _has_numbers(cells: Sequence[str]) -> bool:
    """Whether a cell is mostly digits; no name below a group's is."""
    return any(
        2 * len(_DIGIT.findall(cell)) >= len(_ALNUM.findall(cell))
        for cell in cells
        if _DIGIT.search(cell)
    )
