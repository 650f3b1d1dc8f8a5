"""Rows given back as the CSV that was asked for, with four columns more: state, errors, suggestion, version. It can be posted again."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.faults import RowError
from services.records.intake.columns import HEADERS, VERSION
from services.records.intake.spellings import ANSWER_HEADERS
from services.records.intake.typed import guarded

COLUMNS = (*HEADERS.values(), *ANSWER_HEADERS, VERSION)
_ORDER = [FIELDS.index(field) for field in HEADERS]


class Answered(NamedTuple):
    """One row as typed, and what became of it; `version` is what it is made from."""

    raw: Raw
    state: str
    errors: Sequence[RowError] = ()
    suggestion: str = ""
    version: str = ""


def header() -> bytes:
    """The first line, after the mark by which spreadsheets know UTF-8."""
    return b"\xef\xbb\xbf" + _written([COLUMNS])


def written(rows: Iterable[Answered]) -> bytes:
    """Rows as lines."""
    return _written(map(cells, rows))


def cells(row: Answered) -> list[str]:
    """One row's texts in the order of `header`: none of them runs as a formula, and `intake.rows` reads the same from them."""
    told = "; ".join(map(_message, row.errors))
    return [guarded(text) for text in (*(row.raw[at] for at in _ORDER), row.state, told, row.suggestion, row.version)]


def _message(error: RowError) -> str:
    return f"{HEADERS.get(error.field, error.field)}: {error.message_vi}" if error.field else error.message_vi


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    # a rejected row may hold what is no Unicode
    return lines.getvalue().encode("utf-8", "replace")
