"""Doses that wait because another record is certified for the same injection: they get their turn
once it no longer is.
"""

from datetime import datetime

from contracts.events import MAX_CHUNK
from services.records.context import Context
from services.records.doses import store as doses
from services.records.pipeline.reverify import verify_again
from services.records.pipeline.store import duplicates as store

_BY = "records"


async def release(context: Context, now: datetime) -> None:
    """Has those verified again whose other record was withdrawn, or corrected into another
    injection.

    The signer may not have heard of that yet and refuse them once more; then they are tried again,
    ever more seldom.
    """
    async with context.db.begin() as tx:
        freed = await store.freed(tx, now, MAX_CHUNK)
        rows = (
            [row for row in await doses.lock_doses(tx, freed) if row.refusal in store.CODES]
            if freed
            else []
        )
        if rows:
            await verify_again(context, tx, rows, _BY, store.RELEASED)
