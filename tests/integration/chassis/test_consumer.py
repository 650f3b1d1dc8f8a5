import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from deploy.audit import letters
from services.chassis.bus import Bus, BusSettings, Event
from services.chassis.bus.signatures import Gate, Signatures
from services.chassis.consumer import Consumer, Limits
from services.chassis.db import Database, Transaction
from services.chassis.dlq import DeadLetters, TooMuchPoisonError
from services.chassis.errors import TransientError
from tests.integration.chassis.conftest import SEEN
from tests.support.bus import (
    PATIENCE_S,
    InterruptedBus,
    an_event,
    ids,
    running,
    some_events,
    take_waiting,
    until,
)
from tests.support.postgres import PostgresServer
from tests.support.signatures import signatures

QUICK = Limits(first_backoff_s=0.01, max_backoff_s=0.05)


class Counts:
    """A meter that keeps its counts."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()

    def observe(self, topic: str, outcome: str, events: int, seconds: float) -> None:
        """Counts."""
        assert seconds >= 0
        self.events[outcome] += events


class Writer:
    """A handler that writes each event's items down; `before` may fail first."""

    def __init__(self, before: Callable[[Event], object] = lambda _: None) -> None:
        self._before = before

    async def __call__(self, tx: Transaction, events: Sequence[Event], /) -> None:
        """One row an item; an item called bad is a programming error."""
        for event in events:
            for item in json.loads(event.value):
                await tx.execute(insert(SEEN), {"id": item})
                if item.startswith("bad"):
                    raise KeyError(f"the secret of {item}")
            self._before(event)


def holding(topic: str, *items: str) -> Event:
    """An event of these items."""
    return an_event(topic, json.dumps(items).encode())


def split(event: Event) -> list[Event]:
    """One event an item."""
    return [
        replace(event, id=f"{event.id}/{n}", value=json.dumps([item]).encode())
        for n, item in enumerate(json.loads(event.value))
    ]


async def written(db: Database) -> list[str]:
    """The items that handlers wrote, sorted."""
    async with db.begin() as tx:
        return sorted((await tx.execute(select(SEEN.c.id))).scalars())


async def work_off(consumer: Consumer, bus: Bus, topic: str, group: str = "g") -> None:
    """Runs the consumer until nothing waits."""
    async with running(asyncio.create_task(consumer.run())), asyncio.timeout(PATIENCE_S):
        while (await bus.lag([topic], group))[topic]:
            await asyncio.sleep(0.01)


async def test_events_are_handled_and_their_offset_committed(
    db: Database, bus: Bus, topic: str
) -> None:
    await bus.publish([holding(topic, f"{n}") for n in range(10)])
    counts = Counts()
    await work_off(Consumer(bus, db, "g", [topic], Writer(), meter=counts), bus, topic)
    assert await written(db) == sorted(map(str, range(10)))
    assert counts.events == {"done": 10}


async def test_an_event_that_comes_twice_works_once(db: Database, bus: Bus, topic: str) -> None:
    event, counts = holding(topic, "a"), Counts()
    await bus.publish([event])
    await bus.publish([event, holding(topic, "b")])
    await work_off(Consumer(bus, db, "g", [topic], Writer(), meter=counts), bus, topic)
    assert await written(db) == ["a", "b"]
    assert counts.events == {"done": 2, "repeated": 1}


async def test_a_transient_error_is_retried_and_nothing_is_skipped(
    db: Database, bus: Bus, topic: str
) -> None:
    failures = iter(
        [TransientError("registry"), ConnectionResetError(), TransientError("registry")]
    )

    def fail(_: Event) -> None:
        for error in failures:
            raise error

    await bus.publish([holding(topic, f"{n}") for n in range(5)])
    counts = Counts()
    await work_off(
        Consumer(
            bus, db, "g", [topic], Writer(fail), limits=replace(QUICK, max_poison=0), meter=counts
        ),
        bus,
        topic,
    )
    assert await written(db) == ["0", "1", "2", "3", "4"]
    assert counts.events["retried"] >= 3
    assert counts.events["dead_lettered"] == 0


async def test_a_database_that_drops_its_connections_is_waited_for(
    db: Database, bus: Bus, postgres: PostgresServer, log_settings: BusSettings, topic: str
) -> None:
    await bus.publish([holding(topic, f"{n}") for n in range(40)])
    consumer = Consumer(bus, db, "g", [topic], Writer(), max_events=1, limits=QUICK)
    async with running(asyncio.create_task(consumer.run())), asyncio.timeout(PATIENCE_S):
        for _ in range(5):
            await asyncio.sleep(0.02)
            await postgres.drop_connections(postgres.url("%"))
        while True:
            try:
                if not (await bus.lag([topic], "g"))[topic]:
                    break
            except TransientError:
                continue
    assert await written(db) == sorted(map(str, range(40)))


