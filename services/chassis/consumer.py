"""The consumer loop: a batch of events is handled in one transaction, and its offset is committed
last.

Three classes of error. *Data* errors are the handler's own business and never come here.
*Transient* ones are retried for ever with backoff: the partition waits, nothing is skipped.
Everything else is *poison*. The batch is halved until the bad item is alone; that goes to
`<topic>.dlq`, and the rest is handled. Too many dead letters stop the consumer, so that a bad
release does not empty the topic.

Before all that an event must be its writer's. What is not goes to `<topic>.dlq` unhandled.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from services.chassis import trace
from services.chassis.bus import Bus, Event, EventBatch
from services.chassis.bus.signatures import Gate, OpenGate, UntrustedEventError
from services.chassis.db import ConflictError, Database, Transaction
from services.chassis.dlq import DeadLetters
from services.chassis.inbox import first_time
from services.chassis.transient import is_transient

_log = logging.getLogger(__name__)


class Handler(Protocol):
    """Handles events of one topic within the given transaction; must be idempotent, since a dead
    letter may be replayed.
    """

    async def __call__(self, tx: Transaction, events: Sequence[Event], /) -> None:
        """Writes state and puts events into the outbox; whoever calls commits.

        It is called in the trace of the first event; what follows from another one alone is put in
        that one's.
        """


class Meter(Protocol):
    """Told of every attempt."""

    def observe(self, topic: str, outcome: str, events: int, seconds: float) -> None:
        """`outcome`: done, repeated (came before, skipped), retried (transient), dead_lettered,
        untrusted (not its writer's), passed_over (another reader's part).
        """


class NullMeter:
    """Counts nothing."""

    def observe(self, topic: str, outcome: str, events: int, seconds: float) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Backoff of transient errors; attempts before an item is poison; and how many dead letters in
    `window_s` stop the consumer.
    """

    first_backoff_s: float = 0.2
    max_backoff_s: float = 30.0
    attempts: int = 3
    max_poison: int = 20
    window_s: float = 600.0


class _Stopped(Exception):  # noqa: N818
    """The stop came while a batch waited out a transient error; it comes again."""


