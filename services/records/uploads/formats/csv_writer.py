"""Writes rows back as CSV, with their answers, and with version and id of the dose.

The file can be corrected and posted again.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.field_parsers import read_day
from services.records.domain.row_error import RowError
from services.records.uploads.formats.columns import HEADERS, VERSION
from services.records.uploads.formats.formula_guard import guarded
from services.records.uploads.formats.header_spellings import ACCEPT, ANSWER_HEADERS, DOSE_ID
from vietnamese.dates import read_birth

COLUMNS = (*HEADERS.values(), *ANSWER_HEADERS, ACCEPT, VERSION, DOSE_ID)
_ORDER = [FIELDS.index(field) for field in HEADERS]


class ExportRow(NamedTuple):
    """One row as typed, and what became of it.

    `version` and `dose_id` say which version of which dose it is made from.
    """

    raw: Raw
    state: str
    errors: Sequence[RowError] = ()
    suggestion: str = ""
    version: str = ""
    dose_id: str = ""


def header() -> bytes:
    """The first line, after the mark that tells spreadsheets of UTF-8."""
    return b"\xef\xbb\xbf" + _written([COLUMNS])


def written(rows: Iterable[ExportRow]) -> bytes:
    """Rows as lines."""
    return _written(map(cells, rows))


def cells(row: ExportRow) -> list[str]:
    """One row's texts in the order of `header`.

    None of them runs as a formula, and `read_rows` reads the same dose from them.
    """
    messages = "; ".join(map(_message, row.errors))
    raw = _with_iso_dates(row.raw)
    return [
        guarded(text)
        for text in (
            *(raw[at] for at in _ORDER),
            row.state,
            messages,
            row.suggestion,
            "",
            row.version,
            row.dose_id,
        )
    ]


def _with_iso_dates(raw: Raw) -> Raw:
    """The row with ISO dates, which every spreadsheet reads right.

    English ones swap day and month where the day comes first. What is no date stays.
    """
    birth, day_given = read_birth(raw.date_of_birth), read_day(raw.date_given)
    return raw._replace(
        date_of_birth=birth.text if birth else raw.date_of_birth,
        date_given=day_given.isoformat() if isinstance(day_given, date) else raw.date_given,
    )


def _message(error: RowError) -> str:
    return (
        f"{HEADERS.get(error.field, error.field)}: {error.message_vi}"
        if error.field
        else error.message_vi
    )


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    # a rejected row may hold what is no Unicode
    return lines.getvalue().encode("utf-8", "replace")
