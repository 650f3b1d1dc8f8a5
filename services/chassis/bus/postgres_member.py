"""One member of a consumer group on the event log.

A member works one partition at a time and owns it by a session-level advisory lock of its own connection: whoever dies, however it
dies, lets go with its connection, and members need not know of each other. An idle member waits for NOTIFY, and looks by itself now
and then.
"""

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.chassis.bus.codec import decompress, number
from services.chassis.bus.port import Batch, Event
from services.chassis.failures import is_transient

_POLL_S = 1.5
_HOLD_BATCHES = 8  # then the partition is let go, so that none starves
_MAX_BACKOFF_S = 10.0
_SESSION = {
    "application_name": "bus member",
    # the log grows and shrinks faster than its statistics are renewed, and the primary key is always the right way in
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "plan_cache_mode": "force_generic_plan",
    # an offset lost in a crash of the server only repeats a batch
    "synchronous_commit": "off",
}
_JOIN = """
INSERT INTO consumer_offset (consumer, topic, partition, position)
SELECT $1, topic, partition, 0 FROM unnest($2::text[]) AS topic, generate_series(0, $3 - 1) AS partition ON CONFLICT DO NOTHING
"""
# LIMIT keeps each look a probe of the primary key
_WAITING = """
SELECT o.topic, o.partition FROM consumer_offset o, LATERAL (
    SELECT 1 FROM event e WHERE e.topic = o.topic AND e.partition = o.partition AND e.position > o.position ORDER BY e.position LIMIT 1
) AS next
WHERE o.consumer = $1 AND o.topic = ANY($2)
"""
_OFFSET = "SELECT position FROM consumer_offset WHERE consumer = $1 AND topic = $2 AND partition = $3"
_READ = """
SELECT position, id, type, source, key, time, headers::text AS headers, value FROM event
WHERE topic = $1 AND partition = $2 AND position > $3 ORDER BY position LIMIT $4
"""
_COMMIT = "UPDATE consumer_offset SET position = $4 WHERE consumer = $1 AND topic = $2 AND partition = $3 AND position < $4"
_log = logging.getLogger(__name__)


def channel(topic: str) -> str:
    """The NOTIFY channel of a topic."""
    return f"topic_{number(topic) & 0xFFFF_FFFF_FFFF_FFFF:016x}"


@dataclass(slots=True)
class Place:
    """Where a batch ends, and the member that read it."""

    member: "Member"
    topic: str
    partition: int
    position: int

    async def commit(self) -> None:
        """Marks everything up to here as handled by the member's group."""
        await self.member.commit(self)


class Member:
    """Reads for one group from some topics, over one connection of its own."""

    def __init__(self, dsn: str, group: str, topics: Sequence[str], partitions: int) -> None:
        self._dsn = dsn
        self._group = group
        self._topics = list(topics)
        self._partitions = partitions
        self._connection: asyncpg.Connection[Any] | None = None
        self._woken = asyncio.Event()
        self._hand: tuple[str, int] | None = None  # the partition this member owns, and
        self._offset = 0  # the group's offset there
        self._last = (random.choice(self._topics), random.randrange(partitions))  # noqa: S311

    async def batches(self, max_events: int) -> AsyncGenerator[Batch, None]:
        """Batches without end, over as many connections as it takes."""
        failures = 0
        while True:
            try:
                async with self._connected(), aclosing(self._work(max_events)) as work:
                    async for batch in work:
                        if batch is not None:
                            yield batch
                        failures = 0
            except Exception as error:
                if not is_transient(error):
                    raise
                failures += 1
                _log.warning("event log is away: %s", type(error).__name__)
            await asyncio.sleep(random.uniform(0.5, 1) * min(_MAX_BACKOFF_S, 0.1 * 2**failures))  # noqa: S311

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        connection = await asyncpg.connect(self._dsn, timeout=10, command_timeout=60, server_settings=_SESSION)
        self._connection = connection
        try:
            for topic in self._topics:
                await connection.add_listener(channel(topic), self._wake)
            connection.add_termination_listener(self._wake)
            await connection.execute(_JOIN, self._group, self._topics, self._partitions)
            yield
        finally:
            self._connection = None
            try:
                await connection.close(timeout=2)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    def _wake(self, *_: Any) -> None:
        self._woken.set()

    async def _work(self, max_events: int) -> AsyncGenerator[Batch | None, None]:
        """Batches, and None after each look at the whole."""
        while True:
            self._woken.clear()
            worked = False
            for topic, partition in await self._waiting():
                if not await self._live.fetchval("SELECT pg_try_advisory_lock($1)", self._lock(topic, partition)):
                    continue
                self._hand = (topic, partition)
                # read after the lock was got: until then another member may have moved it
                self._offset = int(await self._live.fetchval(_OFFSET, self._group, topic, partition))
                for _ in range(_HOLD_BATCHES):
                    batch = await self._read(topic, partition, max_events)
                    if batch is None:
                        break
                    worked = True
                    yield batch
                self._hand = None
                await self._live.execute("SELECT pg_advisory_unlock($1)", self._lock(topic, partition))
                self._last = (topic, partition)
            yield None
            if not worked:
                await self._rest()

    async def _waiting(self) -> list[tuple[str, int]]:
        """Partitions with unread events, from the one after the last one worked on."""
        rows = await self._live.fetch(_WAITING, self._group, self._topics)
        return sorted(((row["topic"], row["partition"]) for row in rows), key=lambda place: (place <= self._last, place))

    async def _read(self, topic: str, partition: int, max_events: int) -> Batch | None:
        rows = await self._live.fetch(_READ, topic, partition, self._offset, max_events)
        if not rows:
            return None
        return Batch(topic, [event_of(topic, row) for row in rows], Place(self, topic, partition, rows[-1]["position"]))

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(random.uniform(0.7, 1) * _POLL_S):  # noqa: S311
                await self._woken.wait()
        except TimeoutError:
            return

    async def commit(self, place: Place) -> None:
        """Moves the offset on; also right after the partition was lost, because what is behind `place` is handled."""
        await self._live.execute(_COMMIT, self._group, place.topic, place.partition, place.position)
        if self._hand == (place.topic, place.partition):
            self._offset = max(self._offset, place.position)

    @property
    def _live(self) -> "asyncpg.Connection[Any]":
        if self._connection is None:
            raise ConnectionError("the connection to the event log is lost")
        return self._connection

    def _lock(self, topic: str, partition: int) -> int:
        return number("read", self._group, topic, str(partition))


def event_of(topic: str, row: Any) -> Event:
    """The event that a row of the log holds."""
    return Event(
        id=row["id"],
        topic=topic,
        type=row["type"],
        source=row["source"],
        key=row["key"],
        time=row["time"],
        value=decompress(row["value"]),
        headers=json.loads(row["headers"]),
    )
