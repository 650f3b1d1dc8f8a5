"""A queue before something that serves one after the other: whoever was served least goes first.

So who asks for much waits for itself, and hardly ever makes others wait. What is counted is time of
service, halved every minute.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_HALVED_S = 60.0
_MOST_KNOWN = 10_000
_FORGOTTEN_S = 0.01


class QueueFullError(Exception):
    """There is no place in the queue, or somebody else needed it more."""


class RecentUse:
    """How many seconds everybody was served lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds: dict[str, tuple[float, float]] = {}

    def of(self, who: str) -> float:
        """Seconds of service, those of a minute ago counted half."""
        seconds, at = self._seconds.get(who, (0.0, 0.0))
        return seconds * math.exp2((at - self._clock()) / _HALVED_S)

    def add(self, who: str, seconds: float) -> None:
        """Counts so much service."""
        if len(self._seconds) >= _MOST_KNOWN:
            self._seconds = {
                known: use for known, use in self._seconds.items() if self.of(known) > _FORGOTTEN_S
            }
        self._seconds[who] = self.of(who) + seconds, self._clock()


@dataclass(eq=False, slots=True)
class _Waiting:
    who: str
    turn: asyncio.Future[None] = field(repr=False)


class FairQueue:
    """Gives turns, one at a time; `places` wait at most, of them `places_each` of one asker."""

    def __init__(self, use: RecentUse, places: int, places_each: int) -> None:
        self._use = use
        self._places, self._places_each = places, places_each
        self._waiting: list[_Waiting] = []
        self._serving = False

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Waits for a turn of `who` and holds it; QueueFullError where there is no place to wait,
        or no longer.
        """
        if self._serving:
            await self._wait(who)
        self._serving = True
        began = time.monotonic()
        try:
            yield
        finally:
            self._use.add(who, time.monotonic() - began)
            self._next()

    async def _wait(self, who: str) -> None:
        self._make_place(who)
        waiting = _Waiting(who, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            elif not waiting.turn.cancelled() and waiting.turn.exception() is None:
                # the turn had come already: it is the next one's
                self._next()
            raise

    def _make_place(self, who: str) -> None:
        if sum(waiting.who == who for waiting in self._waiting) >= self._places_each:
            raise QueueFullError
        if len(self._waiting) < self._places:
            return
        used = self._used()
        # of the asker's own the last
        most = max(reversed(self._waiting), key=lambda waiting: used[waiting.who])
        if used[most.who] <= self._use.of(who):
            raise QueueFullError
        self._waiting.remove(most)
        most.turn.set_exception(QueueFullError())

    def _used(self) -> dict[str, float]:
        return {who: self._use.of(who) for who in {waiting.who for waiting in self._waiting}}

    def _next(self) -> None:
        self._serving = bool(self._waiting)
        if self._waiting:
            used = self._used()
            # of those who were served alike, who came first
            least = min(self._waiting, key=lambda waiting: used[waiting.who])
            self._waiting.remove(least)
            least.turn.set_result(None)
