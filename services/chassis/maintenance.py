"""The slow chores of a service process: it measures its outbox, and forgets what no retry can ask
for any more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from services.chassis import inbox
from services.chassis.db import Database
from services.chassis.outbox import Outbox
from services.chassis.periodic import UnknownError, periodic
from services.chassis.telemetry import Metrics

_MEASURE_S = 15.0
_PURGE_EVERY = 240  # measurements: once an hour
_OFTEN_EVERY = 4  # measurements: once a minute
_KEEP = timedelta(
    days=60
    # longer than a bus may keep an event (`BusSettings`); a dead letter that is replayed later has
    # a new id
)

Purge = Callable[[datetime], Awaitable[None]]
Lag = Callable[[], Awaitable[dict[str, int]]]


async def upkeep(
    db: Database,
    outbox: Outbox,
    metrics: Metrics,
    stop: asyncio.Event,
    *purges: Purge,
    often: Sequence[Purge] = (),
    lag: Lag | None = None,
) -> None:
    """Runs until `stop` is set; a database or bus that is away is waited for.

    `purges` run once an hour, `often` once a minute. `lag`: of a worker, what waits for it by
    topic.
    """
    turn = 0

    async def chores() -> None:
        nonlocal turn
        at, turn = turn, turn + 1
        metrics.outbox_depth.set(await outbox.depth())
        for topic, events in (await lag()).items() if lag is not None else ():
            metrics.lag.labels(topic).set(events)
        if at % _OFTEN_EVERY == 0:
            for chore in often:
                await chore(datetime.now(UTC))
        if at % _PURGE_EVERY == 0:
            async with db.begin() as tx:
                await inbox.purge(tx, _KEEP)
            for purge in purges:
                await purge(datetime.now(UTC))

    await periodic("upkeep", chores, stop, _MEASURE_S, UnknownError.ENDS_THE_SERVICE)
