"""Doses that wait because another record of the same injection has the certificate.

They get their turn once it no longer has.
"""

from datetime import datetime

from contracts.events import MAX_CHUNK
from services.records.context import Context
from services.records.doses import store as doses
from services.records.pipeline.resend import verify_again
from services.records.pipeline.store import duplicates as store

_BY = "records"


async def release(context: Context, now: datetime) -> None:
    """Has doses verified again whose other record was withdrawn, or became another injection.

    The signer may not know it yet and refuse them once more. Then they are tried again, ever more
    seldom.
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