class Consumer:
    """One loop over one member of a consumer group.

    `split` cuts an event into events of one item each, so that one bad item of hundreds is
    dead-lettered alone. The ids of these events are the same every time. `gate`: which events
    are believed, all by default.
    """

    def __init__(
        self,
        bus: Bus,
        db: Database,
        group: str,
        topics: Sequence[str],
        handler: Handler,
        *,
        split: Callable[[Event], Sequence[Event]] | None = None,
        gate: Gate | None = None,
        max_events: int = 4,
        limits: Limits | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._bus = bus
        self._db = db
        self._group = group
        self._topics = topics
        self._handler = handler
        self._split = split
        self._gate = gate or OpenGate()
        self._max_events = max_events
        self._limits = limits or Limits()
        self._meter = meter or NullMeter()
        window_s, most = self._limits.window_s, self._limits.max_poison
        self._letters = DeadLetters(
            bus, group, topics, attempts=self._limits.attempts, most=most, window_s=window_s
        )
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Works until `stop` is set or the task is cancelled, and then finishes the batch in hand;
        TooMuchPoisonError ends it too.
        """
        self._stop = stop or asyncio.Event()
        stopping = asyncio.create_task(self._stop.wait())
        try:
            async with aclosing(
                self._bus.batches(self._topics, self._group, max_events=self._max_events)
            ) as batches:
                while not self._stop.is_set():
                    coming = asyncio.ensure_future(anext(batches))
                    try:
                        await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        if not coming.done():
                            coming.cancel()
                            await asyncio.wait({coming})
                    if coming.cancelled():
                        break
                    await self._finish(coming.result())
        finally:
            stopping.cancel()

    async def _finish(self, batch: EventBatch) -> None:
        work = asyncio.create_task(self._work(batch))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait({work})
            raise

    async def _work(self, batch: EventBatch) -> None:
        try:
            if admitted := [event for event in batch.events if await self._admits(event)]:
                await self._settle(admitted)
            await self._bus.commit(batch)
        except _Stopped:
            return
        except Exception as error:
            if not is_transient(error):
                raise
            # the work is done and remembered; the batch comes again and is skipped
            _log.warning("offset of %s not committed: %s", batch.topic, type(error).__name__)

    async def _admits(self, event: Event) -> bool:
        """Whether the event is to be handled; one that is not its writer's is set aside.

        The inbox does not learn of it: its id may be that of an honest event still to come.
        """
        try:
            admitted = self._gate.admits(event)
        except UntrustedEventError as error:
            refused = error
        else:
            if not admitted:
                self._meter.observe(event.topic, "passed_over", 1, 0.0)
            return admitted
        await self._for_ever(lambda: self._letters.set_aside(event, refused))
        self._meter.observe(event.topic, "untrusted", 1, 0.0)
        return False

    async def _settle(self, events: Sequence[Event]) -> None:
        """Handles `events`, halving down to the poisonous one; answers when each is handled or
        dead-lettered.
        """
        alone = len(events) == 1
        with trace.continued(events[0].headers):
            error = await self._attempt(events, self._limits.attempts if alone else 1)
        if error is None:
            return
        if not alone:
            middle = len(events) // 2
            await self._settle(events[:middle])
            await self._settle(events[middle:])
            return
        event = events[0]
        parts = self._parts(event)
        if len(parts) > 1:
            await self._settle(parts)
        else:
            await self._dead_letter(event, error)
        await self._remember(event)

    def _parts(self, event: Event) -> Sequence[Event]:
        if self._split is None:
            return [event]
        try:
            return [self._gate.vouch(part, event) for part in self._split(event)]
        except Exception as error:  # an event that cannot even be read
            _log.warning("event %s cannot be split: %s", event.id, type(error).__name__)
            return [event]

    async def _attempt(self, events: Sequence[Event], attempts: int) -> Exception | None:
        """Handles all of `events` in one transaction; answers the error if it is poison as often as
        `attempts`.
        """
        topic, poison, waits, optimistic = events[0].topic, 0, 0, True
        while True:
            began = time.monotonic()
            try:
                async with self._db.begin(optimistic=optimistic) as tx:
                    fresh = await first_time(tx, self._group, events)
                    if fresh:
                        await self._handler(tx, fresh)
            except ConflictError:
                optimistic = False
                continue
            except Exception as error:
                if is_transient(error):
                    waits += 1
                    self._meter.observe(topic, "retried", len(events), time.monotonic() - began)
                    _log.warning("%s waits for %s: %s", self._group, topic, type(error).__name__)
                    await self._pause(waits)
                    continue
                poison += 1
                if poison >= attempts:
                    return error
                await self._pause(poison)
                continue
            took = time.monotonic() - began
            if fresh:
                self._meter.observe(topic, "done", len(fresh), took)
            if len(fresh) < len(events):
                self._meter.observe(topic, "repeated", len(events) - len(fresh), took)
            return None

    async def _pause(self, failures: int) -> None:
        wait = min(
            self._limits.max_backoff_s, self._limits.first_backoff_s * 2 ** min(failures - 1, 20)
        )
        try:
            async with asyncio.timeout(random.uniform(0.5, 1) * wait):  # noqa: S311
                await self._stop.wait()
        except TimeoutError:
            return
        raise _Stopped

    async def _dead_letter(self, event: Event, error: Exception) -> None:
        began = time.monotonic()
        with trace.continued(event.headers):
            await self._for_ever(lambda: self._letters.take(event, error))
        self._meter.observe(event.topic, "dead_lettered", 1, time.monotonic() - began)

    async def _remember(self, event: Event) -> None:
        """Marks a split or dead-lettered event as handled, so that its return changes nothing."""

        async def mark() -> None:
            async with self._db.begin() as tx:
                await first_time(tx, self._group, [event])

        await self._for_ever(mark)

    async def _for_ever(self, act: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while True:
            try:
                return await act()
            except Exception as error:
                if not is_transient(error):
                    raise
                failures += 1
            await self._pause(failures)
