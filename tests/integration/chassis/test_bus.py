"""What every bus does, whichever adapter stands behind the port."""

import asyncio
from contextlib import aclosing

import pytest
from pydantic import SecretStr

from services.chassis.bus import Bus, BusSettings, Event, open_bus
from services.chassis.errors import TransientError
from tests.support.bus import an_event, ids, running, some_events, take, until


async def test_an_event_arrives_as_it_was_published(any_bus: Bus, topic: str) -> None:
    sent = an_event(
        topic,
        '{"tên":"Ngọc"}'.encode(),
        key="chunk-1",
        headers={"traceparent": "00-aa-bb-01", "note": "đã"},
    )
    await any_bus.publish([sent])
    assert await take(any_bus, [topic], "g", bool) == [sent]


async def test_each_group_gets_everything(any_bus: Bus, topic: str) -> None:
    sent = some_events(topic, 20)
    await any_bus.publish(sent)
    for group in ("records", "signer"):
        assert ids(await take(any_bus, [topic], group, lambda taken: len(taken) == 20)) == ids(sent)


async def test_a_group_that_comes_back_goes_on_where_it_was(any_bus: Bus, topic: str) -> None:
    first, second = some_events(topic, 8), some_events(topic, 8)
    await any_bus.publish(first)
    await take(any_bus, [topic], "g", lambda taken: len(taken) == 8)
    await any_bus.publish(second)
    assert ids(await take(any_bus, [topic], "g", lambda taken: len(taken) == 8)) == ids(second)


async def test_one_member_reads_several_topics(any_bus: Bus, topic: str) -> None:
    sent = some_events(topic, 5) + some_events(f"{topic}.express", 5)
    await any_bus.publish(sent)
    taken = await take(any_bus, [topic, f"{topic}.express"], "g", lambda taken: len(taken) == 10)
    assert {(event.id, event.topic) for event in taken} == {
        (event.id, event.topic) for event in sent
    }


async def test_a_batch_is_of_one_partition_and_no_larger_than_asked_for(
    any_bus: Bus, topic: str
) -> None:
    await any_bus.publish([an_event(topic, key="the same") for _ in range(7)])
    sizes = []
    async with aclosing(any_bus.batches([topic], "g", max_events=3)) as batches:
        async for batch in batches:
            sizes.append(len(batch.events))
            await any_bus.commit(batch)
            if sum(sizes) == 7:
                break
    assert max(sizes) <= 3


async def test_an_uncommitted_batch_comes_again_to_another_member(any_bus: Bus, topic: str) -> None:
    sent = some_events(topic, 6)
    await any_bus.publish(sent)
    async with aclosing(any_bus.batches([topic], "g")) as batches:
        await anext(batches)
    assert set(
        ids(await take(any_bus, [topic], "g", lambda taken: len({*ids(taken)}) == 6))
    ) == set(ids(sent))


async def test_an_uncommitted_batch_comes_again_to_the_same_member(
    any_bus: Bus, topic: str
) -> None:
    sent = an_event(topic)
    await any_bus.publish([sent])
    async with aclosing(any_bus.batches([topic], "g")) as batches:
        first, second = await anext(batches), await anext(batches)
    assert ids(first.events) == ids(second.events) == [sent.id]


async def test_members_of_a_group_share_the_work_and_lose_nothing(
    any_bus_settings: BusSettings, topic: str
) -> None:
    taken: list[list[str]] = [[], [], []]
    sent: list[Event] = []

    def all_here() -> bool:
        return len({id for mine in taken for id in mine}) == len(sent)

    async def member(mine: list[str]) -> None:
        async with (
            open_bus(any_bus_settings) as bus,
            aclosing(bus.batches([topic], "g", max_events=1)) as batches,
        ):
            async for batch in batches:
                await asyncio.sleep(0.005)  # some work, so that there is something to share
                await bus.commit(batch)
                mine.extend(event.id for event in batch.events)

    async with (
        open_bus(any_bus_settings) as bus,
        running(*(asyncio.create_task(member(mine)) for mine in taken)),
    ):
        while not all(taken) and len(sent) < 2000:
            wave = some_events(topic, 20)
            await bus.publish(wave)
            sent += wave
            await until(all_here)
        assert await bus.lag([topic], "g") == {topic: 0}
    assert all(taken), [len(mine) for mine in taken]
    assert {id for mine in taken for id in mine} == {*ids(sent)}


async def test_many_publishers_at_once_lose_nothing(
    any_bus_settings: BusSettings, topic: str
) -> None:
    sent = [some_events(topic, 60) for _ in range(6)]

    async def publisher(mine: list[Event]) -> None:
        async with open_bus(any_bus_settings) as bus:
            for start in range(0, len(mine), 3):
                await bus.publish(mine[start : start + 3])

    async with open_bus(any_bus_settings) as bus:
        reading = asyncio.create_task(
            take(bus, [topic], "g", lambda taken: len({*ids(taken)}) == 360)
        )
        await asyncio.gather(*map(publisher, sent))
        assert {*ids(await reading)} == {event.id for mine in sent for event in mine}


async def test_lag_counts_what_a_group_has_not_committed(any_bus: Bus, topic: str) -> None:
    await any_bus.publish(some_events(topic, 9))
    assert await any_bus.lag([topic, f"{topic}.quiet"], "g") == {topic: 9, f"{topic}.quiet": 0}
    async with aclosing(any_bus.batches([topic], "g", max_events=1)) as batches:
        await any_bus.commit(await anext(batches))
    assert (await any_bus.lag([topic], "g"))[topic] == 8


async def test_a_large_value_passes(any_bus: Bus, topic: str) -> None:
    sent = [an_event(topic, bytes(range(256)) * 20_480), an_event(topic, b"small")]
    assert len(sent[0].value) > 5_000_000
    await any_bus.publish(sent)
    taken = await take(any_bus, [topic], "g", lambda taken: len(taken) == 2)
    assert {event.value for event in taken} == {event.value for event in sent}


async def test_publishing_nothing_is_nothing(any_bus: Bus, topic: str) -> None:
    await any_bus.publish([])
    assert await any_bus.lag([topic], "g") == {topic: 0}


async def test_a_bus_that_answers_answers_a_ping(any_bus: Bus) -> None:
    await any_bus.ping()


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/bus", "kafka://127.0.0.1:9"])
async def test_a_bus_that_is_away_says_that_it_will_pass(url: str) -> None:
    with pytest.raises(TransientError):
        async with open_bus(BusSettings(url=SecretStr(url))) as bus:
            await bus.publish([an_event("things.v1")])


def test_only_the_two_kinds_of_bus_are_known() -> None:
    with pytest.raises(ValueError, match="kafka://"):
        BusSettings(url=SecretStr("amqp://host"))
