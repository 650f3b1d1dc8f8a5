"""Dead letters: reading them, putting them back on the topic they came from, or giving them up.

A letter is marked as dealt with by committing the offset of the group `dlq`. Offsets only move
forward, so a letter that is to stay is filed again behind the others, under the id it has.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from contracts.topics import TOPICS
from services.chassis.bus import Bus, Event
from services.chassis.bus.settings import DLQ_GROUP, DLQ_SUFFIX, REPLAYED

Name = tuple[str, str]
"""A letter's event and the group that could not handle it: one event can be a letter of several
groups.
"""

_MARK = "dlq_"
_LISTS = ("doses", "certificates", "refused")
_SAYABLE = ("batch_id", "dose_id", "version")


@dataclass(slots=True)
class Outcome:
    """What became of the letters that were waiting."""

    settled: int = 0
    kept: int = 0


def topic_names() -> list[str]:
    """Every topic and express lane."""
    return [name for topic in TOPICS for name in (topic.name, topic.express) if name]


async def waiting(bus: Bus, topics: Sequence[str]) -> AsyncIterator[Event]:
    """The letters of `topics` (named without their suffix) that wait for people."""
    async with aclosing(bus.peek([topic + DLQ_SUFFIX for topic in topics], DLQ_GROUP)) as letters:
        async for letter in letters:
            yield letter


def returned(letter: Event) -> Event:
    """The event as it goes back: its own topic, key and headers, under an id that no inbox has
    seen, and always the same one.
    """
    headers = {name: value for name, value in letter.headers.items() if not name.startswith(_MARK)}
    return replace(
        letter,
        id=f"{letter.id}{REPLAYED}",
        topic=letter.topic.removesuffix(DLQ_SUFFIX),
        headers=headers,
    )


async def settle(
    bus: Bus, topics: Sequence[str], wanted: Callable[[Event], bool], *, replay: bool
) -> Outcome:
    """Replays, or gives up, the `wanted` letters that wait now; the others stay. Stopped half-way,
    it can be run again.
    """
    outcome = Outcome()
    for topic in topics:
        lying = [(_name(letter), wanted(letter)) async for letter in waiting(bus, [topic])]
        # where nothing is wanted, nothing is touched
        if any(chosen for _, chosen in lying):
            await _settle_topic(
                bus, topic + DLQ_SUFFIX, wanted, replay, {letter for letter, _ in lying}, outcome
            )
    return outcome


async def _settle_topic(
    bus: Bus,
    topic: str,
    wanted: Callable[[Event], bool],
    replay: bool,
    unseen: set[Name],
    outcome: Outcome,
) -> None:
    """Goes through a topic until each of `unseen` has come; one that was filed again may come
    before them, from another partition.
    """
    async with aclosing(bus.batches([topic], DLQ_GROUP, max_events=1)) as batches:
        while unseen:
            batch = await anext(batches)
            chosen = [letter for letter in batch.events if wanted(letter)]
            kept = [letter for letter in batch.events if not wanted(letter)]
            await bus.publish(kept + ([returned(letter) for letter in chosen] if replay else []))
            await bus.commit(batch)
            outcome.settled += len(unseen & {_name(letter) for letter in chosen})
            outcome.kept += len(unseen & {_name(letter) for letter in kept})
            unseen -= {_name(letter) for letter in batch.events}


def _name(letter: Event) -> Name:
    return letter.id, letter.headers.get("dlq_group", "")


def described(letter: Event) -> dict[str, str]:
    """What may be said of a letter: its headers, and of its value the ids alone."""
    told = {
        "id": letter.id,
        "topic": letter.topic,
        "type": letter.type,
        "source": letter.source,
        "key": letter.key,
    }
    told |= {"time": letter.time.isoformat(), "bytes": str(len(letter.value)), **letter.headers}
    try:
        value = json.loads(letter.value)
    except ValueError:
        return told | {"value": "not JSON"}
    if not isinstance(value, dict):
        return told | {"value": f"a JSON {type(value).__name__}"}
    lists = {
        name: items for name, items in value.items() if name in _LISTS and isinstance(items, list)
    }
    return told | _ids(value) | {name: _items(items) for name, items in lists.items()}


def _ids(value: dict[str, Any]) -> dict[str, str]:
    """Numbers alone: a text could be anything in an event that is broken."""
    return {name: str(value[name]) for name in _SAYABLE if isinstance(value.get(name), int)}


def _items(items: list[Any]) -> str:
    """Of each item its ids, the first ten."""
    said = [
        " ".join(f"{name}={value}" for name, value in _ids(item).items()) or "?"
        for item in items[:10]
        if isinstance(item, dict)
    ]
    return f"{len(items)}: {', '.join(said)}"
