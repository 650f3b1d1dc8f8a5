import asyncio
from collections.abc import Sequence

import pytest

from deploy.audit import letters
from services.chassis.bus import Bus, Event
from services.chassis.consumer import Consumer, Limits
from services.chassis.db import Database, Transaction
from services.chassis.dlq import TooMuchPoisonError
from tests.support.bus import some_events

LIMITS = Limits(first_backoff_s=0.001, max_backoff_s=0.002, max_poison=5)


async def bad(tx: Transaction, events: Sequence[Event], /) -> None:
    """A release that can handle nothing."""
    raise KeyError("bad")


async def lying(bus: Bus, topic: str) -> int:
    """How many letters wait."""
    return len([letter async for letter in letters.waiting(bus, [topic])])


async def test_a_bad_release_that_is_started_again_and_again_does_not_empty_the_topic(
    any_bus: Bus, db: Database, topic: str
) -> None:
    await any_bus.publish(some_events(topic, 40))
    for _ in range(3):
        with pytest.raises(TooMuchPoisonError):
            await asyncio.wait_for(
                Consumer(any_bus, db, "g", [topic], bad, limits=LIMITS).run(), 60
            )
        assert await lying(any_bus, topic) == LIMITS.max_poison


async def test_letters_that_people_have_settled_do_not_count_against_the_next_release(
    any_bus: Bus, db: Database, topic: str
) -> None:
    await any_bus.publish(some_events(topic, 40))
    for _ in range(2):
        with pytest.raises(TooMuchPoisonError):
            await asyncio.wait_for(
                Consumer(any_bus, db, "g", [topic], bad, limits=LIMITS).run(), 60
            )
        assert (
            await letters.settle(any_bus, [topic], lambda _: True, replay=False)
        ).settled == LIMITS.max_poison
