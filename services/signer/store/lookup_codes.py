"""The codes that offices gave out. Neither the code nor the person stands here: both are blind
indexes.
"""

from datetime import datetime
from typing import NewType

from services.chassis.db import Transaction, affected
from services.chassis.encryption import Sealer
from services.signer.store.intents import PersonIndex

CodeIndex = NewType("CodeIndex", int)
"""The blind index of a code of one person."""

MOST_TRIES = 5
"""How often one code may be tried: details are mistyped, but not guessed by it."""

_ADD = "INSERT INTO lookup_code (code, expires_at) VALUES ($1, $2)"
_TRY = """
UPDATE lookup_code SET tries = tries + 1 WHERE code = $1 AND expires_at > $2 AND tries < $3
"""
_USE = "DELETE FROM lookup_code WHERE code = $1"
_FORGET = """
DELETE FROM lookup_code WHERE code IN (
    SELECT code FROM lookup_code WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
)
"""


def code_index(sealer: Sealer, person: PersonIndex, code: str) -> CodeIndex:
    """The index of a code in its one form; `person`: that of the personal number."""
    return CodeIndex(sealer.blind(f"lookup code:{person}:{code}"))


async def add(tx: Transaction, code: CodeIndex, expires_at: datetime) -> None:
    """Stores a code that nobody has used."""
    await tx.raw.execute(_ADD, code, expires_at)


async def try_code(tx: Transaction, code: CodeIndex, now: datetime) -> bool:
    """Whether the code is good, which counts one try of it; others who try it wait for `tx`."""
    return affected(await tx.raw.execute(_TRY, code, now, MOST_TRIES)) > 0


async def use(tx: Transaction, code: CodeIndex) -> None:
    """Ends a code: it was used."""
    await tx.raw.execute(_USE, code)


async def forget_expired(tx: Transaction, before: datetime, most: int) -> int:
    """Deletes codes that expired before then, up to `most`; answers how many."""
    return affected(await tx.raw.execute(_FORGET, before, most))
