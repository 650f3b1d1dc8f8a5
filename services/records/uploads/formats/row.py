"""What a reader gives for every row of an upload."""

from typing import NamedTuple

from services.records.domain.dose import Raw
from services.records.domain.row_error import RowError

CHUNK = 500
MAX_RECORD = 1 << 20
"""Characters of one record; the largest honest row has some thousand."""


LEAST_TEXT = 16
"""Characters of all cells of a row; a name and a birth date alone have more."""


class InputRow(NamedTuple):
    """One data row: its text, or why it could not be read; both where a part could be read.

    `row`: its number as people see it; see `file_report.ROWS_OF_A_SHEET` for files with sheets.
    `coded`: whether its file has a column of record codes.
    `version`: the dose's version that the row was made from, as typed; empty where unknown.
    `doubts`: why people must decide on it, codes of `Doubt`.
    `warnings`: what the row is told although it can be read.
    `earlier_code`: the record code by an earlier rule, under which the dose may be on record.
    `dose_id`: the dose on record that it was made from, as typed.
    `accept`: what accepts the suggestion for that dose: of a card, or a mark; empty: nothing.
    """

    row: int
    raw: Raw | None
    errors: tuple[RowError, ...] = ()
    coded: bool = True
    version: str = ""
    doubts: tuple[str, ...] = ()
    warnings: tuple[RowError, ...] = ()
    earlier_code: str = ""
    dose_id: str = ""
    accept: str = ""

    @property
    def holds_nothing(self) -> bool:
        """Whether it could not be read, or has too little text to be meant as a dose."""
        return self.raw is None or sum(map(len, self.raw)) < LEAST_TEXT

    @property
    def error(self) -> RowError | None:
        """The first of its errors."""
        return self.errors[0] if self.errors else None
