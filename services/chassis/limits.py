"""How often somebody may ask without a token: moving windows, counted in this process or in a store that several share."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from limits import parse
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from services.chassis.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Refusal:
    """What who asked too often is told."""

    code: str
    vi: str
    en: str


class RateLimits:
    """One limit a kind of asker (an address, a person), in the notation of the `limits` library; `counters`: the address of its store."""

    def __init__(self, counters: str, limits: Mapping[str, str], refusal: Refusal) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(counters))
        self._limits = {kind: parse(limit) for kind, limit in limits.items()}
        self._refusal = refusal

    async def counts(self, kind: str, who: str) -> bool:
        """Counts one ask; whether it was within the limit."""
        return await self._limiter.hit(self._limits[kind], kind, who)

    async def admit(self, kind: str, who: str) -> None:
        """Counts one ask; ServiceError 429 with Retry-After where there were too many."""
        if await self.counts(kind, who):
            return
        limit = self._limits[kind]
        again = (await self._limiter.get_window_stats(limit, kind, who)).reset_time - time.time()
        told = self._refusal
        raise ServiceError(429, told.code, told.vi, told.en, headers={"Retry-After": str(max(1, math.ceil(again)))})


def household(address: str) -> str:
    """Whom an address stands for: a household has a whole /64 of IPv6 addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else str(parsed)
