"""What a reader gives for every row of an upload, and what rows are told that could not even be
read.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from services.records.domain.dose import Raw
from services.records.domain.row_error import RowError

CHUNK = 500
MAX_RECORD = 1 << 20
"""Characters of one record; the largest honest row has some thousand."""


class InputRow(NamedTuple):
    """One data row: its text, or why it could not be read; both where a part of it could be.

    `row`: its number as people see it (of a table the record's, header and titles counted; of a
    list its place); in a file with sheets see `report.ROWS_OF_A_SHEET`. `coded`: whether its file
    has a column of record codes. `version`: the dose's version that the row was made from, as
    typed; empty where the file does not say. `earlier_code`: what the record code was by the rules
    before, where it was another; its dose may be on record under that. `doubts`: why people must
    decide on it, codes of `Doubt`. `warnings`: what the row is told although it can be read.
    `dose_id`: the dose on record that it was made from, as typed.
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

    @property
    def error(self) -> RowError | None:
        """The first of its errors."""
        return self.errors[0] if self.errors else None


def columns_missing(headers: Sequence[str]) -> RowError:
    """A row that ends before the columns that every dose needs."""
    names = ", ".join(headers)
    return RowError(
        "",
        "COLUMNS_MISSING",
        f"Dòng thiếu cột so với tiêu đề ({names}); hãy kiểm tra dấu phân cách.",
        f"The row has fewer columns than the header, and lacks: {names}; check the separators.",
    )


COLUMNS_EXTRA = RowError(
    "",
    "COLUMNS_EXTRA",
    "Dòng thừa cột so với tiêu đề; ô có dấu phân cách phải đặt trong ngoặc kép.",
    "The row has more columns than the header; a cell that holds the separator must be quoted.",
)
SHAPELESS = frozenset({"COLUMNS_MISSING", "COLUMNS_EXTRA"})
"""Codes of rows whose cells may stand under the wrong headers: they are kept as they stand, but not
judged.
"""
QUOTE_UNCLOSED = RowError(
    "",
    "QUOTE_UNCLOSED",
    "Ngoặc kép mở mà không đóng.",
    "A quotation mark is opened and not closed.",
)
NOT_JSON = RowError("", "NOT_JSON", "Dòng không phải JSON.", "The line is no JSON.")
NOT_AN_OBJECT = RowError(
    "", "NOT_AN_OBJECT", "Mỗi mũi tiêm phải là một đối tượng JSON.", "A dose must be a JSON object."
)
NOT_READABLE = RowError(
    "",
    "NOT_READABLE",
    "Không đọc được mục này: không phải JSON, quá lớn hoặc lồng quá sâu.",
    "This item cannot be read: it is no JSON, too large or nested too deeply.",
)


def wrong_shape(field: str) -> RowError:
    """A JSON value that is neither text nor a number, or a person that is no object."""
    if field == "person":
        return RowError(
            field,
            "WRONG_SHAPE",
            "person phải là một đối tượng JSON.",
            "`person` must be a JSON object.",
        )
    return RowError(
        field, "WRONG_SHAPE", "Giá trị phải là chữ hoặc số.", "The value must be text or a number."
    )


# A spreadsheet whose own separator is another than the file's takes a cell apart, and quotation
# marks around it are no help. So wherever a piece may begin a formula, one apostrophe stands before
# the piece. Marking changes nothing else, so exactly that is taken off again.
_SIGN = re.compile("[=+\\-@＝＋－＠]")
_BEGINS, _FORMULA = r"(^|[,;\t\r\n])", rf"""(?=(?:[^\S\t\r\n]|["'])*{_SIGN.pattern})"""
_BARE, _MARKED = re.compile(_BEGINS + _FORMULA), re.compile(f"{_BEGINS}'{_FORMULA}")


def guarded(text: str) -> str:
    """A cell's text of which no spreadsheet runs a piece as a formula."""
    return _BARE.sub(r"\1'", text) if _SIGN.search(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return _MARKED.sub(r"\1", text) if "'" in text and _SIGN.search(text) else text
