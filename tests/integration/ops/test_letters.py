import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import insert, select
from typer.testing import CliRunner

from contracts.topics import RECORDED
from deploy.audit import letters
from deploy.cli.main import program
from services.chassis.bus import Bus, BusSettings, Event
from services.chassis.bus.settings import DLQ_GROUP
from services.chassis.consumer import Consumer, Limits
from services.chassis.db import Database, Transaction
from services.chassis.errors import TransientError
from tests.integration.chassis.conftest import SEEN
from tests.support.bus import PATIENCE_S, an_event, ids, running

QUICK = Limits(first_backoff_s=0.01, max_backoff_s=0.05)


class Handler:
    """Writes each event's word down; a word it does not know is a programming error, until it is
    mended.
    """

    def __init__(self) -> None:
        self.unknown = {"bad", "worse"}

    async def __call__(self, tx: Transaction, events: Sequence[Event], /) -> None:
        """One row an event."""
        for event in events:
            word = json.loads(event.value)["word"]
            if word in self.unknown:
                raise KeyError(word) if word == "bad" else ValueError(word)
            await tx.execute(insert(SEEN), {"id": word})


async def work_off(bus: Bus, db: Database, topic: str, handler: Handler) -> None:
    """Runs the handler's consumer until nothing waits."""
    consumer = Consumer(bus, db, "g", [topic], handler, limits=QUICK)
    async with running(asyncio.create_task(consumer.run())), asyncio.timeout(PATIENCE_S):
        while True:
            # a broker that has just started may still look for the group's place
            with suppress(TransientError):
                if not (await bus.lag([topic], "g"))[topic]:
                    return
            await asyncio.sleep(0.05)


async def lying(bus: Bus, topic: str) -> list[Event]:
    """The letters that wait."""
    return [letter async for letter in letters.waiting(bus, [topic])]


async def written(db: Database) -> list[str]:
    """The words that were written."""
    async with db.begin() as tx:
        return sorted((await tx.execute(select(SEEN.c.id))).scalars())


def saying(topic: str, word: str) -> Event:
    """An event of this word."""
    return an_event(topic, json.dumps({"word": word}).encode(), headers={"traceparent": "00-1"})


async def test_a_letter_is_replayed_once_the_handler_is_mended(
    any_bus: Bus, db: Database, topic: str
) -> None:
    handler = Handler()
    bad = saying(topic, "bad")
    await any_bus.publish([saying(topic, "one"), bad, saying(topic, "worse")])
    await work_off(any_bus, db, topic, handler)
    assert await written(db) == ["one"]
    assert sorted(letter.headers["dlq_error"] for letter in await lying(any_bus, topic)) == [
        "KeyError",
        "ValueError",
    ]

    handler.unknown = set()
    outcome = await letters.settle(
        any_bus, [topic], lambda letter: letter.headers["dlq_error"] == "KeyError", replay=True
    )
    assert (outcome.settled, outcome.kept) == (1, 1)
    await work_off(any_bus, db, topic, handler)
    assert await written(db) == ["bad", "one"]

    # what was replayed lies there no more, what was not still does, and can be given up
    assert [letter.headers["dlq_error"] for letter in await lying(any_bus, topic)] == ["ValueError"]
    outcome = await letters.settle(any_bus, [topic], lambda _: True, replay=False)
    assert (outcome.settled, outcome.kept) == (1, 0)
    assert await lying(any_bus, topic) == []
    assert await any_bus.lag([topic, topic + ".dlq"], DLQ_GROUP) == {
        topic: 3 + 1,
        topic + ".dlq": 0,
    }
    await work_off(any_bus, db, topic, handler)
    assert await written(db) == ["bad", "one"]


async def test_a_letter_that_fails_again_is_a_letter_again(
    any_bus: Bus, db: Database, topic: str
) -> None:
    await any_bus.publish([saying(topic, "bad")])
    for times in range(3):
        await work_off(any_bus, db, topic, Handler())
        [letter] = await lying(any_bus, topic)
        assert letter.id.count("/replayed") == times
        assert letter.headers["traceparent"] == "00-1"
        await letters.settle(any_bus, [topic], lambda _: True, replay=True)


async def test_an_event_that_two_groups_could_not_handle_is_two_letters(
    any_bus: Bus, topic: str
) -> None:
    event = an_event(topic + ".dlq")
    await any_bus.publish(
        [replace(event, headers={"dlq_group": group}) for group in ("records", "signer")]
    )
    outcome = await letters.settle(any_bus, [topic], lambda _: True, replay=True)
    assert outcome.settled == 2
    assert await lying(any_bus, topic) == []
    # under one id, so that each group handles it once
    assert len({letter.id async for letter in any_bus.peek([topic], "anyone")}) == 1


async def test_letters_nobody_asked_for_are_not_touched(any_bus: Bus, topic: str) -> None:
    sent = [an_event(topic + ".dlq") for _ in range(250)]
    await any_bus.publish(sent)
    await letters.settle(any_bus, [topic], lambda _: False, replay=True)
    assert (await any_bus.lag([topic + ".dlq"], DLQ_GROUP))[topic + ".dlq"] == 250
    assert ids(await lying(any_bus, topic)) == ids(sent)


async def test_the_commands_count_show_and_drop(bus: Bus, log_settings: BusSettings) -> None:
    marks = {"dlq_error": "KeyError", "dlq_group": "verifier"}
    [one, two] = sent = [
        an_event(RECORDED.name + ".dlq", b'{"batch_id": 7}', headers=marks) for _ in range(2)
    ]
    await bus.publish(sent)

    async def run(*arguments: str) -> str:
        url = f"--bus-url={log_settings.url.get_secret_value()}"
        result = await asyncio.to_thread(
            CliRunner().invoke, program(), ["dlq", *arguments, url], env={"COLUMNS": "200"}
        )
        assert result.exit_code == 0, result.output
        return result.output

    assert "KeyError" in (listed := await run("list"))
    assert "2" in listed.splitlines()[-2]
    shown = await run("show", one.id)
    assert one.id in shown
    assert two.id not in shown
    await run("drop", one.id)
    assert [letter.id for letter in await lying(bus, RECORDED.name)] == [two.id]
    await run("replay", "--topic", RECORDED.name)
    assert "no dead letters" in await run("list")
    assert (await bus.lag([RECORDED.name], "verifier"))[RECORDED.name] == 1
