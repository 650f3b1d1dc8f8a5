"""The report on a file as a whole, filled while its rows are read."""

from collections import Counter
from dataclasses import dataclass, field

from services.records.domain.row_error import RowError

ROWS_OF_A_SHEET = 1 << 20
"""A spreadsheet has no more rows. In a file with sheets, a row's number is its sheet's times this,
plus its place there. So numbers grow through the file, and those of the first sheet are plain.
"""

MOST_NAMED = 60
"""Columns, and notices, that an answer names."""


@dataclass(slots=True)
class FileReport:
    """What a sender is told about the file beside its rows.

    `sheets`: names of the sheets that were read, in order; empty where the file has none.
    `ignored`: what was passed over, by kind or name, and how much of it. `unused_columns`: headers
    of columns that no field takes, as typed. `notices`: about the whole file; errors of one row
    stand at the row. `ended_at`: the first row that was not read, where reading ended early.
    `columns`: headers as typed, with the JSON name of the field that each was read as.
    """

    sheets: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    unused_columns: list[str] = field(default_factory=list)
    notices: list[RowError] = field(default_factory=list)
    ended_at: int | None = None
    columns: list[tuple[str, str]] = field(default_factory=list)

    def name_unused(self, header: str) -> None:
        """Names a column once; at most sixty of a file."""
        if header not in self.unused_columns and len(self.unused_columns) < MOST_NAMED:
            self.unused_columns.append(header)

    def read_as(self, header: str, name: str) -> None:
        """Says once that a column was read as this field; at most sixty of a file."""
        if (header, name) not in self.columns and len(self.columns) < MOST_NAMED:
            self.columns.append((header, name))

    def note(self, notice: RowError) -> None:
        """Adds a notice once; at most sixty of a file."""
        if notice not in self.notices and len(self.notices) < MOST_NAMED:
            self.notices.append(notice)


def place_of(number: int, sheets: list[str] | None) -> tuple[str | None, int]:
    """The name of the sheet, where the file has sheets, and the row's number there."""
    if not sheets:
        return None, number
    # the last row of a sheet still belongs to it
    sheet, row = divmod(number - 1, ROWS_OF_A_SHEET)
    return sheets[sheet], row + 1
