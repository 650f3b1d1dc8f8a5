"""What was understood of a file as a whole, and what of it was passed over; filled while its rows
are read.
"""

from collections import Counter
from dataclasses import dataclass, field

from services.records.domain.row_error import RowError

ROWS_OF_A_SHEET = 1 << 20
"""A spreadsheet has no more. In a file with sheets a row's number is that of its sheet, times this,
and its place in the sheet: so numbers grow through the file, and those of the first sheet are
plain.
"""

MOST_NAMED = 60
"""Columns, and notices, that an answer names."""


@dataclass(slots=True)
class FileReport:
    """What a sender is told about the file beside its rows.

    `sheets`: names of those that were read, in order; empty for a file that has none.
    `ignored`: what was passed over, by kind or name, and how much of it.
    `unused_columns`: headers that no field of a dose takes, as typed.
    `notices`: about the file as a whole; what is wrong with one row stands at the row.
    """

    sheets: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    unused_columns: list[str] = field(default_factory=list)
    notices: list[RowError] = field(default_factory=list)

    def name_unused(self, header: str) -> None:
        """Names a column once; of a file with very many the first sixty."""
        if header not in self.unused_columns and len(self.unused_columns) < MOST_NAMED:
            self.unused_columns.append(header)

    def note(self, notice: RowError) -> None:
        """Adds a notice once; of very many the first sixty."""
        if notice not in self.notices and len(self.notices) < MOST_NAMED:
            self.notices.append(notice)


def place_of(number: int, sheets: list[str] | None) -> tuple[str | None, int]:
    """The sheet's name, where the file has sheets, and the row as people see it numbered there."""
    if not sheets:
        return None, number
    # the last row of a sheet is still its own
    sheet, row = divmod(number - 1, ROWS_OF_A_SHEET)
    return sheets[sheet], row + 1
