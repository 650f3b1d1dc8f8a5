"""Small things for tests of the bus and what stands on it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

from services.chassis.bus import Bus, Event, EventBatch
from services.chassis.errors import TransientError

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
PATIENCE_S = 60


def an_event(
    topic: str,
    value: bytes = b"{}",
    *,
    key: str | None = None,
    headers: dict[str, str] | None = None,
) -> Event:
    """One event with an id of its own; its key spreads it."""
    id = str(uuid4())
    return Event(id, topic, "vn.hochieu.test", "/test", key or id, NOON, value, headers or {})


def some_events(topic: str, count: int) -> list[Event]:
    """`count` events spread over the partitions."""
    return [an_event(topic, b'{"n":%d}' % n) for n in range(count)]


def ids(events: Sequence[Event]) -> list[str]:
    """Their ids, sorted, repetitions and all."""
    return sorted(event.id for event in events)


async def take(
    bus: Bus,
    topics: Sequence[str],
    group: str,
    enough: Callable[[list[Event]], bool],
    *,
    max_events: int = 4,
) -> list[Event]:
    """Reads and commits as one member of `group` until `enough`."""
    taken: list[Event] = []
    async with (
        asyncio.timeout(PATIENCE_S),
        aclosing(bus.batches(topics, group, max_events=max_events)) as batches,
    ):
        async for batch in batches:
            taken.extend(batch.events)
            # a member whose commit is lost gets the events again
            with suppress(TransientError):
                await bus.commit(batch)
            if enough(taken):
                break
    return taken


async def take_waiting(bus: Bus, topic: str, group: str = "reader") -> list[Event]:
    """Everything that lies in `topic` for `group` now."""
    waiting = (await bus.lag([topic], group))[topic]
    return await take(bus, [topic], group, lambda taken: len(taken) >= waiting) if waiting else []


@asynccontextmanager
async def running(*loops: "asyncio.Future[None]") -> AsyncIterator[None]:
    """The given tasks, cancelled at the end of the block; an error of theirs is an error of the
    test.
    """
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        ended = await asyncio.gather(*loops, return_exceptions=True)
    for one in ended:
        if isinstance(one, Exception):
            raise one


async def until(true: Callable[[], bool]) -> None:
    """Waits until `true`, and gives up after a minute."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)


class InterruptedBus:
    """A bus whose wire breaks: the next `before` publishes fail unsent, the next `after` ones fail
    sent; so do `commits`.
    """

    def __init__(self, bus: Bus, *, before: int = 0, after: int = 0, commits: int = 0) -> None:
        self._bus = bus
        self.before = before
        self.after = after
        self.commits = commits
        self.batches = bus.batches
        self.lag = bus.lag
        self.peek = bus.peek
        self.ping = bus.ping

    async def publish(self, events: Sequence[Event]) -> None:
        """As the bus does, or TransientError."""
        if self.before:
            self.before -= 1
            raise TransientError("unsent")
        await self._bus.publish(events)
        if self.after:
            self.after -= 1
            raise TransientError("sent")

    async def commit(self, batch: EventBatch) -> None:
        """As the bus does, or TransientError."""
        if self.commits:
            self.commits -= 1
            raise TransientError("uncommitted")
        await self._bus.commit(batch)
