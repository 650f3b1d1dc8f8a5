"""Which handlers a worker runs: each topic on a few loops, its express lane on a loop of its own.

So neither lane waits for the other.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from services.chassis.bus import Bus, Event
from services.chassis.consumer import Consumer, Handler, Meter
from services.chassis.db import Database
from services.chassis.settings import WorkerSettings


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic of a service: `lists` names the JSON fields that hold its items, so that one bad
    item can be taken out alone.
    """

    topic: str
    express: str | None
    handler: Handler
    lists: tuple[str, ...]


def consumers(
    bus: Bus,
    db: Database,
    service: str,
    subscriptions: Iterable[Subscription],
    cfg: WorkerSettings,
    meter: Meter,
) -> list[Consumer]:
    """The loops of one worker process."""
    made: list[Consumer] = []
    for one in subscriptions:
        split = split_lists(one.lists)
        made += [
            Consumer(
                bus,
                db,
                service,
                [one.topic],
                one.handler,
                split=split,
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
