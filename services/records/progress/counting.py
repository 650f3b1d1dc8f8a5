"""Counts the tally again and again, as often as its cost allows.

A count reads every dose, so it takes its time on a large database. It then rests so long that it
costs a twentieth of one core. Where nothing was written since, nothing is counted.
"""

import asyncio
import time
from datetime import date, timedelta
from typing import Final

from services.chassis.periodic import UnknownError, periodic
from services.records.context import Context
from services.records.progress.store import tally as store

REST_S: Final = 3.0
_RESTS_PER_COUNT = 19


async def count_forever(context: Context, stop: asyncio.Event) -> None:
    """Counts until `stop` is set; a database that is away is waited for."""
    counted: tuple[int, date] | None = None
    rest_s = REST_S

    async def count() -> float:
        nonlocal counted, rest_s
        async with context.db.begin() as tx:
            now = await store.writes(tx), context.today()
        if now == counted:
            return REST_S
        began = time.monotonic()
        if await count_progress(context, timedelta(seconds=rest_s)):
            rest_s = max(REST_S, _RESTS_PER_COUNT * (time.monotonic() - began))
            counted = now
        return rest_s

    await periodic("progress", count, stop, REST_S, UnknownError.IS_LOGGED)


async def count_progress(context: Context, fresh: timedelta = timedelta()) -> bool:
    """Counts once; False where another process counts, or did so less than `fresh` ago.

    The first count of all keeps of past days what can be derived.
    """
    async with context.db.begin() as tx:
        if not await store.try_count_lock(tx):
            return False
        before, now = await store.counted_at(tx), context.clock()
        if before is not None and now - before < fresh:
            return False
        if before is None:
            await store.derive_past(tx, context.today())
        await store.recount(tx, context.today(), now)
    return True
