"""Each service's user of the event log does its own part of the contracts, and nothing else."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from contracts.topics import ISSUED, RECHECK, RECORDED, TOPICS, VERIFIED, WITHDRAWN, Topic
from deploy.contracts.bus_rights import SERVICES, lanes
from deploy.local import bus_users
from deploy.local.postgres import provide
from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.bus.postgres import EventLog
from services.chassis.bus.settings import DLQ_SUFFIX
from services.chassis.subscriptions import express_group
from tests.support.bus import an_event, ids, some_events, take_waiting
from tests.support.postgres import PostgresServer


@dataclass(frozen=True, slots=True)
class Log:
    """One event log as its owner and as each service sees it."""

    owner: Bus
    by: Mapping[str, Bus]
    urls: Mapping[str, str]


@pytest.fixture
async def log(postgres: PostgresServer) -> AsyncIterator[Log]:
    """A log with the users of the embedded mode."""
    name = f"bus{uuid4().hex[:8]}"
    admin = postgres.url("postgres")
    [owner] = (await provide(admin, (name,))).values()
    urls = await bus_users.provide(admin, owner)
    async with AsyncExitStack() as held:
        buses = {
            who: await held.enter_async_context(open_bus(BusSettings(url=SecretStr(url))))
            for who, url in {**urls, "owner": owner}.items()
        }
        yield Log(buses.pop("owner"), buses, urls)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_a_topic_is_written_by_its_writer_and_read_by_its_readers_alone(
    log: Log, topic: Topic
) -> None:
    for lane in lanes(topic):
        for name in SERVICES:
            if name == topic.writer:
                await log.by[name].publish([an_event(lane)])
            else:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await log.by[name].publish([an_event(lane)])
        for name in SERVICES:
            group = express_group(name) if lane == topic.express else name
            read = await take_waiting(log.by[name], lane, group)
            assert bool(read) == (name in topic.readers), (name, lane)


async def test_a_dead_letter_is_written_by_readers_and_settled_by_the_owner(log: Log) -> None:
    letter = an_event(VERIFIED.name + DLQ_SUFFIX)
    for name in ("records", "signer"):
        await log.by[name].publish([letter])
        async with aclosing(log.by[name].peek([letter.topic], "dlq")) as lying:
            assert {one.id async for one in lying} == {letter.id}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await log.by["verifier"].publish([letter])
    assert len(await take_waiting(log.owner, letter.topic, "dlq")) == 2


async def test_no_service_moves_another_one_s_offsets_or_changes_what_was_written(
    log: Log,
) -> None:
    await log.by["verifier"].publish(some_events(VERIFIED.name, 3))
    await take_waiting(log.by["signer"], VERIFIED.name, "signer")
    await log.by["verifier"].publish(some_events(VERIFIED.name, 3))
    records = await asyncpg.connect(log.urls["records"])
    try:
        moved = "UPDATE consumer_offset SET position = 1000000 WHERE consumer = 'signer'"
        assert await records.execute(moved) == "UPDATE 0"
        for statement in (
            "UPDATE event SET value = ''",
            "DELETE FROM event",
            "TRUNCATE event",
            "DELETE FROM consumer_offset",
            "ALTER TABLE event DISABLE ROW LEVEL SECURITY",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await records.execute(statement)
        for table in ("event", "consumer_offset"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await records.execute(f"CREATE POLICY mine ON {table}")
    finally:
        await records.close()
    assert (await log.by["signer"].lag([VERIFIED.name], "signer"))[VERIFIED.name] == 3


async def test_a_service_s_purge_keeps_what_another_reader_has_not_read(
    log: Log, postgres: PostgresServer
) -> None:
    sent = some_events(VERIFIED.name, 5)
    await log.by["verifier"].publish(sent)
    await take_waiting(log.by["records"], VERIFIED.name, "records")
    # a worker of the signer was there, and is away
    signer = log.by["signer"]
    async with aclosing(signer.batches([VERIFIED.name], "signer")) as batches:
        await anext(batches)
    records = log.by["records"]
    assert isinstance(records, EventLog)
    owner = await asyncpg.connect(postgres.url(str(make_url(log.urls["records"]).database)))
    try:
        await owner.execute("UPDATE event SET stored_at = now() - interval '90 days'")
    finally:
        await owner.close()
    assert await records.purge() == 0
    assert ids(await take_waiting(signer, VERIFIED.name, "signer")) == ids(sent)
    assert await records.purge() == 5


async def test_users_are_provided_again_without_a_change(
    log: Log, postgres: PostgresServer
) -> None:
    url = make_url(log.urls["records"])
    owner = url.set(username=url.database).render_as_string(False)
    assert await bus_users.provide(postgres.url("postgres"), owner) == log.urls
    for topic in (RECORDED, WITHDRAWN):
        await log.by["records"].publish([an_event(topic.name)])
    for topic in (ISSUED, RECHECK):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await log.by["records"].publish([an_event(topic.name)])
