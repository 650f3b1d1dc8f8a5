"""The embedded bus: a durable event log in a PostgreSQL database of its own, with several members a
consumer group.

Positions come from a sequence, which is a trap. With several writers a position can become visible
after a higher one, and a reader of `position > offset` would lose it. So the publishing transaction
takes its topics' advisory locks before it draws positions. Within a topic the order of positions is
then the order of commits. The lock is held for one insert and its commit. The usual other way reads
only below `pg_snapshot_xmin`. It stalls behind the longest transaction of any database in the
server, and an upload holds one open for as long as it lasts.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import Any

import asyncpg

from services.chassis.bus.codec import compress, number
from services.chassis.bus.port import Event, EventBatch
from services.chassis.bus.postgres_member import LogMember, channel, event_of
from services.chassis.bus.postgres_schema import make_log
from services.chassis.bus.settings import BusSettings
from services.chassis.errors import TransientError
from services.chassis.transient import is_transient

_PURGE_EVERY_S = 300
_SLICE = 1000
_PAGE = 100
_COMMAND_S = 60
_APPEND = "SELECT append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_LAG = """
SELECT t.topic, (
    SELECT count(*) FROM generate_series(0, $3 - 1) AS p(partition)
    LEFT JOIN consumer_offset o ON o.consumer = $2 AND o.topic = t.topic
    AND o.partition = p.partition
    JOIN event e ON e.topic = t.topic AND e.partition = p.partition
    AND e.position > coalesce(o.position, 0)
) AS events
FROM unnest($1::text[]) AS t(topic)
"""
_PEEK = """
SELECT position, id, type, source, key, time, headers::text AS headers, value FROM event
WHERE topic = $1 AND partition = $2 AND position > greatest($4, (
    SELECT position FROM consumer_offset WHERE consumer = $3 AND topic = $1 AND partition = $2
)) ORDER BY position LIMIT $5
"""
_TOPICS = """
WITH RECURSIVE walk(topic) AS (
    (SELECT topic FROM event ORDER BY topic LIMIT 1)
    UNION ALL
    SELECT (SELECT e.topic FROM event e WHERE e.topic > walk.topic ORDER BY e.topic LIMIT 1)
    FROM walk WHERE walk.topic IS NOT NULL
)
SELECT topic FROM walk WHERE topic IS NOT NULL
"""
_PURGE = "SELECT purge_events($1, $2, $3, $4)"
_log = logging.getLogger(__name__)


class EventLog:
    """The bus adapter over PostgreSQL."""

    def __init__(self, cfg: BusSettings, pool: "asyncpg.Pool[Any]", partitions: int) -> None:
        self._cfg = cfg
        self._pool = pool
        self._partitions = partitions

    @classmethod
    @asynccontextmanager
    async def open(cls, cfg: BusSettings) -> AsyncIterator["EventLog"]:
        """Makes the log if there is none and holds a few connections; old events are purged now and
        then.
        """
        pool = await asyncpg.create_pool(
            cfg.dsn, min_size=0, max_size=4, command_timeout=_COMMAND_S, reset=_keep
        )
        try:
            with _away_is_transient():
                async with pool.acquire() as connection:
                    partitions = await make_log(connection, cfg.partitions)
            if partitions != cfg.partitions:
                _log.warning("the event log was made with %d partitions and keeps them", partitions)
            bus = cls(cfg, pool, partitions)
            purging = asyncio.create_task(bus._purge_now_and_then())
            try:
                yield bus
            finally:
                purging.cancel()
                with suppress(asyncio.CancelledError):
                    await purging
        finally:
            try:
                async with asyncio.timeout(5):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def publish(self, events: Sequence[Event]) -> None:
        """Appends all of `events` or none, in one statement."""
        if not events:
            return
        topics = sorted({event.topic for event in events})
        columns = zip(*map(self._row, events), strict=True)
        with _away_is_transient():
            # sorted, so that two publishers of the same topics cannot deadlock
            await self._pool.execute(
                _APPEND,
                sorted(number("append", topic) for topic in topics),
                [*map(channel, topics)],
                *columns,
            )

    def _row(self, event: Event) -> tuple[Any, ...]:
        partition = number(event.key) % self._partitions
        headers = json.dumps(event.headers)
        return (
            event.topic,
            partition,
            event.id,
            event.type,
            event.source,
            event.key,
            event.time,
            headers,
            compress(event.value),
        )

    async def batches(
        self, topics: Sequence[str], group: str, *, max_events: int = 4
    ) -> AsyncGenerator[EventBatch, None]:
        """Batches of one topic at a time; a lost connection is waited out."""
        member = LogMember(self._cfg.dsn, group, topics, self._partitions)
        async with aclosing(member.batches(max_events)) as batches:
            async for batch in batches:
                yield batch

    async def commit(self, batch: EventBatch) -> None:
        """Moves the group's offset past the batch, never back."""
        with _away_is_transient():
            await batch.position.commit()

    async def peek(self, topics: Sequence[str], group: str) -> AsyncGenerator[Event, None]:
        """The waiting events, a page at a time."""
        for topic in topics:
            for partition in range(self._partitions):
                after = 0
                while True:
                    with _away_is_transient():
                        rows = await self._pool.fetch(_PEEK, topic, partition, group, after, _PAGE)
                    for row in rows:
                        yield event_of(topic, row)
                    if len(rows) < _PAGE:
                        break
                    after = rows[-1]["position"]

    async def lag(self, topics: Sequence[str], group: str) -> dict[str, int]:
        """Events past the group's offset, by topic."""
        with _away_is_transient():
            return {
                row["topic"]: row["events"]
                for row in await self._pool.fetch(_LAG, list(topics), group, self._partitions)
            }

    async def ping(self) -> None:
        """Fails if the database does not answer."""
        with _away_is_transient():
            await self._pool.fetchval("SELECT 1", timeout=5)

    async def purge(self) -> int:
        """Deletes events that are past their retention and committed by every group that ever read
        their topic; answers how many.
        """
        purged = 0
        with _away_is_transient():
            for topic in [row["topic"] for row in await self._pool.fetch(_TOPICS)]:
                keep = timedelta(seconds=self._cfg.retention_s(topic))
                for partition in range(self._partitions):
                    gone = _SLICE
                    while gone == _SLICE:
                        gone = await self._pool.fetchval(_PURGE, topic, partition, keep, _SLICE)
                        purged += gone
        return purged

    async def _purge_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_PURGE_EVERY_S)
            try:
                await self.purge()
            except Exception as error:
                _log.warning("purge put off: %s", type(error).__name__)


async def _keep(_: Any) -> None:
    """Connections of the pool hold no session state, so giving one back costs no round trip."""


@contextmanager
def _away_is_transient() -> Iterator[None]:
    try:
        yield
    except TransientError:
        raise
    except Exception as error:
        if is_transient(error):
            raise TransientError(type(error).__name__) from error
        raise
