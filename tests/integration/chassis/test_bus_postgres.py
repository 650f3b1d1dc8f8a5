"""What is particular to the event log in PostgreSQL."""

import asyncio
from contextlib import aclosing

import asyncpg

from services.chassis.bus import Bus, BusSettings, Event, open_bus
from services.chassis.bus.codec import compress, number
from services.chassis.bus.postgres import EventLog
from services.chassis.errors import TransientError
from tests.support.bus import NOON, PATIENCE_S, an_event, ids, some_events, take
from tests.support.postgres import PostgresServer

_APPEND = (
    "SELECT append_events($1, '{}', $2, '{0}', $3, '{t}', '{s}', '{k}', array[$4::timestamptz],"
    " '{\"{}\"}', array[$5::bytea])"
)
_WAITERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def test_an_event_committed_late_is_not_passed_over(
    log_settings: BusSettings, topic: str
) -> None:
    log = log_settings.model_copy(update={"partitions": 1})
    late, early = an_event(topic), an_event(topic)
    async with open_bus(log) as bus:
        writer = await asyncpg.connect(log.dsn)
        writing = writer.transaction()
        await writing.start()
        await writer.execute(
            _APPEND, [number("append", topic)], [topic], [late.id], NOON, compress(b"{}")
        )
        publishing = asyncio.create_task(bus.publish([early]))
        watcher = await asyncpg.connect(log.dsn)
        while not publishing.done() and not await watcher.fetchval(_WAITERS):
            await asyncio.sleep(0.01)
        # if it did not wait for the other writer's commit, its position is the higher one, and
        # reading it moves the offset past both
        taken = await take(bus, [topic], "g", bool) if publishing.done() else []
        await writing.commit()
        await publishing
        taken += await take(bus, [topic], "g", lambda more: len(taken) + len(more) == 2)
        assert ids(taken) == ids([late, early])
        await writer.close()
        await watcher.close()


async def test_writers_of_different_topics_do_not_wait_for_each_other(
    bus: Bus, log_settings: BusSettings, topic: str
) -> None:
    writer = await asyncpg.connect(log_settings.dsn)
    async with writer.transaction():
        await writer.execute(
            _APPEND, [number("append", topic)], [topic], ["1"], NOON, compress(b"{}")
        )
        async with asyncio.timeout(PATIENCE_S):
            await bus.publish([an_event(f"{topic}.express")])
    await writer.close()


async def test_a_killed_connection_repeats_the_batch_in_hand_and_loses_nothing(
    bus: Bus, log_settings: BusSettings, postgres: PostgresServer, topic: str
) -> None:
    sent = some_events(topic, 12)
    await bus.publish(sent)
    seen: list[str] = []
    killed = False
    async with asyncio.timeout(PATIENCE_S), aclosing(bus.batches([topic], "g")) as batches:
        async for batch in batches:
            seen += ids(batch.events)
            if not killed:
                killed = await postgres.drop_connections(log_settings.dsn) > 0
            try:
                await bus.commit(batch)
            except TransientError:
                continue
            if {*seen} == {*ids(sent)}:
                break
    assert len(seen) > len(sent)
    assert (await bus.lag([topic], "g"))[topic] == 0


async def test_a_partition_of_a_killed_member_goes_to_another_one(
    bus: Bus, log_settings: BusSettings, postgres: PostgresServer, topic: str
) -> None:
    sent = an_event(topic)
    await bus.publish([sent])
    async with aclosing(bus.batches([topic], "g")) as holding:
        await anext(holding)
        other = asyncio.create_task(take(bus, [topic], "g", bool))
        await postgres.drop_connections(log_settings.dsn)
        async with asyncio.timeout(PATIENCE_S):
            assert ids(await other) == [sent.id]


async def test_the_log_survives_a_crash_of_its_server(
    bus: Bus, postgres: PostgresServer, topic: str
) -> None:
    sent = some_events(topic, 10)
    await bus.publish(sent)
    reading = asyncio.create_task(
        take(bus, [topic], "g", lambda taken: {*ids(taken)} >= {*ids(sent)})
    )
    await asyncio.to_thread(postgres.restart)
    assert {*ids(await reading)} == {*ids(sent)}
    await _publish_when_back(bus, last := an_event(topic))
    assert last.id in ids(await take(bus, [topic], "g", lambda taken: last in taken))


async def _publish_when_back(bus: Bus, event: Event) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await bus.publish([event])
            except TransientError:
                await asyncio.sleep(0.1)


async def test_a_quiet_partition_does_not_starve_beside_a_busy_one(bus: Bus, topic: str) -> None:
    await bus.publish([an_event(topic, key="busy") for _ in range(60)])
    elsewhere = [
        key for key in map(str, range(99)) if (number(key) - number("busy")) % 4
    ]  # the log of the tests has four partitions
    quiet = [an_event(topic, key=key) for key in elsewhere[:5]]
    await bus.publish(quiet)
    taken = await take(
        bus, [topic], "g", lambda taken: {*ids(quiet)} <= {*ids(taken)}, max_events=1
    )
    assert len(taken) < 60


async def test_an_old_event_is_purged_when_every_group_has_it(
    log_settings: BusSettings, topic: str
) -> None:
    # no setting keeps events for so short a time
    async with EventLog.open(log_settings.model_copy(update={"retention_hours": 0})) as bus:
        await bus.publish(some_events(topic, 10))
        await take(bus, [topic], "fast", lambda taken: len(taken) == 10)
        await take(bus, [topic], "slow", lambda taken: len(taken) == 4, max_events=1)
        assert await bus.purge() == 4
        assert await bus.lag([topic], "slow") == {topic: 6}
        assert len(await take(bus, [topic], "slow", lambda taken: len(taken) == 6)) == 6
        assert await bus.purge() == 6


async def test_young_events_and_dead_letters_stay(log_settings: BusSettings, topic: str) -> None:
    # no setting keeps events for so short a time
    async with EventLog.open(log_settings.model_copy(update={"retention_hours": 0})) as bus:
        await bus.publish([an_event(f"{topic}.dlq")])
        assert await bus.purge() == 0
    async with EventLog.open(log_settings) as bus:
        await bus.publish([an_event(topic)])
        assert await bus.purge() == 0


async def test_the_log_keeps_the_number_of_partitions_it_was_made_with(
    log_settings: BusSettings, topic: str
) -> None:
    async with open_bus(log_settings) as bus:
        await bus.publish(sent := some_events(topic, 20))
    async with open_bus(log_settings.model_copy(update={"partitions": 1})) as bus:
        assert ids(await take(bus, [topic], "g", lambda taken: len(taken) == 20)) == ids(sent)


async def test_processes_that_start_together_make_one_log(
    log_settings: BusSettings, topic: str
) -> None:
    async def start() -> None:
        async with open_bus(log_settings) as bus:
            await bus.publish([an_event(topic)])

    await asyncio.gather(*(start() for _ in range(5)))
    async with open_bus(log_settings) as bus:
        assert await bus.lag([topic], "g") == {topic: 5}
