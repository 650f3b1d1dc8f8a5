"""The fault matrix: every fault on every bus it applies to. `make faults` runs all of it with ten
times the doses.
"""

import asyncio
import random

import pytest

from deploy.audit import letters
from tests.faults import faults
from tests.faults.arena import Arena
from tests.faults.conftest import WHOLE
from tests.faults.faults import Fault

ON_BOTH = (
    faults.killed,
    faults.terminated,
    faults.postgres_killed,
    faults.postmaster_killed,
    faults.twice_and_reordered,
    faults.poisoned,
    faults.more_and_fewer_workers,
)
# what has nothing to do with the bus is tried on both in the whole matrix alone
ON_ONE = (faults.registry_misbehaves, faults.clocks_off, faults.disk_full)
OF_KAFKA = (faults.one_broker_lost, faults.brokers_killed)

MATRIX = [
    *(("postgres", fault) for fault in (*ON_BOTH, *ON_ONE)),
    *(("kafka", fault) for fault in (*ON_BOTH, *(ON_ONE if WHOLE else ()), *OF_KAFKA)),
]


@pytest.mark.parametrize(
    ("arena", "fault"),
    MATRIX,
    indirect=["arena"],
    ids=[f"{bus}-{fault.__name__}" for bus, fault in MATRIX],
    scope="session",
)
async def test_nothing_is_lost_and_nothing_comes_twice(arena: Arena, fault: Fault) -> None:
    prefix = f"{fault.__name__}/"
    # a fault before may have left one that is just being started again
    for name in faults.SERVICES:
        await arena.up(name)
    processes = {name: arena.part(name).pid for name in faults.SERVICES}
    async with asyncio.TaskGroup() as both:
        both.create_task(arena.push(prefix))
        both.create_task(fault(arena, random.Random(fault.__name__), WHOLE))
    if fault is faults.poisoned:
        await arena.rest({"DEAD_LETTERS": faults.LETTERS})
        await letters.settle(arena.bus, letters.topic_names(), lambda _: True, replay=False)
    await arena.rest()
    standing = await arena.standing(prefix)
    assert standing == arena.undisturbed
    if fault in faults.LIVED_THROUGH:
        assert processes == {name: arena.part(name).pid for name in faults.SERVICES}
