"""Reads tables of an HTML page, which many portals give away under the name of an XLS file."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser

from services.records.uploads.formats import file_errors
from services.records.uploads.formats.row import MAX_RECORD
from services.records.uploads.formats.sheet_cells import Sheet
from services.records.uploads.formats.sheets import Part
from services.records.uploads.workbooks.values import SheetRow
from vietnamese.charset import decoded

_LONGEST_TAG = 1 << 14
_AT_ONCE = 1 << 14
_MAX_SPAN = 1_000
_SILENT = frozenset({"script", "style", "title"})


async def parts(body: AsyncIterator[bytes]) -> AsyncIterator[Part]:
    """Every table of the page as a sheet; ServiceError 422 for a tag or a row without an end."""
    page = _HtmlPage()
    async for text in decoded(body):
        for at in range(0, len(text), _AT_ONCE):
            for part in page.read(text[at : at + _AT_ONCE]):
                yield part
    for part in page.rest():
        yield part


class _HtmlPage(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[Part] = []
        self._rows: list[SheetRow] = []
        self._sheet = Sheet("")
        self._tables = self._depth = self._number = 0
        self._cells: list[str] | None = None
        self._spans: dict[int, int] = {}
        """By place: how many rows more a cell of a row above covers."""
        self._text: list[str] | None = None
        self._across = 1
        self._down = 1
        self._size = 0
        self._silent = ""

    def read(self, text: str) -> list[Part]:
        """The rows that this text completes."""
        self.feed(text)
        if len(self.rawdata) > _LONGEST_TAG:
            raise file_errors.line_too_long()
        return self._complete()

    def rest(self) -> list[Part]:
        """The rows of a page that ends without closing its tags."""
        self._end_row()
        return self._complete()

    def _complete(self) -> list[Part]:
        self._flush()
        complete, self._parts = self._parts, []
        return complete

    def _flush(self) -> None:
        if self._rows:
            self._parts.append(self._rows)
            self._rows = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begins a table, row or cell; ends what was open there."""
        if tag in _SILENT:
            self._silent = tag
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._begin_table()
        elif tag == "tr" and self._depth:
            self._end_row()
            self._cells, self._size = [], 0
        elif tag in ("td", "th") and self._cells is not None:
            self._end_cell()
            self._text = []
            about = dict(attrs)
            self._across, self._down = _span(about.get("colspan")), _span(about.get("rowspan"))
        elif tag in ("br", "p", "div") and self._text:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Ends a table or row."""
        if tag == self._silent:
            self._silent = ""
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table" and self._depth:
            self._end_row()
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        """Takes text within cells."""
        if self._text is None or self._silent:
            return
        self._size += len(data)
        if self._size > MAX_RECORD:
            raise file_errors.line_too_long()
        self._text.append(data)

    def _begin_table(self) -> None:
        self._flush()
        self._tables += 1
        self._sheet = Sheet(f"Bảng {self._tables}")
        self._number, self._spans = 0, {}
        self._parts.append(self._sheet)

    def _end_cell(self) -> None:
        if self._cells is None or self._text is None:
            return
        self._skip_covered()
        place = len(self._cells)
        self._cells += [" ".join("".join(self._text).split()), *[""] * (self._across - 1)]
        if len(self._cells) > MAX_RECORD >> 4:
            raise file_errors.line_too_long()
        if self._down > 1:
            self._sheet.merged.append((self._number + 1, self._number + self._down, place))
            self._spans |= dict.fromkeys(range(place, place + self._across), self._down)
        self._text = None

    def _skip_covered(self) -> None:
        assert self._cells is not None
        while len(self._cells) in self._spans:
            self._cells.append("")

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells is None:
            return
        self._number += 1
        if any(self._cells):
            self._rows.append(SheetRow(self._number, self._cells))
        self._spans = {place: rows - 1 for place, rows in self._spans.items() if rows > 1}
        self._cells = None


def _span(text: str | None) -> int:
    return (
        min(max(int(text), 1), _MAX_SPAN)
        if text and text.strip().isdecimal() and len(text) < 8
        else 1
    )
