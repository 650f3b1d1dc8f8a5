import asyncio
from datetime import timedelta

from sqlalchemy import text

from services.chassis.bus import Event
from services.chassis.db import Database
from services.chassis.inbox import first_time, purge
from tests.support.bus import an_event, some_events


async def test_an_event_is_new_once_for_each_group(db: Database) -> None:
    events = some_events("t", 5)
    async with db.begin() as tx:
        assert await first_time(tx, "records", events[:3]) == events[:3]
    async with db.begin() as tx:
        assert await first_time(tx, "records", events) == events[3:]
        assert await first_time(tx, "signer", events) == events


async def test_an_event_twice_in_a_batch_is_new_once(db: Database) -> None:
    event, other = an_event("t"), an_event("t")
    async with db.begin() as tx:
        assert await first_time(tx, "g", [event, other, event]) == [event, other]


async def test_what_was_rolled_back_is_new_again(db: Database) -> None:
    event = an_event("t")
    try:
        async with db.begin() as tx:
            await first_time(tx, "g", [event])
            raise LookupError
    except LookupError:
        pass
    async with db.begin() as tx:
        assert await first_time(tx, "g", [event]) == [event]


async def test_members_with_the_same_events_in_another_order_do_not_deadlock(db: Database) -> None:
    events = some_events("t", 50)

    async def member(mine: list[Event]) -> int:
        async with db.begin() as tx:
            fresh = len(await first_time(tx, "g", mine))
            await tx.execute(text("SELECT pg_sleep(0.05)"))
        return fresh

    assert sorted(await asyncio.gather(member(events), member(events[::-1]))) == [0, 50]


async def test_purging_forgets_only_what_is_old(db: Database) -> None:
    old, young = some_events("t", 2)
    async with db.begin() as tx:
        await first_time(tx, "g", [old, young])
        await tx.execute(
            text("UPDATE inbox SET time = now() - interval '9 days' WHERE event_id = :id"),
            {"id": old.id},
        )
    async with db.begin() as tx:
        await purge(tx, timedelta(days=8))
        assert await first_time(tx, "g", [old, young]) == [old]
