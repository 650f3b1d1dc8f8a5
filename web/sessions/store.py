"""The rows of sessions."""

from datetime import datetime
from typing import NamedTuple

from services.chassis.db import Transaction, affected

_FIND = "SELECT id, subject, tokens, draft, signed_in_at, seen_at FROM session WHERE id = $1"
_LOCK = f"{_FIND} FOR UPDATE"
_INSERT = """
INSERT INTO session (id, subject, tokens, draft, signed_in_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $5)
"""
_SEEN = "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2"
_TOKENS = "UPDATE session SET tokens = $2 WHERE id = $1"
_DRAFT = "UPDATE session SET draft = $2 WHERE id = $1"
_DELETE = "DELETE FROM session WHERE id = $1"
_DELETE_ALL = "DELETE FROM session WHERE subject = $1"
_CLOSE_IDLE = "UPDATE session SET tokens = NULL WHERE seen_at < $1 AND tokens IS NOT NULL"
_PURGE = "DELETE FROM session WHERE signed_in_at < $1"


class SessionRow(NamedTuple):
    """One session as it is kept; `tokens` and `draft` sealed."""

    id: bytes
    subject: int
    tokens: bytes | None
    draft: bytes | None
    signed_in_at: datetime
    seen_at: datetime


async def find(tx: Transaction, id: bytes, *, lock: bool = False) -> SessionRow | None:
    """The session of a cookie; `lock`: nobody else changes it until the transaction ends."""
    found = await tx.raw.fetchrow(_LOCK if lock else _FIND, id)
    return SessionRow(**dict(found)) if found else None


async def insert(
    tx: Transaction, id: bytes, subject: int, tokens: bytes, draft: bytes | None, at: datetime
) -> None:
    """Writes a new session."""
    await tx.raw.execute(_INSERT, id, subject, tokens, draft, at)


async def touch(tx: Transaction, id: bytes, at: datetime) -> None:
    """Says that somebody is there."""
    await tx.raw.execute(_SEEN, id, at)


async def set_tokens(tx: Transaction, id: bytes, tokens: bytes | None) -> None:
    """Replaces the tokens; None: the session has ended."""
    await tx.raw.execute(_TOKENS, id, tokens)


async def set_draft(tx: Transaction, id: bytes, draft: bytes | None) -> None:
    """Keeps what was typed, or forgets it."""
    await tx.raw.execute(_DRAFT, id, draft)


async def delete(tx: Transaction, id: bytes) -> None:
    """Forgets one session."""
    await tx.raw.execute(_DELETE, id)


async def delete_of(tx: Transaction, subject: int) -> int:
    """Forgets all sessions of one person; answers how many there were."""
    return affected(await tx.raw.execute(_DELETE_ALL, subject))


async def purge(tx: Transaction, idle_since: datetime, begun_before: datetime) -> int:
    """Takes the tokens from idle sessions, and forgets old ones; answers how many it forgot."""
    await tx.raw.execute(_CLOSE_IDLE, idle_since)
    return affected(await tx.raw.execute(_PURGE, begun_before))
