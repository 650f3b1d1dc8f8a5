"""Letters owed about complaints: stored in the transaction of what they tell, and handed over
afterwards.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from services.chassis.db import Transaction
from services.records.schema import complaint, complaint_letter


async def owe(tx: Transaction, complaint_id: int, now: datetime) -> None:
    """A letter about the complaint is due; one that has not left yet is taken back, since the new
    one tells more.
    """
    await tx.execute(
        delete(complaint_letter).where(complaint_letter.c.complaint_id == complaint_id)
    )
    await tx.execute(insert(complaint_letter).values(complaint_id=complaint_id, due_at=now))


async def take(tx: Transaction, now: datetime, until: datetime) -> Row[Any] | None:
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


async def postpone(tx: Transaction, letter_id: UUID, due_at: datetime) -> None:
    """Another try, then; nothing where the letter was taken back."""
    await tx.execute(
        update(complaint_letter).where(complaint_letter.c.id == letter_id).values(due_at=due_at)
    )


async def settle(tx: Transaction, letter_id: UUID) -> None:
    """The letter was handed over, or never will be."""
    await tx.execute(delete(complaint_letter).where(complaint_letter.c.id == letter_id))
