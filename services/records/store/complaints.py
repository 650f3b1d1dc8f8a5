"""Complaints, whose personal parts are sealed before they come here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, false, func, insert, or_, select, true, update
from sqlalchemy.sql.elements import ColumnElement

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.domain.complaint import Standing
from services.records.schema import complaint, complaint_ids

_LISTED = [column for column in complaint.columns if column.name not in ("contact", "picture")]


async def take_id(tx: Transaction) -> int:
    """A new complaint's id: what its parts are sealed with."""
    return int((await tx.execute(select(complaint_ids.next_value()))).scalar_one())


async def add(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keeps one complaint."""
    await tx.execute(insert(complaint).values(values))


async def of_offices(
    tx: Transaction, reach: Reach, state: Standing | None, now: datetime, after: int, limit: int
) -> list[Row[Any]]:
    """Complaints at offices within reach, the oldest first."""
    query = (
        select(*_LISTED)
        .where(_within(reach), complaint.c.id > after)
        .order_by(complaint.c.id)
        .limit(limit)
    )
    if state is Standing.ANSWERED:
        query = query.where(complaint.c.answered_at.is_not(None))
    elif state is not None:
        query = query.where(complaint.c.answered_at.is_(None))
    if state is Standing.OVERDUE:
        query = query.where(complaint.c.due_at < now)
    return list(await tx.execute(query))


async def of_person(tx: Transaction, person: int, after: int, limit: int) -> list[Row[Any]]:
    """A citizen's own complaints."""
    query = (
        select(*_LISTED)
        .where(complaint.c.person == person, complaint.c.id > after)
        .order_by(complaint.c.id)
        .limit(limit)
    )
    return list(await tx.execute(query))


async def one(
    tx: Transaction, complaint_id: int, reach: Reach, *, lock: bool = False
) -> Row[Any] | None:
    """One complaint with all its parts, where its office is within reach."""
    query = select(complaint).where(complaint.c.id == complaint_id, _within(reach))
    return (await tx.execute(query.with_for_update() if lock else query)).one_or_none()


async def change(tx: Transaction, complaint_id: int, values: Mapping[str, Any]) -> None:
    """Sets fields of a complaint that the caller has locked."""
    await tx.execute(update(complaint).where(complaint.c.id == complaint_id).values(values))


async def unanswered(tx: Transaction, now: datetime) -> tuple[int, int]:
    """How many complaints wait within their time, and beyond it."""
    counts = select(
        func.count().filter(complaint.c.due_at >= now).label("in_time"),
        func.count().filter(complaint.c.due_at < now).label("overdue"),
    )
    row = (await tx.execute(counts.where(complaint.c.answered_at.is_(None)))).one()
    return row.in_time, row.overdue


def _within(reach: Reach) -> ColumnElement[bool]:
    if reach.everything:
        return true()
    return or_(
        false(),
        *(complaint.c.office.startswith(prefix, autoescape=True) for prefix in reach.facilities),
    )
