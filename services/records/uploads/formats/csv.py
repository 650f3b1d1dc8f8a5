"""Reads CSV with comma, semicolon, tab or bar while it comes.

Cells may hold quoted line breaks. A quote that is left open costs its own row only.
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice

from services.records.uploads.formats import file_errors
from services.records.uploads.formats.columns import WITHIN, Columns, Record, columns_under
from services.records.uploads.formats.file_report import FileReport
from services.records.uploads.formats.header_search import (
    ENOUGH,
    SURELY,
    Heading,
    find_heading,
    names,
)
from services.records.uploads.formats.row import MAX_RECORD, InputRow
from vietnamese.charset import decoded

_SEPARATORS = (",", ";", "\t", "|")
# a line that tells spreadsheets the separator, and that they do not show
_TOLD = re.compile(
    r'[ \t]*"?sep=(?P<separator>\\t|[!#-/:-@\[-`{-~ \t])"?[ \t]*(?:\r\n|\n|\r|$)', re.IGNORECASE
)
# a cell of an honest file has few line breaks; a longer quote was never closed
_MAX_LINES = 30
_MAX_LINES_OF_A_HEADER = 150
_MAX_CELL = 131_072  # characters that `csv` takes
_LINES_FOR_A_HEADER = 2 * (WITHIN + _MAX_LINES_OF_A_HEADER)
# characters: of blank lines, of which none is a row, no more pass before others get their turn
_AT_ONCE = 1 << 16
_CELLS_OF_A_HEADER = 20  # of which some are sure to be known
_LONE_RETURN = re.compile(r"\r(?!\n)")


async def table(
    body: AsyncIterator[bytes], report: FileReport
) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of a file, part by part."""
    buffer, breaks = "", 0
    rows: _Rows | None = None
    async for text in _pieces(decoded(body)):
        buffer += text
        if rows is None:
            breaks += text.count("\n") + text.count("\r")
            # a line break may be two letters, and a record several lines: the search for the header
            # must see enough of both
            if breaks < _LINES_FOR_A_HEADER and len(buffer) <= MAX_RECORD:
                continue
            rows, buffer = _opened(buffer, report)
        # a carriage return at the very end may be half a line break
        cut = max(buffer.rfind("\n"), buffer.rfind("\r", 0, -1)) + 1
        part, buffer = buffer[:cut], buffer[cut:]
        yield rows.read(part)
        buffer = rows.open + buffer
        if len(buffer) > MAX_RECORD:
            raise file_errors.line_too_long()
    if rows is None:
        if not buffer.strip("\r\n"):
            raise file_errors.no_rows()
        rows, buffer = _opened(buffer, report)
    yield rows.read(buffer, last=True)


async def _pieces(texts: AsyncIterator[str]) -> AsyncIterator[str]:
    async for text in texts:
        for at in range(0, len(text), _AT_ONCE):
            yield text[at : at + _AT_ONCE]


def _opened(text: str, report: FileReport) -> tuple["_Rows", str]:
    """Finds the header, and the separator that makes it one; answers the text without a `sep=`
    line.
    """
    if len(text) > MAX_RECORD and "\n" not in text and "\r" not in text:
        raise file_errors.line_too_long()
    separators: tuple[str, ...] = _SEPARATORS
    if hint := _TOLD.match(text):
        separator = hint["separator"].replace("\\t", "\t")
        separators = (separator, *(other for other in _SEPARATORS if other != separator))
        text = text[hint.end() :]
    best: tuple[Heading, str, list[Record]] | None = None
    for separator in separators:
        records = list(islice(_Rows(separator).records(text, last=True), WITHIN))
        heading = find_heading([cells or () for _, _, cells in records])
        if heading is not None and (best is None or heading.known > best[0].known):
            best = heading, separator, records
            if heading.known[0] >= ENOUGH:
                break
    if best is None:
        raise file_errors.not_a_csv()
    heading, separator, records = best
    return _Rows(
        separator, columns_under(heading, records, report), records[heading.end - 1][0]
    ), text


def _is_plain(line: str) -> bool:
    """Whether a line is a record, whose cells are simply what stands between the separators."""
    return '"' not in line and len(line) <= _MAX_CELL


class _Rows:
    def __init__(self, separator: str, columns: Columns | None = None, header: int = 0) -> None:
        self._separator = separator
        self._columns = columns
        self._header = header
        self._number = 0
        self._begin = 0
        self._headers: dict[str, bool] = {}
        self.open = ""

    @property
    def _max_lines(self) -> int:
        return (
            _MAX_LINES
            if self._columns is not None and self._number >= self._header
            else _MAX_LINES_OF_A_HEADER
        )

    def read(self, part: str, *, last: bool = False) -> Iterator[InputRow]:
        """The rows of whole lines, to be taken before the next part.

        Afterwards `open` holds a record that goes on in the next part.
        """
        assert self._columns is not None
        records = self.records(part, last=last)
        if self._number < self._header:
            next(islice(records, self._header - 1, None), None)
        yield from self._columns.rows(records)

    def records(self, part: str, *, last: bool = False) -> Iterator[Record]:
        """The records of whole lines; their numbers go on from those before."""
        self.open = ""
        # a carriage return ends a line only where it stands alone; hardly any file has one
        lines, ending = (
            (list(io.StringIO(part, newline="")), "")
            if _LONE_RETURN.search(part)
            else (part.split("\n"), "\n")
        )
        if not lines[-1]:
            lines.pop()
        begin, number, separator = 0, self._number, self._separator
        while begin < len(lines):
            line = lines[begin]
            # most lines are plain (see `_is_plain`): this is the way that has to be quick
            if '"' not in line and len(line) <= _MAX_CELL:
                begin += 1
                number += 1
                yield number, "'" in line, line.split(separator)
                continue
            self._number = number
            start = end = self._begin = begin
            reader = csv.reader(self._following(lines, ending), delimiter=self._separator)
            try:
                for record in reader:
                    end = start + reader.line_num
                    if end > len(lines) or (
                        end - begin > 1 and not self._plausible(record, lines[begin:end])
                    ):
                        break
                    self._number = number = number + 1
                    yield number, True, record
                    begin = self._begin = end
                    if begin == len(lines) or _is_plain(lines[begin]):
                        break
            except csv.Error:
                end = -1
            if begin == end:
                continue
            if end > len(lines) and not last and len(lines) - begin <= self._max_lines:
                self.open = ending.join([*lines[begin:], ""])
                return
            begin += 1
            number += 1
            yield number, False, None
        self._number = number

    def _following(self, lines: Sequence[str], ending: str) -> Iterator[str]:
        """The lines from where a record begins, no more than it may have.

        Where it begins moves on while they are taken.
        """
        for at in range(self._begin, len(lines)):
            if at > self._begin + self._max_lines:
                return
            yield lines[at] + ending
        # one line more than there is: it is read alone, unless a quote is still open
        yield "end"

    def _plausible(self, record: list[str], lines: Sequence[str]) -> bool:
        """Whether a record over several lines is one.

        Otherwise a quote was left open, and swallowed the rows below it.
        """
        if len(lines) > self._max_lines:
            return False
        if self._columns is not None and self._number >= self._header:
            return len(record) == self._columns.width
        # above the header, and in it: a title that swallowed a header is none
        return names(record) >= SURELY or not any(map(self._is_header, lines))

    def _is_header(self, line: str) -> bool:
        if line not in self._headers:
            self._headers[line] = names(line.split(self._separator, _CELLS_OF_A_HEADER)) >= SURELY
        return self._headers[line]
