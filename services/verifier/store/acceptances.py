"""Acceptances that were taken back: such an event may come before what it takes back."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from contracts.events import AcceptedSuggestion
from services.chassis.db import Transaction
from services.verifier.schema import taken_back


async def take_back(tx: Transaction, accepted: AcceptedSuggestion) -> None:
    """Keeps until when acceptances of that version by that subject count no more."""
    values = {
        "dose_id": accepted.dose_id,
        "version": accepted.version,
        "accepted_by": accepted.accepted_by,
        "at": accepted.at,
    }
    statement = insert(taken_back).values(values)
    newer = taken_back.c.at < statement.excluded.at
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["dose_id", "version", "accepted_by"],
            set_={"at": statement.excluded.at},
            where=newer,
        )
    )


async def is_taken_back(tx: Transaction, accepted: AcceptedSuggestion) -> bool:
    """Whether this acceptance was taken back after it was made."""
    since: datetime = accepted.at
    query = select(
        exists().where(
            taken_back.c.dose_id == accepted.dose_id,
            taken_back.c.version == accepted.version,
            taken_back.c.accepted_by == accepted.accepted_by,
            taken_back.c.at >= since,
        )
    )
    return bool((await tx.execute(query)).scalar_one())
