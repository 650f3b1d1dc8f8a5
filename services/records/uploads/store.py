"""Batches: what an upload was told, and where its rows stand today."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    LargeBinary,
    Row,
    String,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from contracts.refusals import NOT_DUE
from contracts.words import State
from services.chassis.db import Transaction
from services.records.domain.guidance import WAITING
from services.records.schema import batch, batch_row, dose, dose_history, dose_status


@dataclass(slots=True)
class UploadCounts:
    """Rows of a batch by what became of them; accepted counts unchanged and corrected ones too."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    unchanged: int = 0
    corrected: int = 0
    warnings: int = 0

    def add(self, more: "UploadCounts") -> None:
        """Adds another chunk's counts."""
        for name in ("received", "accepted", "rejected", "unchanged", "corrected", "warnings"):
            setattr(self, name, getattr(self, name) + getattr(more, name))


async def open_batch(
    tx: Transaction, submitted_by: str, facility_code: str | None, media_type: str
) -> int:
    """A new batch's id."""
    values = {
        "submitted_by": submitted_by,
        "facility_code": facility_code,
        "media_type": media_type,
    }
    return int((await tx.execute(insert(batch).values(values).returning(batch.c.id))).scalar_one())


async def count(tx: Transaction, batch_id: int, more: UploadCounts) -> None:
    """Adds a chunk's counts to its batch."""
    names = ("received", "accepted", "rejected", "unchanged", "corrected", "warnings")
    await tx.execute(
        update(batch)
        .where(batch.c.id == batch_id)
        .values({name: batch.c[name] + getattr(more, name) for name in names})
    )


async def close_batch(
    tx: Transaction, batch_id: int, status: str, sheets: Sequence[str], report: Mapping[str, object]
) -> None:
    """Ends a batch as `complete` or `broken`, with what its sender is told of the file."""
    values = {
        "status": status,
        "finished_at": func.now(),
        "sheets": list(sheets) or None,
        "report": dict(report),
    }
    await tx.execute(update(batch).where(batch.c.id == batch_id).values(values))


RowAnswer = tuple[int, int, str, str, int | None, Any, bytes | None]
"""(batch id, row, outcome, source id, dose id, errors, sealed raw row)"""


async def answer_rows(tx: Transaction, answers: Sequence[RowAnswer]) -> None:
    """Stores what rows were told, of those that were told more than "accepted"; `errors` as JSON
    text.
    """
    if answers:
        await tx.copy(batch_row, [column.name for column in batch_row.columns], answers)


async def one(tx: Transaction, batch_id: int) -> Row[Any] | None:
    """One batch."""
    return (await tx.execute(select(batch).where(batch.c.id == batch_id))).one_or_none()


async def recent(
    tx: Transaction,
    facility_codes: tuple[str, ...] | None,
    submitted_by: str,
    before: int | None,
    limit: int,
) -> list[Row[Any]]:
    """Batches, newest first: all, or those of facilities with one of the given prefixes and the
    caller's own.
    """
    query = select(batch).order_by(batch.c.id.desc()).limit(limit)
    if facility_codes is not None:
        mine: ColumnElement[bool] = batch.c.submitted_by == submitted_by
        for prefix in facility_codes:
            mine |= batch.c.facility_code.startswith(prefix, autoescape=True)
        query = query.where(mine)
    if before is not None:
        query = query.where(batch.c.id < before)
    return list(await tx.execute(query))


# A batch's accepted rows point to doses in three ways: the dose's current version came from the
# batch, an older one did, or the row said nothing new. Counting follows the dose's state of today,
# so accepted is at any time the sum over states.
_STATES = text("""
WITH accepted AS (
    SELECT id AS dose_id FROM dose WHERE batch_id = :batch_id
    UNION ALL SELECT dose_id FROM dose_history WHERE batch_id = :batch_id
    UNION ALL SELECT dose_id FROM batch_row WHERE batch_id = :batch_id AND outcome = 'unchanged'
)
SELECT coalesce(status.state, 'pending') AS state, status.grade, status.reasons, status.refusal,
  count(*) AS doses
FROM accepted JOIN dose ON dose.id = accepted.dose_id
LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
GROUP BY 1, 2, 3, 4
""")


