"""One member of a consumer group on the event log.

A member works on a few partitions at a time. Session-level advisory locks of its connection make
them its own: a member that dies loses its connection, and with it the locks. Members need not know
of each other. An idle member waits for NOTIFY, and looks by itself now and then.
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
from services.chassis.bus.port import Event, EventBatch
from services.chassis.transient import is_transient

_POLL_S = 1.5
# partitions that one member works on: others find some, and a batch is not small where each has a
# few events
_AT_ONCE = 2
_MAX_BACKOFF_S = 10.0
_SESSION = {
    "application_name": "bus member",
    # the log grows and shrinks faster than its statistics are renewed, and the primary key is
    # always the right way in
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "plan_cache_mode": "force_generic_plan",
    # an offset lost in a crash of the server only repeats a batch
    "synchronous_commit": "off",
}
_JOIN = """
INSERT INTO consumer_offset (consumer, topic, partition, position)
SELECT $1, topic, partition, 0 FROM unnest($2::text[]) AS topic, generate_series(0,
  $3 - 1) AS partition ON CONFLICT DO NOTHING
"""
# LIMIT keeps each look a probe of the primary key
_WAITING = """
SELECT o.topic, o.partition FROM consumer_offset o, LATERAL (
    SELECT 1 FROM event e WHERE e.topic = o.topic AND e.partition = o.partition
    AND e.position > o.position ORDER BY e.position LIMIT 1
) AS next
WHERE o.consumer = $1 AND o.topic = ANY($2)
"""
_LOCK = (
    "SELECT place FROM unnest($1::bigint[]) WITH ORDINALITY AS lock (key, place) WHERE"
    " pg_try_advisory_lock(key)"
)
_UNLOCK = "SELECT pg_advisory_unlock(key) FROM unnest($1::bigint[]) AS lock (key)"
_READ = """
SELECT o.partition, next.* FROM consumer_offset o, LATERAL (
    SELECT position, id, type, source, key, time, headers::text AS headers, value FROM event e
    WHERE e.topic = o.topic AND e.partition = o.partition
    AND e.position > o.position ORDER BY e.position LIMIT $4
) AS next
WHERE o.consumer = $1 AND o.topic = $2 AND o.partition = ANY($3::smallint[])
"""
_COMMIT = """
UPDATE consumer_offset AS o SET position = done.position FROM unnest($3::smallint[],
  $4::bigint[]) AS done (partition, position)
WHERE o.consumer = $1 AND o.topic = $2 AND o.partition = done.partition
AND o.position < done.position
"""
_log = logging.getLogger(__name__)


def channel(topic: str) -> str:
    """The NOTIFY channel of a topic."""
    return f"topic_{number(topic) & 0xFFFF_FFFF_FFFF_FFFF:016x}"


@dataclass(slots=True)
class LogPlace:
    """Where a batch ends in each of its partitions, and the member that read it."""

    member: "LogMember"
    topic: str
    ends: dict[int, int]

    async def commit(self) -> None:
        """Marks everything up to here as handled by the member's group."""
        await self.member.commit(self)


class LogMember:
    """Reads for one group from some topics, over one connection of its own."""

    def __init__(self, dsn: str, group: str, topics: Sequence[str], partitions: int) -> None:
        self._dsn = dsn
        self._group = group
        self._topics = list(topics)
        self._partitions = partitions
        self._connection: asyncpg.Connection[Any] | None = None
        self._woken = asyncio.Event()
        self._last = (random.choice(self._topics), random.randrange(partitions))  # noqa: S311

    async def batches(self, max_events: int) -> AsyncGenerator[EventBatch, None]:
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
        connection = await asyncpg.connect(
            self._dsn, timeout=10, command_timeout=60, server_settings=_SESSION
        )
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

    async def _work(self, max_events: int) -> AsyncGenerator[EventBatch | None, None]:
        """Batches, and None after each look at the whole."""
        while True:
            self._woken.clear()
            worked = False
            for topic, partitions in await self._waiting():
                partitions = partitions[:max_events]
                locks = [self._lock(topic, partition) for partition in partitions]
                owned = [
                    partitions[row["place"] - 1] for row in await self._live.fetch(_LOCK, locks)
                ]
                if not owned:
                    continue
                # read after the locks were got: until then another member may have moved the
                # offsets
                batch = await self._read(topic, owned, max_events // len(owned))
                if batch is not None:
                    worked = True
                    yield batch
                await self._live.execute(
                    _UNLOCK, [self._lock(topic, partition) for partition in owned]
                )
                self._last = (topic, owned[-1])
            yield None
            if not worked:
                await self._rest()

    async def _waiting(self) -> list[tuple[str, list[int]]]:
        """Topics with some of their partitions that have unread events, from the one after the last
        one worked on.
        """
        rows = await self._live.fetch(_WAITING, self._group, self._topics)
        places = sorted(
            ((row["topic"], row["partition"]) for row in rows),
            key=lambda place: (place <= self._last, place),
        )
        topics = list(dict.fromkeys(topic for topic, _ in places))
        return [
            (topic, [partition for one, partition in places if one == topic][:_AT_ONCE])
            for topic in topics
        ]

    async def _read(self, topic: str, partitions: list[int], of_each: int) -> EventBatch | None:
        rows = await self._live.fetch(_READ, self._group, topic, partitions, of_each)
        if not rows:
            return None
        ends = {
            row["partition"]: row["position"] for row in rows
        }  # of each partition the last one stays
        return EventBatch(
            topic, [event_of(topic, row) for row in rows], LogPlace(self, topic, ends)
        )

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(random.uniform(0.7, 1) * _POLL_S):  # noqa: S311
                await self._woken.wait()
        except TimeoutError:
            return

    async def commit(self, place: LogPlace) -> None:
        """Moves the offsets on; also right after a partition was lost, because what is behind
        `place` is handled.
        """
        await self._live.execute(
            _COMMIT, self._group, place.topic, list(place.ends), list(place.ends.values())
        )

    @property
    def _live(self) -> "asyncpg.Connection[Any]":
        if self._connection is None:
            raise ConnectionError("the connection to the event log is lost")
        return self._connection

    def _lock(self, topic: str, partition: int) -> int:
        return number("read", self._group, topic, str(partition))


def event_of(topic: str, row: "asyncpg.Record") -> Event:
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
