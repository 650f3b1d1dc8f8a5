"""Which handlers a worker runs: each topic on a few loops, its express lane on a loop of its own.

So neither lane waits for the other.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from services.chassis.bus import Bus, Event
from services.chassis.bus.signatures import Signatures
from services.chassis.consumer import Consumer, Handler, Meter
from services.chassis.db import Database
from services.chassis.settings import WorkerSettings


class Stream(Protocol):
    """A topic as its contract has it: one service writes it, some read it."""

    @property
    def name(self) -> str: ...
    @property
    def express(self) -> str | None: ...
    @property
    def writer(self) -> str: ...
    @property
    def readers(self) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic of a service: `lists` names the JSON fields that hold its items, so that one bad
    item can be taken out alone.
    """

    stream: Stream
    handler: Handler
    lists: tuple[str, ...]

    @property
    def topic(self) -> str:
        """Name of the normal lane, which is the type of the events on both."""
        return self.stream.name

    @property
    def express(self) -> str | None:
        """Name of the express lane, where there is one."""
        return self.stream.express


def consumers(
    bus: Bus,
    db: Database,
    service: str,
    subscriptions: Iterable[Subscription],
    cfg: WorkerSettings,
    meter: Meter,
    signatures: Signatures | None,
) -> list[Consumer]:
    """The loops of one worker process; without `signatures` any event is believed."""
    made: list[Consumer] = []
    for one in subscriptions:
        split = split_lists(one.lists)
        stream = one.stream
        gate = signatures.gate(stream.name, stream.writer, stream.readers) if signatures else None
        made += [
            Consumer(
                bus,
                db,
                service,
                [one.topic],
                one.handler,
                split=split,
                gate=gate,
                max_events=cfg.max_events,
                meter=meter,
            )
            for _ in range(cfg.loops)
        ]
        if one.express:
            made.append(
                Consumer(
                    bus,
                    db,
                    express_group(service),
                    [one.express],
                    one.handler,
                    split=split,
                    gate=gate,
                    max_events=cfg.max_events,
                    meter=meter,
                )
            )
    return made


def lag_of(
    bus: Bus, service: str, subscriptions: Iterable[Subscription]
) -> Callable[[], Awaitable[dict[str, int]]]:
    """Asks how many events wait for the service, by topic and express lane."""
    listed = list(subscriptions)

    async def ask() -> dict[str, int]:
        waiting = await bus.lag([one.topic for one in listed], service)
        return waiting | await bus.lag(
            [one.express for one in listed if one.express], express_group(service)
        )

    return ask


def express_group(service: str) -> str:
    """The consumer group of a service on express lanes."""
    return f"{service}-express"


def split_lists(lists: tuple[str, ...]) -> Callable[[Event], Sequence[Event]]:
    """A function that cuts an event into one event an item; the ids are derived, so the same every
    time.
    """

    def split(event: Event) -> Sequence[Event]:
        whole = json.loads(event.value)
        empty = {**whole, **{name: [] for name in lists}}
        parts = [{**empty, name: [item]} for name in lists for item in whole.get(name, [])]
        return [
            replace(event, id=f"{event.id}/{n}", value=json.dumps(part).encode())
            for n, part in enumerate(parts)
        ]

    return split