async def states(tx: Transaction, batch_id: int) -> list[Row[Any]]:
    """(state, grade, reasons, refusal, doses) of a batch's accepted rows."""
    return list(await tx.execute(_STATES, {"batch_id": batch_id}))


def _rows(batch_id: int) -> Any:
    """Every row of a batch as (row, outcome, dose id, source id, errors, raw)."""
    written = [
        select(
            table.c.row, literal("accepted").label("outcome"), dose_id.label("dose_id"),
            batch_row.c.errors, cast(null(), LargeBinary).label("raw"), cast(null(),
            String).label("typed_source_id"),
        )
        .outerjoin(batch_row,
        (batch_row.c.batch_id == table.c.batch_id) & (batch_row.c.row == table.c.row))
        .where(table.c.batch_id == batch_id)
        for table, dose_id in ((dose, dose.c.id), (dose_history, dose_history.c.dose_id))
    ]  # fmt: skip
    told = select(
        batch_row.c.row,
        batch_row.c.outcome,
        batch_row.c.dose_id,
        batch_row.c.errors,
        batch_row.c.raw,
        batch_row.c.source_id.label("typed_source_id"),
    ).where(batch_row.c.batch_id == batch_id, batch_row.c.outcome != "warned")
    return union_all(*written, told).subquery("told")


async def rows(
    tx: Transaction,
    batch_id: int,
    *,
    after: int = 0,
    limit: int = 500,
    state: str | None = None,
    grade: str | None = None,
    wrong: bool = False,
) -> list[Row[Any]]:
    """Rows of a batch in file order with what became of each, and the dose's data where it was
    accepted.
    """
    told = _rows(batch_id)
    status = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
    query = (
        select(
            told,
            dose,
            dose_status.c.state,
            dose_status.c.grade,
            dose_status.c.reasons,
            dose_status.c.uvci,
            dose_status.c.refusal,
        )
        .outerjoin(dose, dose.c.id == told.c.dose_id)
        .outerjoin(dose_status, status)
        .where(told.c.row > after)
        .order_by(told.c.row)
        .limit(limit)
    )
    current = func.coalesce(dose_status.c.state, "pending")
    if state == "rejected":
        query = query.where(told.c.outcome == "rejected")
    elif state is not None:
        query = query.where(told.c.outcome != "rejected", current == state)
    if grade is not None:
        query = query.where(dose_status.c.grade == grade)
    if wrong:
        query = query.where(_wrong(told))
    return list(await tx.execute(query))


def _wrong(told: Any) -> ColumnElement[bool]:
    current = func.coalesce(dose_status.c.state, "pending")
    refused = (current == State.ELIGIBLE) & dose_status.c.refusal.not_in(NOT_DUE)
    return or_(told.c.outcome == "rejected", current.in_(WAITING), refused)


async def count_wrong(tx: Transaction, batch_id: int) -> int:
    """How many rows of a batch need correction."""
    told = _rows(batch_id)
    status = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
    query = (
        select(func.count())
        .select_from(told)
        .outerjoin(dose, dose.c.id == told.c.dose_id)
        .outerjoin(dose_status, status)
    )
    return int((await tx.execute(query.where(_wrong(told)))).scalar_one())


async def every_row(tx: Transaction, batch_id: int, *, wrong: bool) -> AsyncIterator[Row[Any]]:
    """All rows of a batch in file order, page by page, so that memory stays flat."""
    after = 0
    while page := await rows(tx, batch_id, after=after, limit=1000, wrong=wrong):
        for row in page:
            yield row
        after = page[-1].row
