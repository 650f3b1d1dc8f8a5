"""Batches: what an upload was told, and what became of its rows since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    LargeBinary,
    String,
    Subquery,
    cast,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from contracts.events import DoseKind
from contracts.ids import BatchId, DoseId
from contracts.refusals import NOT_DUE
from contracts.words import Grade, State
from services.chassis.db import Transaction
from services.records.domain.guidance import WAITING
from services.records.schema import batch, batch_row, dose, dose_history, dose_status, sql
from services.records.uploads import row_messages
from services.records.uploads.formats.file_report import FileReport
from services.records.webhooks.rules import WebhookEvent
from services.records.webhooks.store.news import NOTE

_COUNTED = ("received", "accepted", "rejected", "unchanged", "corrected", "warnings")


@dataclass(slots=True)
class UploadCounts:
    """Rows of an upload by outcome; `accepted` includes unchanged and corrected ones."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    unchanged: int = 0
    corrected: int = 0
    warnings: int = 0

    def add(self, more: "UploadCounts") -> None:
        """Adds the counts of another transaction."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(more, name))


class RowAnswer(NamedTuple):
    """A row of `batch_row`, in the order of its columns.

    `outcome`: rejected, unchanged or warned. `errors` is JSON text, `raw` the sealed row as typed;
    `codes` and `errors` together are the row's messages (`row_messages`).
    """

    batch_id: BatchId
    row: int
    outcome: str
    source_id: str
    dose_id: DoseId | None
    errors: str
    raw: bytes | None
    codes: str | None


class BatchRecord(NamedTuple):
    """A row of `batch`; `report` says what was understood of the file, `sent_reach` what its
    sender reached then.
    """

    id: BatchId
    submitted_by: str
    facility_code: str | None
    received: int
    accepted: int
    rejected: int
    unchanged: int
    corrected: int
    warnings: int
    status: str
    sheets: list[str] | None
    report: dict[str, Any] | None
    sent_reach: list[str] | None
    created_at: datetime


class StateCount(NamedTuple):
    """How many doses of a batch share a state, its grade and its reasons."""

    state: str
    grade: str | None
    reasons: list[str] | None
    refusal: str | None
    doses: int


class BatchRow(NamedTuple):
    """A row of an upload, what became of it, and its dose at the current version.

    A rejected row has no dose, and `raw` may hold its sealed text. Any other row has no `raw`.
    `errors` are all its messages, those of `codes` too.
    """

    row: int
    outcome: str
    dose_id: DoseId | None
    errors: list[dict[str, str]] | None
    raw: bytes | None
    typed_source_id: str | None
    id: DoseId
    facility_code: str
    source_id: str
    version: int
    batch_id: BatchId
    province_code: str
    district_code: str
    commune_code: str
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    person: bytes
    doubts: str | None
    state: str | None
    grade: Grade | None
    reasons: list[str] | None
    uvci: str | None
    refusal: str | None
    codes: str | None

    @property
    def residence(self) -> str:
        """The codes of province, district and commune in one text."""
        return self.province_code + self.district_code + self.commune_code


_BATCH = [batch.c[name] for name in BatchRecord._fields]
_ANSWER_COLUMNS = [column.name for column in batch_row.columns]
assert tuple(_ANSWER_COLUMNS) == RowAnswer._fields


async def open_batch(
    tx: Transaction,
    submitted_by: str,
    facility_code: str | None,
    media_type: str,
    sent_reach: Sequence[str],
) -> BatchId:
    """Opens a batch and answers its id."""
    values = {
        "submitted_by": submitted_by,
        "facility_code": facility_code,
        "media_type": media_type,
        "sent_reach": list(sent_reach),
    }
    statement = insert(batch).values(values).returning(batch.c.id)
    return BatchId((await tx.execute(statement)).scalar_one())


async def add_counts(tx: Transaction, batch_id: BatchId, more: UploadCounts) -> None:
    """Adds the counts of one transaction to the batch."""
    await tx.execute(
        update(batch)
        .where(batch.c.id == batch_id)
        .values({name: batch.c[name] + getattr(more, name) for name in _COUNTED})
    )


async def close_batch(tx: Transaction, batch_id: BatchId, status: str, report: FileReport) -> None:
    """Closes a batch as `complete` or `broken`, with the report on its file."""
    values = {
        "status": status,
        "finished_at": func.now(),
        "sheets": report.sheets or None,
        "report": report_json(report),
    }
    await tx.execute(update(batch).where(batch.c.id == batch_id).values(values))


async def note_finished(tx: Transaction, batch_id: BatchId) -> None:
    """Notes a closed batch for who wants to be told once every dose has come to its place."""
    await tx.raw.execute(NOTE, WebhookEvent.BATCH_FINISHED, [batch_id])


def report_json(report: FileReport) -> dict[str, Any]:
    """What of a report is kept with its batch, by the names that the REST answers with."""
    return {
        "ignored": dict(report.ignored),
        "unused_columns": report.unused_columns,
        "notices": [notice.as_json() for notice in report.notices],
    }


async def answer_rows(tx: Transaction, answers: Sequence[RowAnswer]) -> None:
    """Stores the answers to rows that got more than "accepted"."""
    if answers:
        await tx.copy(batch_row, _ANSWER_COLUMNS, answers)


async def read_batch(tx: Transaction, batch_id: BatchId) -> BatchRecord | None:
    """Reads one batch; None where there is none."""
    row = (await tx.execute(select(*_BATCH).where(batch.c.id == batch_id))).one_or_none()
    return None if row is None else BatchRecord._make(row)


async def recent_batches(
    tx: Transaction,
    reach: Sequence[str] | None,
    submitted_by: str,
    before: int | None,
    limit: int,
) -> list[BatchRecord]:
    """Lists batches, newest first.

    `reach`: the caller's, as it is kept with batches; None lists all. Otherwise those of facilities
    within it, and those that the caller sent while it reached no more than today.
    """
    query = select(*_BATCH).order_by(batch.c.id.desc()).limit(limit)
    if reach is not None:
        facilities = [token[1:] for token in reach if token.startswith("f")]
        own_facility = [
            batch.c.facility_code.startswith(code, autoescape=True) for code in facilities
        ]
        mine = (
            batch.c.facility_code.is_(None)
            & (batch.c.submitted_by == submitted_by)
            & (func.cardinality(batch.c.sent_reach) > 0)
            & _all_within(reach)
        )
        query = query.where(or_(mine, *own_facility))
    if before is not None:
        query = query.where(batch.c.id < before)
    return [BatchRecord._make(row) for row in await tx.execute(query)]


def _all_within(reach: Sequence[str]) -> ColumnElement[bool]:
    """Whether each token of what the sender reached begins with a token of this reach."""
    sent = func.unnest(batch.c.sent_reach).column_valued("sent")
    covered = [sent.startswith(token, autoescape=True) for token in reach]
    return not_(exists(select(sent).where(not_(or_(false(), *covered))).correlate(batch)))


# A batch's accepted rows point to doses in three ways. The dose's current version came from the
# batch, an older one did, or the row said nothing new. Counting follows the dose's state of
# today, so accepted is always the sum over states.
_STATES = text(
    sql("""
