"""Who was served least goes first, and nobody takes all places."""

import asyncio
from collections.abc import Awaitable

import pytest

from services.signer.pictures.fair_queue import FairQueue, QueueFullError, RecentUse


class _Desk:
    """A queue whose service takes until it is told to end, and in which order it served."""

    def __init__(self, use: RecentUse, places: int = 10, places_each: int = 10) -> None:
        self.queue = FairQueue(use, places, places_each)
        self.served: list[str] = []
        self.end = asyncio.Semaphore(0)

    async def serve(self, who: str) -> None:
        async with self.queue.turn(who):
            self.served.append(who)
            await self.end.acquire()

    def come(self, *everybody: str) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.serve(who)) for who in everybody]


async def _settle(*waiting: Awaitable[None]) -> list[BaseException | None]:
    return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)


async def test_whoever_was_served_least_goes_first_and_of_equals_who_came_first() -> None:
    use = RecentUse()
    use.add("much", 5)
    use.add("little", 1)
    desk = _Desk(use)
    tasks = desk.come("first", "much", "much", "little", "nothing", "new")
    await asyncio.sleep(0)
    for _ in tasks:
        desk.end.release()
    assert await _settle(*tasks) == [None] * 6
    assert desk.served == ["first", "nothing", "new", "little", "much", "much"]


async def test_one_asker_has_so_many_places_and_who_took_most_makes_room() -> None:
    use = RecentUse()
    use.add("greedy", 5)
    desk = _Desk(use, places=3, places_each=2)
    tasks = desk.come("served", "greedy", "greedy", "greedy", "other", "new", "served")
    await asyncio.sleep(0)
    for _ in tasks:
        desk.end.release()
    ends = await _settle(*tasks)
    # the third has no place of its own; the others make room for two that were served less
    assert [type(end) for end in ends[1:4]] == [QueueFullError] * 3
    assert desk.served == ["served", "other", "new", "served"]


async def test_who_is_served_no_less_than_those_who_wait_finds_no_place() -> None:
    desk = _Desk(RecentUse(), places=1)
    tasks = desk.come("served", "waiting", "late")
    await asyncio.sleep(0)
    for _ in tasks:
        desk.end.release()
    assert [type(end) for end in await _settle(*tasks)] == [
        type(None),
        type(None),
        QueueFullError,
    ]


async def test_who_goes_away_keeps_nobody_waiting() -> None:
    desk = _Desk(RecentUse())
    served, away, stays = desk.come("served", "away", "stays")
    await asyncio.sleep(0)
    away.cancel()
    await asyncio.sleep(0)
    for _ in range(2):
        desk.end.release()
    await _settle(served, stays)
    assert desk.served == ["served", "stays"]
    # also whose turn had come already
    served, away, stays = desk.come("served", "away", "stays")
    await asyncio.sleep(0)
    desk.end.release()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    away.cancel()
    desk.end.release()
    desk.end.release()
    await _settle(served, away, stays)
    assert desk.served[-1] == "stays"


def test_use_is_halved_every_minute_and_forgotten_where_many_are_known() -> None:
    now = 0.0
    use = RecentUse(lambda: now)
    use.add("somebody", 8)
    now = 120
    assert use.of("somebody") == pytest.approx(2)
    assert use.of("nobody") == 0
    for n in range(9_999):
        use.add(str(n), 0.001)
    now = 121
    use.add("one more", 1)
    assert use.of("5") == 0
    assert use.of("somebody") > 1.9
