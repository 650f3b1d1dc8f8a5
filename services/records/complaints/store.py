"""Complaints, whose personal parts are sealed before they come here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, false, func, insert, or_, select, true, update
from sqlalchemy.sql.elements import ColumnElement

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.complaints.rules import Standing
from services.records.schema import complaint, complaint_ids, complaint_letter

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


async def owe_email(tx: Transaction, complaint_id: int, now: datetime) -> None:
    """A letter about the complaint is due; one that has not left yet is taken back, since the new
    one tells more.
    """
    await tx.execute(
        delete(complaint_letter).where(complaint_letter.c.complaint_id == complaint_id)
    )
    await tx.execute(insert(complaint_letter).values(complaint_id=complaint_id, due_at=now))


async def take_email(tx: Transaction, now: datetime, until: datetime) -> Row[Any] | None:
    """Takes the letter that has been due longest, which nobody else takes before `until`: with its
    id, its tries, and its complaint.
    """
    longest = (
        select(complaint_letter.c.id)
        .where(complaint_letter.c.due_at <= now)
        .order_by(complaint_letter.c.due_at)
        .limit(1)
    )
    taking = (
        update(complaint_letter)
        .where(complaint_letter.c.id == longest.with_for_update(skip_locked=True).scalar_subquery())
        .values(due_at=until, tries=complaint_letter.c.tries + 1)
        .returning(complaint_letter)
        .cte()
    )
    told = (complaint.c[name] for name in ("contact", "created_at", "due_at", "answer"))
    query = select(taking.c.id.label("letter_id"), taking.c.tries, complaint.c.id, *told)
    return (
        await tx.execute(query.join(complaint, complaint.c.id == taking.c.complaint_id))
    ).one_or_none()


async def postpone_email(tx: Transaction, letter_id: UUID, due_at: datetime) -> None:
    """Another try, then; nothing where the letter was taken back."""
    await tx.execute(
        update(complaint_letter).where(complaint_letter.c.id == letter_id).values(due_at=due_at)
    )


async def settle_email(tx: Transaction, letter_id: UUID) -> None:
    """The letter was handed over, or never will be."""
    await tx.execute(delete(complaint_letter).where(complaint_letter.c.id == letter_id))


def _within(reach: Reach) -> ColumnElement[bool]:
    if reach.everything:
        return true()
    return or_(
        false(),
        *(complaint.c.office.startswith(prefix, autoescape=True) for prefix in reach.facilities),
    )