WITH accepted AS (
    SELECT id AS dose_id FROM dose WHERE batch_id = :batch_id
    UNION ALL SELECT dose_id FROM dose_history WHERE batch_id = :batch_id
    UNION ALL SELECT dose_id FROM batch_row WHERE batch_id = :batch_id AND outcome = 'unchanged'
)
SELECT coalesce(status.state, {pending}) AS state, status.grade, status.reasons, status.refusal,
  count(*) AS doses
FROM accepted JOIN dose ON dose.id = accepted.dose_id
LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
GROUP BY 1, 2, 3, 4
""")
)


async def count_states(tx: Transaction, batch_id: BatchId) -> list[StateCount]:
    """Counts a batch's accepted rows by where their doses stand."""
    return [StateCount._make(row) for row in await tx.execute(_STATES, {"batch_id": batch_id})]


def _every_row(batch_id: BatchId) -> Subquery:
    """The first columns of `BatchRow` for every row of a batch."""
    accepted = [
        select(
            table.c.row,
            literal("accepted").label("outcome"),
            dose_id.label("dose_id"),
            batch_row.c.errors,
            cast(null(), LargeBinary).label("raw"),
            cast(null(), String).label("typed_source_id"),
            batch_row.c.codes,
        )
        .outerjoin(
            batch_row,
            (batch_row.c.batch_id == table.c.batch_id) & (batch_row.c.row == table.c.row),
        )
        .where(table.c.batch_id == batch_id)
        for table, dose_id in ((dose, dose.c.id), (dose_history, dose_history.c.dose_id))
    ]
    others = select(
        batch_row.c.row,
        batch_row.c.outcome,
        batch_row.c.dose_id,
        batch_row.c.errors,
        batch_row.c.raw,
        batch_row.c.source_id.label("typed_source_id"),
        batch_row.c.codes,
    ).where(batch_row.c.batch_id == batch_id, batch_row.c.outcome != "warned")
    return union_all(*accepted, others).subquery("every_row")


