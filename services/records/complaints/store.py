"""Complaints, whose personal parts are sealed before they come here, and the e-mails owed on them.

An e-mail is owed in the transaction of what it tells, and mailed afterwards.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, false, func, insert, or_, select, true, update
from sqlalchemy.sql.elements import ColumnElement

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.complaints.rules import ComplaintKind, Standing
from services.records.schema import complaint, complaint_ids, complaint_letter


class ComplaintRow(NamedTuple):
    """A complaint without its contact and picture. `text` and `answer` are sealed.

    `corrected`: fields that the answer put right, with blanks between.
    """

    id: int
    kind: ComplaintKind
    office: str
    facility_code: str
    province_code: str
    person: int | None
    text: bytes | None
    picture_type: str | None
    created_at: datetime
    due_at: datetime
    answer: bytes | None
    answered_by: str | None
    answered_at: datetime | None
    dose_id: int | None = None
    residence: str | None = None
    corrected: str | None = None


class WholeComplaint(NamedTuple):
    """A complaint with its contact and picture, both sealed."""

    row: ComplaintRow
    contact: bytes | None
    picture: bytes | None


class OwedEmail(NamedTuple):
    """An e-mail about a complaint; `id` is the complaint's. `contact` and `answer` are sealed."""

    letter_id: UUID
    tries: int
    id: int
    contact: bytes | None
    created_at: datetime
    due_at: datetime
    answer: bytes | None
    corrected: str | None
    dose_id: int | None


class OpenComplaint(NamedTuple):
    """A complaint about a dose that waits for its answer; `contact` is sealed."""

    id: int
    dose_id: int
    contact: bytes | None


class Unanswered(NamedTuple):
    """How many complaints wait within their time, and beyond it."""

    in_time: int
    overdue: int


_ROW = [complaint.c[name] for name in ComplaintRow._fields]


async def take_id(tx: Transaction) -> int:
    """A new complaint's id, with which its parts are sealed."""
    return int((await tx.execute(select(complaint_ids.next_value()))).scalar_one())


async def add(tx: Transaction, whole: WholeComplaint) -> None:
    """Stores a new complaint."""
    values = {**whole.row._asdict(), "contact": whole.contact, "picture": whole.picture}
    await tx.execute(insert(complaint).values(values))


async def of_offices(
    tx: Transaction, reach: Reach, state: Standing | None, now: datetime, after: int, limit: int
) -> list[ComplaintRow]:
    """Complaints at offices within reach, and of people who live there, the oldest first."""
    query = (
        select(*_ROW)
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
    return [ComplaintRow._make(row) for row in await tx.execute(query)]


async def of_person(tx: Transaction, person: int, after: int, limit: int) -> list[ComplaintRow]:
    """A citizen's own complaints."""
    query = (
        select(*_ROW)
        .where(complaint.c.person == person, complaint.c.id > after)
        .order_by(complaint.c.id)
        .limit(limit)
    )
    return [ComplaintRow._make(row) for row in await tx.execute(query)]


async def one(
    tx: Transaction, complaint_id: int, reach: Reach, *, lock: bool = False
) -> WholeComplaint | None:
    """One complaint, where its office or its person is within reach."""
    query = select(complaint).where(complaint.c.id == complaint_id, _within(reach))
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    columns = (getattr(row, name) for name in ComplaintRow._fields)
    return WholeComplaint(ComplaintRow(*columns), row.contact, row.picture)


async def set_answer(
    tx: Transaction, complaint_id: int, answer: bytes, answered_by: str, answered_at: datetime
) -> None:
    """Stores the sealed answer to a complaint that the caller has locked."""
    values = {"answer": answer, "answered_by": answered_by, "answered_at": answered_at}
    await tx.execute(update(complaint).where(complaint.c.id == complaint_id).values(values))


async def set_corrected(tx: Transaction, complaint_id: int, dose_id: int, corrected: str) -> None:
    """Stores which fields of which dose an answer put right; the caller has locked it."""
    values = {"dose_id": dose_id, "corrected": corrected}
    await tx.execute(update(complaint).where(complaint.c.id == complaint_id).values(values))


async def open_about(tx: Transaction, dose_ids: Sequence[int]) -> list[OpenComplaint]:
    """The unanswered complaints about these doses."""
    query = (
        select(complaint.c.id, complaint.c.dose_id, complaint.c.contact)
        .where(complaint.c.dose_id.in_(dose_ids), complaint.c.answered_at.is_(None))
        .order_by(complaint.c.id)
    )
    return [OpenComplaint._make(row) for row in await tx.execute(query)]


async def set_office(tx: Transaction, complaint_id: int, office: str) -> None:
    """Forwards a complaint that the caller has locked."""
    await tx.execute(update(complaint).where(complaint.c.id == complaint_id).values(office=office))


async def unanswered(tx: Transaction, now: datetime) -> Unanswered:
    """How many complaints wait."""
    counts = select(
        func.count().filter(complaint.c.due_at >= now),
        func.count().filter(complaint.c.due_at < now),
    )
    row = (await tx.execute(counts.where(complaint.c.answered_at.is_(None)))).one()
    return Unanswered._make(row)


async def owe_email(tx: Transaction, complaint_id: int, now: datetime) -> None:
    """Owes an e-mail about the complaint.

    One that has not left yet is taken back: the new one tells more.
    """
    await tx.execute(
        delete(complaint_letter).where(complaint_letter.c.complaint_id == complaint_id)
    )
    await tx.execute(insert(complaint_letter).values(complaint_id=complaint_id, due_at=now))


async def take_email(tx: Transaction, now: datetime, until: datetime) -> OwedEmail | None:
    """Takes the e-mail that has been due longest; nobody else takes it before `until`."""
    longest = (
        select(complaint_letter.c.id)
        .where(complaint_letter.c.due_at <= now)
        .order_by(complaint_letter.c.due_at)
        .limit(1)
    )
    taken = (
        update(complaint_letter)
        .where(complaint_letter.c.id == longest.with_for_update(skip_locked=True).scalar_subquery())
        .values(due_at=until, tries=complaint_letter.c.tries + 1)
        .returning(complaint_letter)
        .cte()
    )
    of_complaint = (complaint.c[name] for name in OwedEmail._fields[2:])
    query = select(taken.c.id.label("letter_id"), taken.c.tries, *of_complaint)
    row = (
        await tx.execute(query.join(complaint, complaint.c.id == taken.c.complaint_id))
    ).one_or_none()
    return None if row is None else OwedEmail._make(row)


async def postpone_email(tx: Transaction, letter_id: UUID, due_at: datetime) -> None:
    """Puts off the next try; nothing happens where the e-mail was taken back."""
    await tx.execute(
        update(complaint_letter).where(complaint_letter.c.id == letter_id).values(due_at=due_at)
    )


async def settle_email(tx: Transaction, letter_id: UUID) -> None:
    """Forgets an e-mail that was handed over, or never will be."""
    await tx.execute(delete(complaint_letter).where(complaint_letter.c.id == letter_id))


def _within(reach: Reach) -> ColumnElement[bool]:
    if reach.everything:
        return true()
    return or_(
        false(),
        *(complaint.c.office.startswith(prefix, autoescape=True) for prefix in reach.facilities),
        *(complaint.c.residence.startswith(prefix, autoescape=True) for prefix in reach.residences),
    )
