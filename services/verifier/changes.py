"""Follows the registry's feed: doses that a change concerns are verified anew, so that what waited is issued, and what is wrong revoked.

A change is looked at twice: at once, and when it is old enough that no verification made before it can still be on its way.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import structlog

from services.chassis.failures import is_transient
from services.chassis.resting import rest
from services.verifier.cases_recheck import ask_again
from services.verifier.context import Context
from services.verifier.domain.decide import registered
from services.verifier.evidence import used_index
from services.verifier.registry_answers import Changed
from services.verifier.store import feed
from services.verifier.store.feed import Touched

EVERY_S = 3.0
SETTLED_AFTER = timedelta(seconds=60)
_LOCK = 4_206_202_206
_PAGES = 20  # at one look, so that a stop need not wait for a long backlog
_log = structlog.get_logger()


async def follow(context: Context, stop: asyncio.Event, every_s: float = EVERY_S) -> None:
    """Follows until `stop` is set, in one process at a time; a registry or database that is away is waited for."""
    follower = Follower(context)
    while not stop.is_set():
        try:
            async with context.db.lock(_LOCK) as mine:
                if mine:
                    await follower.look(datetime.now(UTC))
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("changes_wait", error=type(error).__name__)
        await rest(stop, every_s)


class Follower:
    """One reader of the feed; what it has seen but not settled is forgotten with the process, and seen again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen = 0

    async def look(self, now: datetime) -> None:
        """Works off what is new, then what has settled by `now`."""
        async with self._context.db.begin() as tx:
            position = await feed.position(tx)
        self._seen = max(self._seen, position)
        for _ in range(_PAGES):
            page = await self._context.registry.changes(self._seen)
            if not page:
                break
            await self._work(page, settled=False)
            self._seen = page[-1].sequence
        for _ in range(_PAGES if position < self._seen else 0):
            page = await self._context.registry.changes(position)
            settled = list(takewhile(lambda change: change.sequence <= self._seen and change.at <= now - SETTLED_AFTER, page))
            if not settled:
                break
            await self._work(settled, settled=True)
            position = settled[-1].sequence

    async def _work(self, changes: Sequence[Changed], *, settled: bool) -> None:
        touched = [one for change in changes for one in self._touched(change)]
        async with self._context.db.begin() as tx:
            doses = await feed.affected(tx, touched, judged_before=settled)
            await ask_again(self._context, tx, doses, "registry changed")
            if settled:
                await feed.advance(tx, changes[-1].sequence)
        if not settled:
            for change in changes:
                self._context.metrics.count("change", change.kind)

    def _touched(self, change: Changed) -> list[Touched]:
        """Every number of the changed person: of today, before the change, and from long ago."""
        sealer, person = self._context.sealer, change.person
        used = None
        if person is not None and person.status == "alive":
            used = used_index(sealer, registered(person))
        return [Touched(sealer.blind(number), used, change.at) for number in change.numbers]
