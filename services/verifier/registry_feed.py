"""Follows the registry's feed: doses that a change concerns are verified anew, so that what waited
is issued, and what is wrong revoked.

A change is looked at twice: at once, and when no verification can still be on its way whose answer
is of before the change. Whoever handles doses opens a transaction, writes to it, and then asks the
registry; so all that asked before the change was seen has ended once every transaction has that was
open then, however long one takes. The clocks of the registry and of this machine say nothing of
that.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from services.chassis.pause import rest
from services.chassis.transient import is_transient
from services.verifier.context import Context
from services.verifier.domain.match_person import registered
from services.verifier.evidence import used_index
from services.verifier.registry_answers import Changed
from services.verifier.reverify import ask_again
from services.verifier.store import feed
from services.verifier.store.feed import Touched

EVERY_S = 3.0
SETTLED_AFTER_S = 60.0
"""So long besides, for a registry that answers from several copies: one of them may know of a
change later than the feed.
"""
_LOCK = 4_206_202_206
_PAGES = 20  # at one look, so that a stop need not wait for a long backlog
_log = structlog.get_logger()


async def follow(context: Context, stop: asyncio.Event, every_s: float = EVERY_S) -> None:
    """Follows until `stop` is set, in one process at a time; a registry or database that is away is
    waited for.
    """
    follower = Follower(context)
    while not stop.is_set():
        try:
            async with context.db.lock(_LOCK) as mine:
                if mine:
                    await follower.look(time.monotonic)
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("changes_wait", error=type(error).__name__)
        await rest(stop, every_s)


class _Seen(NamedTuple):
    """The changes up to `sequence` were seen at `at`, and no transaction from `horizon` on had
    written anything by then.
    """

    sequence: int
    at: float
    horizon: int


class Follower:
    """One reader of the feed; what it has seen but not settled is forgotten with the process, and
    seen again.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: deque[_Seen] = deque()

    async def look(self, clock: Callable[[], float]) -> None:
        """Works off what is new, then what has settled; `clock`: in seconds, never set back or
        on.
        """
        async with self._context.db.begin() as tx:
            position, oldest_open = await feed.position(tx), await feed.oldest_open(tx)
        # another process may have followed the feed meanwhile
        while self._seen and self._seen[0].sequence <= position:
            self._seen.popleft()
        settled = position
        for seen in self._seen:
            if seen.at > clock() - SETTLED_AFTER_S or seen.horizon > oldest_open:
                break
            settled = seen.sequence
        newest = self._seen[-1].sequence if self._seen else position
        for _ in range(_PAGES):
            page = await self._context.registry.changes(newest)
            if not page:
                break
            at, newest = clock(), page[-1].sequence
            self._seen.append(_Seen(newest, at, await self._work(page, settled=False)))
        for _ in range(_PAGES):
            if position >= settled:
                break
            page = [
                change
                for change in await self._context.registry.changes(position)
                if change.sequence <= settled
            ]
            if not page:
                break
            await self._work(page, settled=True)
            position = page[-1].sequence

    async def _work(self, changes: Sequence[Changed], *, settled: bool) -> int:
        """Answers the transaction's own number, below which all those are that may have asked
        before the change.
        """
        touched = [one for change in changes for one in self._touched(change)]
        async with self._context.db.begin() as tx:
            horizon = await feed.horizon(tx)
            doses = await feed.affected(tx, touched, judged_before=settled)
            await ask_again(self._context, tx, doses, "registry changed")
            if settled:
                await feed.advance(tx, changes[-1].sequence)
        if not settled:
            for change in changes:
                self._context.metrics.count("change", change.kind)
        return horizon

    def _touched(self, change: Changed) -> list[Touched]:
        """Every number of the changed person: of today, before the change, and from long ago."""
        sealer, person = self._context.sealer, change.person
        used = None
        if person is not None and person.status == "alive":
            used = used_index(sealer, registered(person))
        return [Touched(sealer.blind(number), used, change.at) for number in change.numbers]
