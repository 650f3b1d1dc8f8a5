"""What is particular to Apache Kafka."""

import asyncio
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pydantic import SecretStr

from deploy.kafka.cluster import Cluster
from services.chassis.bus import Bus, BusSettings, Event, open_bus
from services.chassis.errors import TransientError
from tests.support.bus import PATIENCE_S, an_event, ids, some_events, take


@pytest.fixture
def settings(kafka: Cluster) -> BusSettings:
    """Where the broker is."""
    return BusSettings(url=SecretStr(kafka.url), partitions=4, retention_hours=5)


async def group_state(settings: BusSettings, group: str) -> str:
    """What the broker says of a consumer group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.servers)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
        return str(answer.to_object()["groups"][0]["state"])
    finally:
        await admin.close()


async def publish_when_back(bus: Bus, events: list[Event]) -> None:
    """Publishes as the outbox does: again and again."""
    async with asyncio.timeout(2 * PATIENCE_S):
        while True:
            try:
                return await bus.publish(events)
            except TransientError:
                await asyncio.sleep(0.2)


async def test_a_topic_is_made_as_the_settings_say(settings: BusSettings, topic: str) -> None:
    async with open_bus(settings) as bus:
        await bus.publish([an_event(topic), an_event(f"{topic}.dlq")])
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.servers)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([topic])
        assert len(described["partitions"]) == 4
        for name, hours in ((topic, 5), (f"{topic}.dlq", 24 * 90)):
            (answer,) = await admin.describe_configs(
                [ConfigResource(ConfigResourceType.TOPIC, name)]
            )
            found = {entry[0]: entry[1] for entry in answer.resources[0][4]}
            assert found["retention.ms"] == str(hours * 3_600_000)
            assert int(found["max.message.bytes"]) >= 5_000_000
    finally:
        await admin.close()


async def test_a_foreign_consumer_sees_cloudevents_in_binary_mode(
    settings: BusSettings, topic: str
) -> None:
    sent = an_event(topic, b'{"n":1}', key="chunk-1", headers={"traceparent": "00-aa-bb-01"})
    async with open_bus(settings) as bus:
        await bus.publish([sent])
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=settings.servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            record: Any = await consumer.getone()
    finally:
        await consumer.stop()
    headers = dict(record.headers)
    assert (record.key, record.value) == (b"chunk-1", b'{"n":1}')
    assert (headers["ce_id"], headers["ce_specversion"], headers["traceparent"]) == (
        sent.id.encode(),
        b"1.0",
        b"00-aa-bb-01",
    )


async def test_a_partition_leaves_only_when_the_batch_in_hand_is_committed(
    settings: BusSettings, topic: str
) -> None:
    group = f"g-{uuid4().hex[:8]}"
    sent = [an_event(topic, key="one partition") for _ in range(6)]
    async with open_bus(settings) as bus:
        await bus.publish(sent)
        async with aclosing(bus.batches([topic], group, max_events=3)) as batches:
            in_hand = await anext(batches)
            others = asyncio.create_task(take(bus, [topic], group, lambda taken: len(taken) >= 3))
            async with asyncio.timeout(PATIENCE_S):
                while await group_state(settings, group) != "PreparingRebalance":
                    await asyncio.sleep(0.05)
            assert not others.done()
            await bus.commit(in_hand)
        assert not {*ids(await others)} & {*ids(in_hand.events)}
        assert await bus.lag([topic], group) == {topic: 0}


async def test_nothing_is_lost_when_the_broker_is_killed_and_comes_back(
    kafka: Cluster, settings: BusSettings, topic: str
) -> None:
    sent = some_events(topic, 60)
    async with open_bus(settings) as bus:
        reading = asyncio.create_task(
            take(bus, [topic], "g", lambda taken: {*ids(taken)} >= {*ids(sent)})
        )
        await bus.publish(sent[:20])
        (node,) = kafka.nodes
        await asyncio.to_thread(node.kill)
        publishing = asyncio.create_task(publish_when_back(bus, sent[20:40]))
        await asyncio.to_thread(node.start)
        await asyncio.to_thread(node.ready)
        await publishing
        await publish_when_back(bus, sent[40:])
        assert {*ids(await reading)} == {*ids(sent)}
