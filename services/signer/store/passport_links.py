"""Links of one use to a passport: hashed tokens, whose passport each opens, and until when.

The browser that used a link gets a second token, by which it looks again for a short while.
"""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from services.chassis.db import Transaction, affected
from services.signer.store.intents import PersonIndex


class LinkedPerson(NamedTuple):
    """Whose passport a link opens: two countries may number one person alike."""

    person: PersonIndex
    nationality: str


_ADD = """
INSERT INTO passport_link (token, person, nationality, expires_at) VALUES ($1, $2, $3, $4)
"""
_OPEN = """
UPDATE passport_link SET again = $3, again_until = $4
WHERE token = $1 AND expires_at > $2 AND again IS NULL RETURNING person, nationality
"""
_AGAIN = "SELECT person, nationality FROM passport_link WHERE again = $1 AND again_until > $2"
_FORGET = """
DELETE FROM passport_link WHERE token IN (
    SELECT token FROM passport_link WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
)
"""


async def add(tx: Transaction, token: str, whose: LinkedPerson, expires_at: datetime) -> None:
    """Stores a link that nobody has opened."""
    await tx.raw.execute(_ADD, _hashed(token), whose.person, whose.nationality, expires_at)


async def open_once(
    tx: Transaction, token: str, now: datetime, again: str, again_until: datetime
) -> LinkedPerson | None:
    """Whose link it is, once; None where it is unknown, was opened before, or has expired.

    `again`: the token by which who opened it may look again.
    """
    row = await tx.raw.fetchrow(_OPEN, _hashed(token), now, _hashed(again), again_until)
    return None if row is None else LinkedPerson(*row)


async def look_again(tx: Transaction, again: str, now: datetime) -> LinkedPerson | None:
    """Whose link was opened with this second token; None where its time is over."""
    row = await tx.raw.fetchrow(_AGAIN, _hashed(again), now)
    return None if row is None else LinkedPerson(*row)


async def forget_expired(tx: Transaction, before: datetime, most: int) -> int:
    """Deletes links that expired before then, up to `most`; answers how many."""
    return affected(await tx.raw.execute(_FORGET, before, most))


def _hashed(token: str) -> bytes:
    # random and long, so that no slow hash is needed
    return sha256(token.encode()).digest()
