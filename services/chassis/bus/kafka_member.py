"""One member of a Kafka consumer group: batches of one topic, offsets committed by hand, rebalances
that wait for work in hand.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from services.chassis.bus.codec import from_headers
from services.chassis.bus.kafka_clients import FINISH_S, group_consumer
from services.chassis.bus.port import Event, EventBatch
from services.chassis.bus.settings import BusSettings
from services.chassis.errors import TransientError

_POLL_MS = 5_000
_STOP_S = 10
_MAX_BACKOFF_S = 10.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class KafkaPlace:
    """Where a batch begins in each of its partitions and what comes after it, at the member that
    read it.
    """

    member: "KafkaMember"
    first: dict[TopicPartition, int]
    after: dict[TopicPartition, int]
    committed: bool = False

    async def commit(self) -> None:
        """Marks everything before `after` as handled by the member's group."""
        await self.member.commit(self)


class KafkaMember(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads for one group from some topics; a new consumer takes over where one has failed."""

    def __init__(
        self,
        cfg: BusSettings,
        group: str,
        topics: Sequence[str],
        ready: Callable[[Iterable[str]], Awaitable[None]],
    ) -> None:
        self._cfg = cfg
        self._group = group
        self._topics = list(topics)
        self._ready = ready
        self._consumer: AIOKafkaConsumer | None = None
        self._epoch = 0  # grows with each assignment; what was fetched in an earlier one is void
        self._idle = asyncio.Event()
        self._idle.set()

    async def batches(self, max_events: int) -> AsyncGenerator[EventBatch, None]:
        """Batches without end, over as many consumers as it takes."""
        failures = 0
        while True:
            try:
                async with (
                    self._joined() as consumer,
                    aclosing(self._work(consumer, max_events)) as work,
                ):
                    async for batch in work:
                        failures = 0
                        yield batch
            except (KafkaError, TransientError, OSError) as error:
                failures += 1
                _log.warning("kafka is away: %s", type(error).__name__)
            await asyncio.sleep(random.uniform(0.5, 1) * min(_MAX_BACKOFF_S, 0.1 * 2**failures))  # noqa: S311

    @asynccontextmanager
    async def _joined(self) -> AsyncIterator[AIOKafkaConsumer]:
        await self._ready(self._topics)
        consumer = group_consumer(self._cfg, self._group)
        consumer.subscribe(self._topics, listener=self)
        try:
            await consumer.start()
            self._consumer = consumer
            yield consumer
        finally:
            self._consumer = None
            self._idle.set()  # or leaving would wait for a rebalance that waits for this batch
            with suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(_STOP_S):
                    await consumer.stop()

    async def _work(
        self, consumer: AIOKafkaConsumer, max_events: int
    ) -> AsyncGenerator[EventBatch, None]:
        while True:
            fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=max_events)
            epoch = self._epoch
            # the partitions of a topic are handled together: a transaction for each would cost the
            # more, the evener events are spread
            for topic in {partition.topic for partition in fetched}:
                if epoch != self._epoch:
                    break
                read = {
                    partition: records
                    for partition, records in fetched.items()
                    if partition.topic == topic
                }
                first = {partition: records[0].offset for partition, records in read.items()}
                place = KafkaPlace(
                    self,
                    first,
                    {partition: records[-1].offset + 1 for partition, records in read.items()},
                )
                self._idle.clear()
                yield EventBatch(
                    topic,
                    [event_of(record) for records in read.values() for record in records],
                    place,
                )
                self._idle.set()
                if not place.committed and epoch == self._epoch:
                    for partition, offset in first.items():
                        # it has just left; its next owner starts where it was committed
                        with suppress(IllegalStateError):
                            consumer.seek(partition, offset)

    async def commit(self, place: KafkaPlace) -> None:
        """Moves the group's offset; TransientError if the partition has gone to another member, who
        will get the batch again.
        """
        if self._consumer is None:
            raise TransientError("the member has left its group")
        try:
            await self._consumer.commit(place.after)
        except (KafkaError, OSError) as error:
            raise TransientError(type(error).__name__) from error
        place.committed = True
        self._idle.set()

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Holds the rebalance up until the batch in hand is committed, within reason."""
        self._epoch += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await self._idle.wait()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Every partition starts from its committed offset again."""
        self._epoch += 1


def event_of(record: Any) -> Event:
    """The event that a record holds."""
    received = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    event = from_headers(record.topic, record.key, record.headers, record.value, received)
    # a foreign producer's event without an id is one of its own all the same: the inbox must not
    # take it for another's repetition
    return (
        event
        if event.id
        else replace(event, id=f"{record.topic}/{record.partition}/{record.offset}")
    )
