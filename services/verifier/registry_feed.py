"""Follows the registry's feed of changes.

The doses that a change concerns are verified anew: so what waited is issued, and what is wrong is
revoked. A change is worked off twice: at once, and when no verification can still be on its way
whose answer is older than the change. Whoever verifies doses opens a transaction, writes to it, and
then asks the registry. So all that asked before the change was seen has ended once every
transaction that was open then has ended, however long it takes. The clocks of the registry and of
this machine tell nothing about that.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from services.chassis.periodic import UnknownError, periodic
from services.verifier.context import Context
from services.verifier.domain.decision import registry_data
from services.verifier.registry_answers import RegistryChange
from services.verifier.reverify import request_reverification
from services.verifier.store import feed, watches
from services.verifier.store.feed import ChangedNumber
from services.verifier.store.verifications import number_index, registry_index
from services.verifier.watching import indexes_of

EVERY_S = 3.0
SETTLED_AFTER_S = 60.0
"""So long besides, for a registry that answers from several copies.

One of them may learn of a change later than the feed.
"""
_LOCK = 4_206_202_206
_PAGES = 20  # at one look, so that a stop need not wait for a long backlog


async def follow(context: Context, stop: asyncio.Event, every_s: float = EVERY_S) -> None:
    """Follows until `stop` is set, in one process at a time.

    It waits for a registry or database that is away.
    """
    follower = FeedFollower(context)

    async def look() -> None:
        async with context.db.lock(_LOCK) as is_mine:
            if is_mine:
                await follower.look(time.monotonic)

    await periodic("changes", look, stop, every_s, UnknownError.ENDS_THE_SERVICE)


class _SeenChanges(NamedTuple):
    """The changes up to `sequence` were seen at `at`.

    No transaction from `horizon` on had written anything by then.
    """

    sequence: int
    at: float
    horizon: int


class FeedFollower:
    """One reader of the feed.

    What it has seen but not settled is forgotten with the process, and seen again.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: deque[_SeenChanges] = deque()

    async def look(self, clock: Callable[[], float]) -> None:
        """Works off new changes, then settled ones.

        `clock`: in seconds, never set back or on.
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
            self._seen.append(_SeenChanges(newest, at, await self._work(page, settled=False)))
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

    async def _work(self, changes: Sequence[RegistryChange], *, settled: bool) -> int:
        """Has the concerned doses verified anew, and answers the transaction's own number.

        Below it are all transactions that may have asked the registry before the change.
        """
        numbers = [number for change in changes for number in self._changed_numbers(change)]
        watched = [(changed.number, changed.at) for changed in numbers] + [
            (index, change.at)
            for change in changes
            for index in indexes_of(self._context.sealer, change.person)
        ]
        async with self._context.db.begin() as tx:
            horizon = await feed.horizon(tx)
            doses = dict(await feed.affected(tx, numbers, verified_before=settled))
            doses |= await watches.affected(tx, watched, verified_before=settled)
            await request_reverification(
                self._context, tx, sorted(doses.items()), "registry changed"
            )
            if settled:
                await feed.advance(tx, changes[-1].sequence)
        if not settled:
            for change in changes:
                self._context.metrics.count("change", change.kind)
        return horizon

    def _changed_numbers(self, change: RegistryChange) -> list[ChangedNumber]:
        """Every number of the changed person, old ones too."""
        sealer, person = self._context.sealer, change.person
        used = None
        if person is not None and person.status == "alive":
            used = registry_index(sealer, registry_data(person))
        return [
            ChangedNumber(number_index(sealer, number), used, change.at)
            for number in change.numbers
        ]
