"""CSV with comma, semicolon or tab, read while it comes: quoted line breaks, and a quote left open costs its own row only."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice

from services.records.intake import faults
from services.records.intake.columns import HEADER_WITHIN, Columns, Record, open_table, recognised
from services.records.intake.report import FileReport
from services.records.intake.text import decoded
from services.records.intake.typed import MAX_RECORD, Typed

_SEPARATORS = ",;\t"
# a cell of an honest file has few line breaks; a quote open for longer is one that was never closed
_MAX_LINES = 30
_MAX_CELL = 131_072  # characters that `csv` takes
_AT_ONCE = 1 << 16  # characters: of blank lines, of which none is a row, no more pass before others get their turn
_LONE_RETURN = re.compile(r"\r(?!\n)")


async def table(body: AsyncIterator[bytes], report: FileReport) -> AsyncIterator[Iterator[Typed]]:
    """The rows of a file, part by part."""
    held, lines = "", 0
    rows: _Rows | None = None
    async for text in _pieces(decoded(body)):
        held += text
        if rows is None:
            lines += text.count("\n") + text.count("\r")
            # with two marks for each line break, and one line more whose end may not be there yet
            if lines < 2 * HEADER_WITHIN + 2 and len(held) <= MAX_RECORD:
                continue
            rows = _opened(held, report)
        # a carriage return at the very end may be half a line break
        cut = max(held.rfind("\n"), held.rfind("\r", 0, -1)) + 1
        part, held = held[:cut], held[cut:]
        yield rows.read(part)
        held = rows.open + held
        if len(held) > MAX_RECORD:
            raise faults.line_too_long()
    if rows is None:
        if not held.strip("\r\n"):
            raise faults.no_rows()
        rows = _opened(held, report)
    yield rows.read(held, last=True)


async def _pieces(texts: AsyncIterator[str]) -> AsyncIterator[str]:
    async for text in texts:
        for at in range(0, len(text), _AT_ONCE):
            yield text[at : at + _AT_ONCE]


def _opened(text: str, report: FileReport) -> "_Rows":
    """Finds the header, and the separator by which it is one."""
    if len(text) > MAX_RECORD and "\n" not in text and "\r" not in text:
        raise faults.line_too_long()
    first = {separator: list(islice(_Rows(separator).records(text, last=True), HEADER_WITHIN)) for separator in _SEPARATORS}
    best = max(first, key=lambda separator: max(recognised(cells or ()) for _, _, cells in first[separator]))
    if (opening := open_table(first[best], report)) is None:
        raise faults.not_a_csv()
    columns, after = opening
    return _Rows(best, columns, first[best][after - 1][0])


def _is_plain(line: str) -> bool:
    """Whether a line is a record, and its cells what stands between the separators."""
    return '"' not in line and len(line) <= _MAX_CELL


class _Rows:
    def __init__(self, separator: str, columns: Columns | None = None, header: int = 0) -> None:
        self._separator = separator
        self._columns = columns
        self._header = header
        self._number = 0
        self._begin = 0
        self.open = ""

    def read(self, part: str, *, last: bool = False) -> Iterator[Typed]:
        """The rows of whole lines, to be taken before the next part; `open` then is the record that goes on in it."""
        assert self._columns is not None
        records = self.records(part, last=last)
        if self._number < self._header:
            next(islice(records, self._header - 1, None), None)
        yield from self._columns.rows(records)

    def records(self, part: str, *, last: bool = False) -> Iterator[Record]:
        """The records of whole lines, numbered on from those before."""
        self.open = ""
        # a carriage return ends a line only where it stands alone, which hardly any file has
        lines, ending = (list(io.StringIO(part, newline="")), "") if _LONE_RETURN.search(part) else (part.split("\n"), "\n")
        if not lines[-1]:
            lines.pop()
        begin = 0
        while begin < len(lines):
            line = lines[begin]
            if _is_plain(line):
                self._number += 1
                yield self._number, "'" in line, line.split(self._separator)
                begin += 1
                continue
            start = end = self._begin = begin
            reader = csv.reader(self._following(lines, ending), delimiter=self._separator)
            try:
                for record in reader:
                    end = start + reader.line_num
                    if end > len(lines) or (end - begin > 1 and not self._plausible(record, end - begin)):
                        break
                    self._number += 1
                    yield self._number, True, record
                    begin = self._begin = end
                    if begin == len(lines) or _is_plain(lines[begin]):
                        break
            except csv.Error:
                end = -1
            if begin == end:
                continue
            if end > len(lines) and not last and len(lines) - begin <= _MAX_LINES:
                self.open = ending.join([*lines[begin:], ""])
                return
            self._number += 1
            yield self._number, False, None
            begin += 1

    def _following(self, lines: Sequence[str], ending: str) -> Iterator[str]:
        """The lines from where a record begins, no more than it may have; where it begins moves on while they are taken."""
        for at in range(self._begin, len(lines)):
            if at > self._begin + _MAX_LINES:
                return
            yield lines[at] + ending
        # one line more than there is: it is read alone, unless a quote is still open
        yield "end"

    def _plausible(self, record: list[str], lines: int) -> bool:
        """Whether a record over several lines is one, and not a quote left open that swallowed the rows below it."""
        return lines <= _MAX_LINES and (self._columns is None or len(record) == self._columns.width)
