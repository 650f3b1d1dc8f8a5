"""How often somebody may ask, and how many different things they may try, counted in this process
or in a store that several share.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from limits import parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter
from limits.errors import StorageError
from starlette.requests import Request

from services.chassis.allowances import Allowance, tell
from services.chassis.counters import open_counters
from services.chassis.errors import ServiceError, TransientError

_ONCE = parse("1 per day")
# other kinds count those who are asked about
_OF_THE_CALLER = frozenset({"address", "ask"})
_DAY_S = 86_400
_FIRST_DELAY_S, _LONGEST_DELAY_S = 60, 3_600


@dataclass(frozen=True, slots=True)
class LimitRefusal:
    """What who asked too often is told."""

    code: str
    vi: str
    en: str


class RateLimits:
    """One limit a kind of asker (an address, a person), in the notation of the `limits` library;
    `counters`: the address of its store.

    `async+memory://` counts in this process, `async+redis://host:6379` for all that name it;
    TransientError where that does not answer.
    """

    def __init__(self, counters: str, limits: Mapping[str, str], refusal: LimitRefusal) -> None:
        self._limiter = MovingWindowRateLimiter(open_counters(counters))
        self._limits = {kind: parse(limit) for kind, limit in limits.items()}
        self._refusal = refusal

    async def admit(self, kind: str, who: str, asks: int = 1) -> None:
        """Counts so many asks at once; ServiceError 429 with Retry-After, and nothing counted,
        where they are too many.
        """
        if not await self.count(kind, who, asks):
            raise await self.refused(kind, who)

    async def require_room(self, kind: str, who: str) -> None:
        """Counts nothing; ServiceError 429 with Retry-After where one ask more would be too
        many.
        """
        if not await self.has_room(kind, who):
            raise await self.refused(kind, who)

    async def count(self, kind: str, who: str, asks: int = 1) -> bool:
        """Counts so many asks at once; False, and nothing counted, where they are too many."""
        limit = self._limits[kind]
        with _transient():
            is_admitted = await self._limiter.hit(limit, kind, who, cost=asks)
            if kind in _OF_THE_CALLER:
                again, left = await self._limiter.get_window_stats(limit, kind, who)
                tell(Allowance(kind, limit.amount, limit.get_expiry(), left, again))
        return is_admitted

    async def use_up(self, kind: str, who: str, asks: int) -> bool:
        """Counts so many asks, or as many as there is room for; False where they are too many."""
        while asks and not await self.count(kind, who, asks):
            with _transient():
                room = (
                    await self._limiter.get_window_stats(self._limits[kind], kind, who)
                ).remaining
            if room <= 0 or await self.count(kind, who, room):
                return False
        return True

    async def has_room(self, kind: str, who: str) -> bool:
        """Whether one ask more would be let in."""
        with _transient():
            return await self._limiter.test(self._limits[kind], kind, who)

    async def refused(self, kind: str, who: str) -> ServiceError:
        """What who asked too often is told: 429 with Retry-After."""
        with _transient():
            again = (await self._limiter.get_window_stats(self._limits[kind], kind, who)).reset_time
        return _told(self._refusal, again)


class AmountLimits:
    """How much somebody may have within a time, a limit for each kind of what there is.

    Settings and store as of `RateLimits`. The windows are fixed, from the first amount on: however
    much it is, no more than one number is kept.
    """

    def __init__(self, counters: str, limits: Mapping[str, str], refusal: LimitRefusal) -> None:
        self._limiter = FixedWindowRateLimiter(open_counters(counters))
        self._limits = {kind: parse(limit) for kind, limit in limits.items()}
        self._refusal = refusal

    async def take(self, kind: str, who: str, amount: int) -> tuple[int, int]:
        """Counts an amount; answers what is left of the limit, and the limit.

        ServiceError 429 with Retry-After where it is too much; nothing is left then.
        """
        limit = self._limits[kind]
        with _transient():
            admitted = await self._limiter.hit(limit, kind, who, cost=amount)
            again, left = await self._limiter.get_window_stats(limit, kind, who)
        tell(Allowance(kind, limit.amount, limit.get_expiry(), left, again))
        if not admitted:
            raise _told(self._refusal, again)
        return left, limit.amount

    async def require_left(self, kind: str, who: str) -> None:
        """Counts nothing; ServiceError 429 with Retry-After where nothing is left."""
        limit = self._limits[kind]
        with _transient():
            if await self._limiter.test(limit, kind, who):
                return
            again, _ = await self._limiter.get_window_stats(limit, kind, who)
        raise _told(self._refusal, again)


class VarietyLimits:
    """How many different things somebody may try on one subject, a limit for each kind of subject;
    what is tried again counts once a day.

    Settings and store as of `RateLimits`. The windows are fixed, from the first try on: of a
    subject no more than one number is kept.
    """

    def __init__(self, counters: str, limits: Mapping[str, str], refusal: LimitRefusal) -> None:
        self._limiter = FixedWindowRateLimiter(open_counters(counters))
        self._limits = {kind: parse(limit) for kind, limit in limits.items()}
        self._refusal = refusal

    async def count(self, who: str, tried: str, subjects: Mapping[str, str]) -> str | None:
        """Counts what is `tried` on all `subjects` (each by its kind); of too many different ones
        the kind of the first such subject.

        What was refused stands as not yet tried, so that it is refused again.
        """
        with _transient():
            if not subjects or not await self._limiter.test(_ONCE, "tried", who, tried):
                return None
            for kind, subject in subjects.items():
                if not await self._limiter.hit(self._limits[kind], kind, who, subject):
                    return kind
            await self._limiter.hit(_ONCE, "tried", who, tried)
        return None

    async def refused(self, who: str, kind: str, subject: str, **members: Any) -> ServiceError:
        """What who tried too many is told: 429 with Retry-After, and `members` for the problem
        document.
        """
        with _transient():
            again = (
                await self._limiter.get_window_stats(self._limits[kind], kind, who, subject)
            ).reset_time
        return _told(self._refusal, again, **members)


class GrowingDelays:
    """Tries on one subject, by whomever: the first are free, and after each further one the next
    must wait longer, up to an hour.

    So nobody is shut out for good by others, and nobody tries fast. `free` in the notation of the
    `limits` library; the delays begin anew a day after the first of them. Store as of `RateLimits`.
    """

    def __init__(self, counters: str, free: str, refusal: LimitRefusal) -> None:
        self._storage: Storage = open_counters(counters)
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._free = parse(free)
        self._refusal = refusal

    async def admit(self, kind: str, subject: str) -> None:
        """Counts one try; ServiceError 429 with Retry-After, and nothing counted, where it comes
        too soon after the one before.
        """
        tries, closed = f"{kind}/tries/{subject}", f"{kind}/closed/{subject}"
        with _transient():
            if await self._limiter.hit(self._free, kind, subject):
                return
            delay = growing_delay(await self._storage.get(tries))
            # whoever counts first closes it for the others: two never get through at once
            if await self._storage.incr(closed, delay) > 1:
                raise _told(self._refusal, await self._storage.get_expiry(closed))
            await self._storage.incr(tries, _DAY_S)


def growing_delay(tries: int) -> int:
    """Seconds from a try to the next one, after so many before it: a minute, doubled each time, at
    most an hour.
    """
    return min(_LONGEST_DELAY_S, _FIRST_DELAY_S << min(tries, 10))


def _told(refusal: LimitRefusal, again: float, **members: Any) -> ServiceError:
    wait = {"Retry-After": str(max(1, math.ceil(again - time.time())))}
    return ServiceError(429, refusal.code, refusal.vi, refusal.en, headers=wait, **members)


@contextmanager
def _transient() -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise TransientError("the store of the rate limits does not answer") from error


def client_address(request: Request, header: str | None) -> str:
    """The client's address: what the nearest proxy wrote, the last entry of the last such `header`,
    or the connection's.

    Whatever stands before that entry the client may have made up.
    """
    told = ",".join(request.headers.getlist(header)).rpartition(",")[2].strip() if header else ""
    return told or (request.client.host if request.client else "")


def household(address: str) -> str:
    """Whom an address stands for: a household has a whole /64 of IPv6 addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else str(parsed)
