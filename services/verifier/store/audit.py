"""Who looked at what."""

from collections.abc import Sequence

from sqlalchemy import insert

from services.chassis.db import Transaction
from services.verifier.schema import audit


async def note(tx: Transaction, caller: str, act: str, subjects: Sequence[int]) -> None:
    """Writes down who looked at what; the table only grows."""
    if subjects:
        await tx.execute(insert(audit), [{"caller": caller, "act": act, "subject": subject} for subject in subjects])
