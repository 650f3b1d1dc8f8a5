import asyncio
import json

import pytest

from services.chassis import trace
from services.chassis.bus import Bus
from services.chassis.db import Database
from services.chassis.outbox import Outbox
from tests.support.bus import InterruptedBus, ids, running, take_waiting, until

_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_exactly_what_was_committed_is_relayed(db: Database, bus: Bus, topic: str) -> None:
    outbox = Outbox(db, bus, "/records")
    committed = []
    for n in range(60):
        try:
            async with db.begin() as tx:
                with trace.continued({trace.HEADER: _TRACE}):
                    id = await outbox.put(tx, topic, f"key {n}", "vn.hochieu.test", b'{"n":%d}' % n)
                if n % 3 == 0:
                    raise LookupError
            committed.append(id)
        except LookupError:
            pass
    assert await outbox.depth() == len(committed) == 40
    while await outbox.drain_once():
        pass
    arrived = await take_waiting(bus, topic)
    assert ids(arrived) == sorted(committed)
    assert {(one.source, one.type, one.headers[trace.HEADER][:35]) for one in arrived} == {
        ("/records", "vn.hochieu.test", _TRACE[:35])
    }
    assert all(one.key == f"key {json.loads(one.value)['n']}" for one in arrived)
    assert await outbox.depth() == 0


async def test_several_relays_at_once_publish_each_event_once(
    db: Database, bus: Bus, topic: str
) -> None:
    outboxes = [Outbox(db, bus, "/records") for _ in range(4)]
    async with db.begin() as tx:
        put = [await outboxes[0].put(tx, topic, str(n), "t", b"{}") for n in range(300)]

    async def drain(outbox: Outbox) -> None:
        while await outbox.drain_once():
            pass

    await asyncio.gather(*map(drain, outboxes))
    assert ids(await take_waiting(bus, topic)) == sorted(put)


async def test_a_put_is_relayed_without_being_asked_and_so_is_one_of_a_dead_process(
    db: Database, bus: Bus, topic: str
) -> None:
    living, dead = Outbox(db, bus, "/records"), Outbox(db, bus, "/records")
    arrived: list[str] = []
    async with running(asyncio.create_task(living.drain_forever())):
        async with db.begin() as tx:
            put = [await living.put(tx, topic, "a", "t", b"{}")]
            await asyncio.sleep(0.1)  # the put woke the relay before there was something to see
        async with db.begin() as tx:
            put.append(await dead.put(tx, topic, "b", "t", b"{}"))
        async with asyncio.timeout(30):
            while len(arrived) < 2:
                arrived += ids(await take_waiting(bus, topic))
    assert sorted(arrived) == sorted(put)


async def test_a_bus_that_is_away_is_waited_for(db: Database, bus: Bus, topic: str) -> None:
    wire = InterruptedBus(bus, before=2)
    outbox = Outbox(db, wire, "/records")
    async with running(asyncio.create_task(outbox.drain_forever())):
        async with db.begin() as tx:
            put = await outbox.put(tx, topic, "k", "t", b"{}")
        await until(lambda: wire.before == 0)
        async with asyncio.timeout(30):
            while await outbox.depth():
                await asyncio.sleep(0.01)
    assert ids(await take_waiting(bus, topic)) == [put]


async def test_a_crash_after_publishing_publishes_again_under_the_same_id(
    db: Database, bus: Bus, topic: str
) -> None:
    outbox = Outbox(db, InterruptedBus(bus, after=1), "/records")
    async with db.begin() as tx:
        put = await outbox.put(tx, topic, "k", "t", b"{}")
    with pytest.raises(Exception, match="sent"):
        await outbox.drain_once()
    assert await outbox.drain_once() == 1
    assert ids(await take_waiting(bus, topic)) == [put, put]


async def test_a_relay_told_to_stop_stops(db: Database, bus: Bus) -> None:
    stop = asyncio.Event()
    relay = asyncio.create_task(Outbox(db, bus, "/records").drain_forever(stop))
    stop.set()
    async with asyncio.timeout(30):
        await relay
