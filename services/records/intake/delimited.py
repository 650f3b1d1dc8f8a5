"""CSV with comma, semicolon or tab, read while it comes: quoted line breaks, and a quote left open costs its own row only."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count

from services.records.intake import faults
from services.records.intake.columns import Columns, Record, read_columns, recognised
from services.records.intake.text import decoded
from services.records.intake.typed import MAX_RECORD, Typed

_SEPARATORS = ",;\t"
# a cell of an honest file has few line breaks; a quote open for longer is one that was never closed
_MAX_LINES = 30
_MAX_CELL = 131_072  # characters that `csv` takes
_AT_ONCE = 1 << 16  # characters: of blank lines, of which none is a row, no more pass before others get their turn
_LONE_RETURN = re.compile(r"\r(?!\n)")


async def table(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[Typed]]:
    """The rows of a file, part by part."""
    held = ""
    rows: _Rows | None = None
    async for text in _pieces(decoded(body)):
        held += text
        if rows is None and (rows := _opened(held)) is None:
            continue
        # a carriage return at the very end may be half a line break
        cut = max(held.rfind("\n"), held.rfind("\r", 0, -1)) + 1
        part, held = held[:cut], held[cut:]
        yield rows.read(part)
        held = rows.open + held
        if len(held) > MAX_RECORD:
            raise faults.line_too_long()
    if rows is None:
        rows = _opened(held + "\n")
    if rows is None:
        raise faults.no_rows()
    yield rows.read(held, last=True)


async def _pieces(texts: AsyncIterator[str]) -> AsyncIterator[str]:
    async for text in texts:
        for at in range(0, len(text), _AT_ONCE):
            yield text[at : at + _AT_ONCE]


def _opened(text: str) -> "_Rows | None":
    """Finds out the separator once the header's line is whole."""
    line = text.lstrip("\r\n")
    ends = [at for at in (line.find("\n"), line.find("\r")) if at >= 0]
    if not ends:
        if len(line) > MAX_RECORD:
            raise faults.line_too_long()
        return None
    header = line[: min(ends)]
    return _Rows(max(_SEPARATORS, key=lambda separator: recognised(_cells(header, separator))))


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _is_plain(line: str) -> bool:
    """Whether a line is a record, and its cells what stands between the separators."""
    return '"' not in line and len(line) <= _MAX_CELL


class _Rows:
    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._columns: Columns | None = None
        self._numbers = count(1)
        self._begin = 0
        self.open = ""

    def read(self, part: str, *, last: bool = False) -> Iterator[Typed]:
        """The rows of whole lines, to be taken before the next part; `open` then is the record that goes on in it."""
        self.open = ""
        records = self._records(part, last)
        if self._columns is None:
            header = next((record for _, record in records if record is None or any(map(str.strip, record))), [])
            if header is None:
                raise faults.not_a_csv()
            if not header:
                return
            self._columns = read_columns(header)
        yield from self._columns.rows(records, self._numbers)

    def _records(self, part: str, last: bool) -> Iterator[Record]:
        # a carriage return ends a line only where it stands alone, which hardly any file has
        lines, ending = (list(io.StringIO(part, newline="")), "") if _LONE_RETURN.search(part) else (part.split("\n"), "\n")
        if not lines[-1]:
            lines.pop()
        begin = 0
        while begin < len(lines):
            line = lines[begin]
            if _is_plain(line):
                yield "'" in line, line.split(self._separator)
                begin += 1
                continue
            start = end = self._begin = begin
            reader = csv.reader(self._following(lines, ending), delimiter=self._separator)
            try:
                for record in reader:
                    end = start + reader.line_num
                    if end > len(lines) or (end - begin > 1 and not self._plausible(record, end - begin)):
                        break
                    yield True, record
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
            yield False, None
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
