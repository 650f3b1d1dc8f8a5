"""The outbox: events are stored with the state they tell of, in one transaction, and leave for the
bus afterwards.

Every process that puts events also drains, so a put wakes the relay beside it and needs no NOTIFY
(whose lock serialises the commits of the whole server); what a killed process left behind is found
by another one's next look. Events leave at least once: a crash between publishing and forgetting
publishes them again under the same id.
"""

import asyncio
import json
import logging
import random
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis import trace
from services.chassis.bus import Bus, Event
from services.chassis.bus.codec import compress, decompress
from services.chassis.bus.signatures import EventSigner
from services.chassis.db import Database, Transaction
from services.chassis.transient import is_ending, is_transient

_AT_ONCE = 32
_FIRST_LOOK_S = 0.01
_POLL_S = 1.0
_MAX_BACKOFF_S = 15.0
_PUT = (
    "INSERT INTO outbox (topic, key, type, event_id, time, headers, value) VALUES ($1, $2, $3, $4,"
    " $5, $6::text::jsonb, $7)"
)
_TAKE = """
DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, topic, key, type, event_id, time, headers::text AS headers, value
"""
_log = logging.getLogger(__name__)


def outbox_table(metadata: MetaData) -> Table:
    """The table each service's schema has one of; vacuumed early, because it is always nearly empty
    and all its pages are dead rows.
    """
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("time", DateTime(timezone=True), nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("value", LargeBinary, nullable=False),  # zstd
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )


class Outbox:
    """Takes a service's events and relays them; several relays on one table share the work.

    `signer`: signs each event before it is stored, so that whoever writes to the table alone makes
    none that is believed.
    """

    def __init__(
        self, db: Database, bus: Bus, source: str, signer: EventSigner | None = None
    ) -> None:
        self._db = db
        self._bus = bus
        self._source = source
        self._signer = signer
        self._woken = asyncio.Event()

    async def put(self, tx: Transaction, topic: str, key: str, type: str, value: bytes) -> str:
        """Stores one event in the caller's transaction; it leaves if and only if that commits.
        Answers the event's id.

        It belongs to the trace in which it is put.
        """
        event = Event(
            str(uuid4()), topic, type, self._source, key, datetime.now(UTC), value, trace.told()
        )
        if self._signer is not None:
            event = self._signer.sign(event)
        headers = json.dumps(event.headers)
        await tx.raw.execute(_PUT, topic, key, type, event.id, event.time, headers, compress(value))
        self._woken.set()
        return event.id

    async def drain_forever(self, stop: asyncio.Event | None = None) -> None:
        """Publishes what is committed, until `stop` is set or the task is cancelled; waits out a
        bus or database that is away.
        """
        look, failures = _FIRST_LOOK_S, 0
        while stop is None or not stop.is_set():
            try:
                while await self.drain_once() == _AT_ONCE:
                    pass
                failures = 0
            # whatever it is, the events are safe where they are, and the service need not die of it
            except Exception as error:
                if is_ending():
                    raise
                failures += 1
                _log.log(
                    logging.WARNING if is_transient(error) else logging.ERROR,
                    "outbox waits: %s",
                    type(error).__name__,
                )
                await asyncio.sleep(random.uniform(0.5, 1) * min(_MAX_BACKOFF_S, 0.1 * 2**failures))  # noqa: S311
            look = await self._rest(look)

    async def _rest(self, look: float) -> float:
        """Waits for a put, or the time to look again; answers the next time.

        A put wakes the relay before its transaction commits, so looks follow at doubling distance.
        An event waits at most as long again as its transaction took.
        """
        try:
            async with asyncio.timeout(look):
                await self._woken.wait()
        except TimeoutError:
            return min(_POLL_S, look * 2)
        self._woken.clear()
        await asyncio.sleep(_FIRST_LOOK_S / 2)
        return _FIRST_LOOK_S

    async def drain_once(self) -> int:
        """Publishes up to 32 of the oldest events no other relay has in hand, and forgets them;
        answers how many.
        """
        async with self._db.begin() as tx:
            rows = sorted(await tx.raw.fetch(_TAKE, _AT_ONCE), key=lambda row: row["id"])
            if rows:
                await self._bus.publish([self._event(row) for row in rows])
        return len(rows)

    def _event(self, row: "asyncpg.Record") -> Event:
        return Event(
            id=row["event_id"],
            topic=row["topic"],
            type=row["type"],
            source=self._source,
            key=row["key"],
            time=row["time"],
            value=decompress(row["value"]),
            headers=json.loads(row["headers"]),
        )

    async def depth(self) -> int:
        """Events stored and not yet published."""
        async with self._db.begin() as tx:
            return int((await tx.execute(text("SELECT count(*) FROM outbox"))).scalar_one())
