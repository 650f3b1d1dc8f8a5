"""Picks the rows of a table out of its records, by the columns that its header names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.row_error import RowError
from services.records.uploads.formats import notices
from services.records.uploads.formats.composed_cells import Compose
from services.records.uploads.formats.dose_columns import HEADERS
from services.records.uploads.formats.file_report import FileReport
from services.records.uploads.formats.formula_guard import unguarded
from services.records.uploads.formats.odd_rows import OddRows
from services.records.uploads.formats.row import InputRow
from services.records.uploads.formats.row_errors import (
    COLUMNS_EXTRA,
    QUOTE_UNCLOSED,
    columns_missing,
)

Record = tuple[int, bool, list[str] | None]
"""One row of a table: its number as people see it, whether guards of formulas may stand in it, and
its cells. The cells are None for a line with which no record can begin. A reader may change them.
"""

_BIRTH = FIELDS.index("date_of_birth")
_new = tuple.__new__  # see `parse_fast`


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields stand in a table.

    `pick` takes their cells from a row that has one empty cell appended; `needed` cells must be
    there. `coded`: whether a column of record codes is among them. `version`, `dose_id`, `accept`:
    where these stand, past the width where nowhere. `composed`: cells to append first, each made of
    several columns. `required`: by field, the columns that may hold it. `nameless`: columns without
    a header, reported once something stands in them.
    """

    width: int
    needed: int
    coded: bool
    version: int
    dose_id: int
    accept: int
    pick: Callable[[list[str]], Sequence[str]]
    composed: tuple[Compose, ...]
    required: dict[str, list[tuple[int, ...]]]
    nameless: list[int]
    odd: OddRows
    report: FileReport

    def rows(self, records: Iterable[Record]) -> Iterator[InputRow]:
        """Records as rows, without blank ones; may be called again for the rest of the table."""
        width, needed, coded, at, pick, composed = (
            self.width,
            self.needed,
            self.coded,
            self.version,
            self.pick,
            self.composed,
        )
        id_at, accept_at = self.dose_id, self.accept
        if self.nameless:
            records = self._watched(records)
        for number, guards, cells in records:
            if cells is None:
                yield InputRow(number, None, (QUOTE_UNCLOSED,))
                continue
            if not (cells and cells[0].strip()) and not any(map(str.strip, cells)):
                continue
            errors: tuple[RowError, ...] = ()
            if len(cells) < needed:
                if self._is_odd(cells):
                    continue
                if missing := self._missing(len(cells)):
                    errors = (columns_missing(missing),)
                # a spreadsheet leaves out the last cells of a row where they are empty
                cells += [""] * (needed - len(cells))
            elif len(cells) > width and any(map(str.strip, cells[width:])):
                errors, cells = (COLUMNS_EXTRA,), cells[: max(width, needed)]
            version = cells[at].strip() if at < len(cells) else ""
            dose_id = cells[id_at].strip() if id_at < len(cells) else ""
            accept = cells[accept_at].strip() if accept_at < len(cells) else ""
            row = cells
            if composed:
                # a row may be a million cells wide
                cells, wrong = self._composed(cells[:needed])
                if wrong and self._is_odd(row):
                    continue
                errors = errors or wrong
            cells.append("")
            texts = map(str.strip, pick(cells))
            raw = _new(Raw, map(unguarded, texts) if guards else texts)
            birth = raw[_BIRTH]
            # a row in which no birth begins with a digit may be no dose
            if not errors and not (len(birth) > 3 and "0" <= birth < ":") and self._is_odd(row):
                continue
            yield _new(
                InputRow,
                (number, raw, errors, coded, version, (), (), "", dose_id, accept),
            )

    def _is_odd(self, cells: Sequence[str]) -> bool:
        kind = self.odd.kind(cells)
        if kind is not None:
            self.report.ignored[kind] += 1
        return kind is not None

    def _missing(self, width: int) -> list[str]:
        """Headers of the required fields that a row of so many cells lacks."""
        return [
            HEADERS[field]
            for field, places in self.required.items()
            if all(max(at) >= width for at in places)
        ]

    def _composed(self, cells: list[str]) -> tuple[list[str], tuple[RowError, ...]]:
        """As many cells as are needed, the composed ones behind them; and errors of these."""
        texts = [compose(cells) for compose in self.composed]
        errors = tuple(text for text in texts if not isinstance(text, str))
        return [*cells, *(text if isinstance(text, str) else "" for text in texts)], errors

    def _watched(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            _, _, cells = record
            if self.nameless and cells:
                for at in [at for at in self.nameless if at < len(cells) and cells[at].strip()]:
                    self.nameless.remove(at)
                    self.report.name_unused(notices.nameless(at))
            yield record
