"""The production bus: Apache Kafka through aiokafka, CloudEvents in binary mode, no transactions
(aiokafka#1004).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    MessageSizeTooLargeError,
    NotCoordinatorForGroupError,
    TopicAlreadyExistsError,
    for_code,
)
from aiokafka.structs import OffsetAndMetadata

from services.chassis.bus import kafka_clients as clients
from services.chassis.bus.codec import to_headers
from services.chassis.bus.kafka_member import KafkaMember, event_of
from services.chassis.bus.port import Event, EventBatch
from services.chassis.bus.settings import BusSettings
from services.chassis.errors import TransientError

_PUBLISH_S = 30  # an idempotent batch never expires by itself (aiokafka#848)
_ASK_S = 20
_PAGE = 100


class KafkaBus:
    """The bus adapter over Kafka; its clients connect when first used."""

    def __init__(self, cfg: BusSettings) -> None:
        self._cfg = cfg
        self._producer = clients.producer(cfg)
        self._admin = clients.admin(cfg)
        self._watcher = clients.watcher(cfg)
        self._known: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, cfg: BusSettings) -> AsyncIterator["KafkaBus"]:
        """Holds the clients for the life of the process."""
        bus = cls(cfg)
        try:
            yield bus
        finally:
            await asyncio.gather(bus._producer.close(), bus._admin.close(), bus._watcher.close())

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns once every in-sync replica has every event; after a failure some of them may have
        been stored.
        """
        if not events:
            return
        await self._ready({event.topic for event in events})
        async with self._failing_anew(self._producer, _PUBLISH_S) as producer:
            stored = [
                await producer.send(
                    event.topic, event.value, event.key.encode(), headers=to_headers(event)
                )
                for event in events
            ]
            await asyncio.gather(*stored)

    async def batches(
        self, topics: Sequence[str], group: str, *, max_events: int = 4
    ) -> AsyncGenerator[EventBatch, None]:
        """Batches of one topic at a time; a broker that is away is waited for."""
        async with aclosing(
            KafkaMember(self._cfg, group, topics, self._ready).batches(max_events)
        ) as batches:
            async for batch in batches:
                yield batch

    async def commit(self, batch: EventBatch) -> None:
        """Commits the exact offset after the batch."""
        await batch.position.commit()

    async def peek(self, topics: Sequence[str], group: str) -> AsyncGenerator[Event, None]:
        """The waiting events, read by a client of no group."""
        spans = await self._waiting(topics, group)
        reading = clients.watcher(self._cfg)
        try:
            async with self._failing_anew(reading, _ASK_S) as reader:
                reader.assign(list(spans))
                for place, (first, _) in spans.items():
                    reader.seek(place, first)
            left = {place: end for place, (first, end) in spans.items() if first < end}
            while left:
                async with self._failing_anew(reading, _ASK_S):
                    fetched = await reader.getmany(*left, timeout_ms=1000, max_records=_PAGE)
                for place, records in fetched.items():
                    for record in records:
                        if record.offset < left[place]:
                            yield event_of(record)
                    if records[-1].offset + 1 >= left[place]:
                        del left[place]
        finally:
            await reading.close()

    async def lag(self, topics: Sequence[str], group: str) -> dict[str, int]:
        """Events between the group's offsets, or the start where it has none, and the ends."""
        lag = dict.fromkeys(topics, 0)
        for place, (first, end) in (await self._waiting(topics, group)).items():
            lag[place.topic] += end - first
        return lag

    async def _waiting(
        self, topics: Sequence[str], group: str
    ) -> dict[TopicPartition, tuple[int, int]]:
        """For each partition the first offset that the group has not committed, and the end."""
        await self._ready(topics)
        async with self._failing_anew(self._admin, _ASK_S) as admin:
            described = await admin.describe_topics(list(topics))
            places = [
                TopicPartition(topic["topic"], one["partition"])
                for topic in described
                for one in topic["partitions"]
            ]
            offsets = await _offsets(admin, group, places)
        async with self._failing_anew(self._watcher, _ASK_S) as watcher:
            starts, ends = (
                await watcher.beginning_offsets(places),
                await watcher.end_offsets(places),
            )
        spans: dict[TopicPartition, tuple[int, int]] = {}
        for place in places:
            first = max(offsets[place].offset if place in offsets else -1, starts[place])
            spans[place] = (first, max(first, ends[place]))
        return spans

    async def ping(self) -> None:
        """Fails if no broker answers."""
        async with self._failing_anew(self._watcher, 5) as watcher:
            await watcher.topics()

    async def _ready(self, topics: Iterable[str]) -> None:
        """Makes those of `topics` that are not there yet; a topic that is keeps its partitions."""
        missing = sorted({*topics} - self._known)
        if not missing:
            return
        async with self._failing_anew(self._admin, _ASK_S) as admin:
            answer = await admin.create_topics([self._new(topic) for topic in missing])
            for topic, code, *_ in answer.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(topic)
        self._known.update(missing)

    def _new(self, topic: str) -> NewTopic:
        settings = {
            "retention.ms": str(self._cfg.retention_s(topic) * 1000),
            "max.message.bytes": str(clients.MAX_MESSAGE_BYTES),
            "compression.type": "producer",
            "min.insync.replicas": str(max(1, self._cfg.replication - 1)),
        }
        return NewTopic(topic, self._cfg.partitions, self._cfg.replication, topic_configs=settings)

    @staticmethod
    @asynccontextmanager
    async def _failing_anew(
        held: clients.Held[clients.C], seconds: float
    ) -> AsyncIterator[clients.C]:
        """A client for some calls; after a failure, which is always taken to pass, the next use
        gets a new one (aiokafka#1017).
        """
        client: clients.C | None = None
        try:
            async with asyncio.timeout(seconds):
                client = await held.get()
                yield client
        except MessageSizeTooLargeError:
            raise
        except (KafkaError, TimeoutError, OSError) as error:
            if client is not None:
                held.let_go(client)
            raise TransientError(type(error).__name__) from error


async def _offsets(
    admin: AIOKafkaAdminClient, group: str, places: list[TopicPartition]
) -> dict[TopicPartition, OffsetAndMetadata]:
    """The group's committed offsets; a cluster that has just started, or lost a broker, takes a
    moment to say who keeps them.
    """
    while True:
        try:
            return dict(await admin.list_consumer_group_offsets(group, partitions=places))
        except (
            GroupCoordinatorNotAvailableError,
            NotCoordinatorForGroupError,
            GroupLoadInProgressError,
        ):
            await asyncio.sleep(0.2)
