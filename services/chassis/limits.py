"""How often somebody may ask: moving windows, counted in this process or in a store that several share."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from limits import parse
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string
from starlette.requests import Request

from services.chassis.errors import ServiceError, TransientError


@dataclass(frozen=True, slots=True)
class Refusal:
    """What who asked too often is told."""

    code: str
    vi: str
    en: str


class RateLimits:
    """One limit a kind of asker (an address, a person), in the notation of the `limits` library; `counters`: the address of its store.

    `async+memory://` counts in this process, `async+redis://host:6379` for all that name it; TransientError where that does not answer.
    """

    def __init__(self, counters: str, limits: Mapping[str, str], refusal: Refusal) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(counters, wrap_exceptions=True))
        self._limits = {kind: parse(limit) for kind, limit in limits.items()}
        self._refusal = refusal

    async def admit(self, kind: str, who: str, asks: int = 1) -> None:
        """Counts so many asks at once; ServiceError 429 with Retry-After, and nothing counted, where they are too many."""
        if not await self.count(kind, who, asks):
            raise await self._refused(kind, who)

    async def require_room(self, kind: str, who: str) -> None:
        """Counts nothing; ServiceError 429 with Retry-After where one ask more would be too many."""
        if not await self.has_room(kind, who):
            raise await self._refused(kind, who)

    async def count(self, kind: str, who: str, asks: int = 1) -> bool:
        """Counts so many asks at once; False, and nothing counted, where they are too many."""
        with _transient():
            return await self._limiter.hit(self._limits[kind], kind, who, cost=asks)

    async def has_room(self, kind: str, who: str) -> bool:
        """Whether one ask more would be let in."""
        with _transient():
            return await self._limiter.test(self._limits[kind], kind, who)

    async def _refused(self, kind: str, who: str) -> ServiceError:
        with _transient():
            again = (await self._limiter.get_window_stats(self._limits[kind], kind, who)).reset_time - time.time()
        told = self._refusal
        return ServiceError(429, told.code, told.vi, told.en, headers={"Retry-After": str(max(1, math.ceil(again)))})


@contextmanager
def _transient() -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise TransientError("the store of the rate limits does not answer") from error


def client_address(request: Request, header: str | None) -> str:
    """The client's address: what the nearest proxy wrote, the last entry of the last such `header`, or the connection's.

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