async def test_one_bad_item_is_dead_lettered_alone(
    db: Database, any_bus: Bus, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    mixed = holding(topic, *[f"good {n}" for n in range(20)], "bad", "last")
    await any_bus.publish([holding(topic, "before"), mixed, holding(topic, "after")])
    counts = Counts()
    with caplog.at_level(logging.INFO):
        await work_off(
            Consumer(any_bus, db, "g", [topic], Writer(), split=split, limits=QUICK, meter=counts),
            any_bus,
            topic,
        )
    assert await written(db) == sorted(
        ["before", "after", "last", *[f"good {n}" for n in range(20)]]
    )
    (letter,) = await take_waiting(any_bus, f"{topic}.dlq")
    assert (letter.id, json.loads(letter.value)) == (f"{mixed.id}/20", ["bad"])
    marks = {"dlq_error": "KeyError", "dlq_attempts": "3", "dlq_topic": topic, "dlq_group": "g"}
    assert letter.headers == {**marks, "dlq_time": letter.headers["dlq_time"]}
    assert counts.events["dead_lettered"] == 1
    assert "secret" not in caplog.text


async def test_an_event_that_cannot_be_read_is_dead_lettered_whole(
    db: Database, bus: Bus, topic: str
) -> None:
    broken = an_event(topic, b"\x00 not JSON", headers={"traceparent": "00-aa"})
    await bus.publish([broken, holding(topic, "good")])
    await work_off(Consumer(bus, db, "g", [topic], Writer(), split=split, limits=QUICK), bus, topic)
    assert await written(db) == ["good"]
    (letter,) = await take_waiting(bus, f"{topic}.dlq")
    assert (letter.id, letter.value, letter.headers["traceparent"]) == (
        broken.id,
        broken.value,
        "00-aa",
    )


async def test_an_error_that_goes_away_is_no_poison(db: Database, bus: Bus, topic: str) -> None:
    failures = iter([ValueError("once"), ValueError("twice")])

    def fail(_: Event) -> None:
        for error in failures:
            raise error

    await bus.publish([holding(topic, "a")])
    await work_off(
        Consumer(bus, db, "g", [topic], Writer(fail), limits=replace(QUICK, max_poison=0)),
        bus,
        topic,
    )
    assert await written(db) == ["a"]


async def test_a_dead_letter_whose_event_comes_again_is_not_written_again(
    db: Database, bus: Bus, topic: str
) -> None:
    event = holding(topic, "good", "bad")
    for _ in range(2):
        await bus.publish([event])
        await work_off(
            Consumer(bus, db, "g", [topic], Writer(), split=split, limits=QUICK), bus, topic
        )
    assert len(await take_waiting(bus, f"{topic}.dlq")) == 1
    assert await written(db) == ["good"]


async def test_a_bad_release_stops_instead_of_emptying_the_topic(
    db: Database, bus: Bus, topic: str
) -> None:
    await bus.publish([holding(topic, f"bad {n}") for n in range(30)])
    consumer = Consumer(bus, db, "g", [topic], Writer(), limits=replace(QUICK, max_poison=3))
    with pytest.raises(TooMuchPoisonError):
        async with asyncio.timeout(PATIENCE_S):
            await consumer.run()
    assert len(await take_waiting(bus, f"{topic}.dlq")) == 3
    assert (await bus.lag([topic], "g"))[topic] >= 26
    await work_off(Consumer(bus, db, "g", [topic], Rescued()), bus, topic)
    assert len(await written(db)) == 27


class Rescued:
    """The next release, which knows what to do with them."""

    async def __call__(self, tx: Transaction, events: Sequence[Event], /) -> None:
        """Writes them down."""
        for event in events:
            await tx.execute(insert(SEEN), {"id": event.id})


async def test_an_offset_that_could_not_be_committed_repeats_nothing(
    db: Database, any_bus: Bus, topic: str
) -> None:
    await any_bus.publish([holding(topic, f"{n}") for n in range(6)])
    counts = Counts()
    await work_off(
        Consumer(InterruptedBus(any_bus, commits=2), db, "g", [topic], Writer(), meter=counts),
        any_bus,
        topic,
    )
    assert await written(db) == ["0", "1", "2", "3", "4", "5"]
    assert counts.events["done"] == 6
    assert counts.events["repeated"] >= 2


@pytest.mark.parametrize("how", ["stop", "cancel"])
async def test_a_stop_finishes_the_batch_in_hand(
    db: Database, any_bus: Bus, topic: str, how: str
) -> None:
    await any_bus.publish(sent := [holding(topic, f"{n}") for n in range(20)])
    began, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(tx: Transaction, events: Sequence[Event], /) -> None:
        began.set()
        await go_on.wait()
        await Writer()(tx, events)

    run = asyncio.create_task(Consumer(any_bus, db, "g", [topic], handler, max_events=2).run(stop))
    async with asyncio.timeout(PATIENCE_S):
        await began.wait()
        stop.set() if how == "stop" else run.cancel()
        await asyncio.sleep(0.05)
        assert not run.done()
        go_on.set()
        await asyncio.wait({run})
    handled = await written(db)
    assert 1 <= len(handled) <= 2
    assert (await any_bus.lag([topic], "g"))[topic] == len(sent) - len(handled)


async def test_a_stop_while_waiting_leaves_the_batch_for_later(
    db: Database, bus: Bus, topic: str
) -> None:
    await bus.publish([holding(topic, "a")])
    counts, stop = Counts(), asyncio.Event()

    def away(_: Event) -> None:
        raise TransientError("registry")

    async with asyncio.timeout(PATIENCE_S):
        run = asyncio.create_task(
            Consumer(
                bus, db, "g", [topic], Writer(away), limits=Limits(3600, 3600), meter=counts
            ).run(stop)
        )
        while not counts.events["retried"]:
            await asyncio.sleep(0.01)
        stop.set()
        await run
    assert await written(db) == []
    await work_off(Consumer(bus, db, "g", [topic], Writer()), bus, topic)
    assert await written(db) == ["a"]


async def test_an_idle_consumer_stops_when_told(db: Database, bus: Bus, topic: str) -> None:
    stop = asyncio.Event()
    run = asyncio.create_task(Consumer(bus, db, "g", [topic], Writer()).run(stop))
    await asyncio.sleep(0.05)
    stop.set()
    async with asyncio.timeout(PATIENCE_S):
        await run


async def test_loops_side_by_side_handle_everything_once(
    db: Database, any_bus: Bus, topic: str
) -> None:
    sent = some_events(topic, 200)
    await any_bus.publish(sent)
    loops = [Consumer(any_bus, db, "g", [topic], Rescued()) for _ in range(3)]
    async with (
        running(*(asyncio.create_task(loop.run()) for loop in loops)),
        asyncio.timeout(PATIENCE_S),
    ):
        while (await any_bus.lag([topic], "g"))[topic]:
            await asyncio.sleep(0.01)
    assert await written(db) == ids(sent)


def signed_gates(folder: Path, topic: str) -> tuple[Signatures, Gate, Gate]:
    """The verifier's signatures, and the gates of two readers of its topic."""
    every, readers = signatures(folder), ("signer", "records")
    made = [every[name].gate("vn.hochieu.test", "verifier", readers) for name in readers]
    return every["verifier"], made[0], made[1]


async def test_forged_events_are_set_aside_however_many_and_the_honest_ones_are_handled(
    any_bus: Bus, db: Database, topic: str, tmp_path: Path
) -> None:
    verifier, gate, _ = signed_gates(tmp_path, topic)
    honest = verifier.signer.sign(holding(topic, "honest"))
    # under the id of the honest one: the inbox must not learn of it
    forged = [replace(holding(topic, "forged"), id=honest.id, key=str(n)) for n in range(30)]
    counts = Counts()
    consumer = Consumer(
        any_bus, db, "g", [topic], Writer(), limits=Limits(max_poison=2), gate=gate, meter=counts
    )
    async with running(asyncio.create_task(consumer.run())):
        await any_bus.publish(forged)
        await until(lambda: counts.events["untrusted"] >= 30)
        await any_bus.publish([honest])
        await until(lambda: bool(counts.events["done"]))
    assert await written(db) == ["honest"]
    lying = await take_waiting(any_bus, f"{topic}.dlq")
    assert Counter((one.headers["dlq_error"], one.headers["dlq_reason"]) for one in lying) == {
        ("UntrustedEventError", "unsigned"): 30
    }
    # and they do not count against the limit of a process that starts anew
    assert not await DeadLetters(any_bus, "g", [topic], attempts=3, most=2, window_s=600)._recall()


async def test_a_part_that_was_dead_lettered_comes_back_to_its_reader_alone(
    any_bus: Bus, db: Database, topic: str, tmp_path: Path
) -> None:
    verifier, gate, other = signed_gates(tmp_path, topic)
    whole = verifier.signer.sign(holding(topic, "good", "bad apple"))

    counts = Counts()
    consumer = Consumer(
        any_bus, db, "g", [topic], Writer(), split=split, limits=QUICK, gate=gate, meter=counts
    )
    async with running(asyncio.create_task(consumer.run())):
        await any_bus.publish([whole])
        await until(lambda: bool(counts.events["dead_lettered"]))
        await letters.settle(any_bus, [topic], lambda _: True, replay=True)
        await until(lambda: counts.events["dead_lettered"] == 2)
    assert counts.events["untrusted"] == 0
    elsewhere = Counts()
    reader = Consumer(any_bus, db, "h", [topic], Writer(), gate=other, meter=elsewhere, split=split)
    async with running(asyncio.create_task(reader.run())):
        await until(lambda: bool(elsewhere.events["passed_over"]))
    assert elsewhere.events["untrusted"] == 0