_current_status = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_current_state = func.coalesce(dose_status.c.state, State.PENDING.value)
_DOSE_FIELDS = BatchRow._fields[BatchRow._fields.index("id") : BatchRow._fields.index("doubts") + 1]
_STATUS_FIELDS = BatchRow._fields[BatchRow._fields.index("state") : -1]
_ANSWER_FIELDS = BatchRow._fields[: BatchRow._fields.index("id")]


async def batch_rows(
    tx: Transaction,
    batch_id: BatchId,
    *,
    after: int = 0,
    limit: int = 500,
    state: str | None = None,
    grade: str | None = None,
    wrong: bool = False,
) -> list[BatchRow]:
    """Reads rows of a batch in file order, each with what became of it."""
    every_row = _every_row(batch_id)
    query = (
        select(
            *(every_row.c[name] for name in _ANSWER_FIELDS),
            *(dose.c[name] for name in _DOSE_FIELDS),
            *(dose_status.c[name] for name in _STATUS_FIELDS),
            every_row.c.codes,
        )
        .outerjoin(dose, dose.c.id == every_row.c.dose_id)
        .outerjoin(dose_status, _current_status)
        .where(every_row.c.row > after)
        .order_by(every_row.c.row)
        .limit(limit)
    )
    if state == "rejected":
        query = query.where(every_row.c.outcome == "rejected")
    elif state is not None:
        query = query.where(every_row.c.outcome != "rejected", _current_state == state)
    if grade is not None:
        query = query.where(dose_status.c.grade == grade)
    if wrong:
        query = query.where(_is_wrong(every_row))
    return [_with_messages(BatchRow._make(row)) for row in await tx.execute(query)]


def _with_messages(row: BatchRow) -> BatchRow:
    if row.codes is None:
        return row
    return row._replace(errors=row_messages.told(row.codes, row.errors))


def _is_wrong(every_row: Subquery) -> ColumnElement[bool]:
    refused = (_current_state == State.ELIGIBLE) & dose_status.c.refusal.not_in(NOT_DUE)
    return or_(every_row.c.outcome == "rejected", _current_state.in_(WAITING), refused)


async def count_wrong(tx: Transaction, batch_id: BatchId) -> int:
    """Counts the rows of a batch that need correction."""
    every_row = _every_row(batch_id)
    query = (
        select(func.count())
        .select_from(every_row)
        .outerjoin(dose, dose.c.id == every_row.c.dose_id)
        .outerjoin(dose_status, _current_status)
    )
    return int((await tx.execute(query.where(_is_wrong(every_row)))).scalar_one())
