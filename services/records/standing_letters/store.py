"""Letters owed, with whom they go to sealed, until they were handed over."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.chassis.db import Transaction


class OwedStandingLetter(NamedTuple):
    """A letter as it is taken; `content` is sealed."""

    letter_id: UUID
    kind: str
    content: bytes
    tries: int


_OWE = """
INSERT INTO standing_letter (id, kind, content, due_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::timestamptz[])
"""
_TAKE = """
UPDATE standing_letter SET due_at = $2, tries = tries + 1 WHERE id = (
    SELECT id FROM standing_letter WHERE due_at <= $1 ORDER BY due_at LIMIT 1
    FOR UPDATE SKIP LOCKED
) RETURNING id, kind, content, tries
"""
_POSTPONE = "UPDATE standing_letter SET due_at = $2 WHERE id = $1"
_SETTLE = "DELETE FROM standing_letter WHERE id = $1"


async def owe(tx: Transaction, letters: Sequence[tuple[UUID, str, bytes, datetime]]) -> None:
    """Owes letters of (id, kind, sealed content, due at)."""
    if letters:
        columns = zip(*letters, strict=True)
        await tx.raw.execute(_OWE, *(list(column) for column in columns))


async def take(tx: Transaction, now: datetime, until: datetime) -> OwedStandingLetter | None:
    """Takes the letter that has been due longest; nobody else takes it before `until`."""
    row = await tx.raw.fetchrow(_TAKE, now, until)
    return None if row is None else OwedStandingLetter(*row)


async def postpone(tx: Transaction, letter_id: UUID, due_at: datetime) -> None:
    """Puts off the next try."""
    await tx.raw.execute(_POSTPONE, letter_id, due_at)


async def settle(tx: Transaction, letter_id: UUID) -> None:
    """Forgets a letter that was handed over, or never will be."""
    await tx.raw.execute(_SETTLE, letter_id)
