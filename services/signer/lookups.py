"""The look-up without a telephone, before its answer: how often somebody may ask, and what is kept until it is worked off.

Whatever was asked, the answer is the same, and it is given before anything is looked up: neither its words nor its time tell whether a
person exists. What was asked stays in memory alone; a process that dies forgets it, and the person asks again.
"""

import asyncio
import math
import time
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, parse
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from services.chassis.errors import ServiceError
from services.signer.domain.identity import Asked
from services.signer.settings import LookupSettings

_MOST_WAITING = 1_000


@dataclass(frozen=True, slots=True)
class Lookup:
    """One ask: under which blind indexes the person may be found, what must match, and where the passport goes."""

    persons: tuple[int, ...]
    asked: Asked = field(repr=False)
    email: str = field(repr=False)


class LookupCounter:
    """Lets asks in, so many an address and so many a person, and holds them until somebody works them off."""

    def __init__(self, cfg: LookupSettings) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(cfg.counters))
        self._limits = {"address": parse(cfg.per_address), "person": parse(cfg.per_person)}
        self.waiting: asyncio.Queue[Lookup] = asyncio.Queue(_MOST_WAITING)

    async def admit(self, address: str, person: int) -> None:
        """Counts one ask; ServiceError 429 with Retry-After where there were too many. Whether the person exists makes no difference."""
        for kind, who in (("address", _network(address)), ("person", str(person))):
            limit = self._limits[kind]
            if not await self._limiter.hit(limit, kind, who):
                raise await self._too_many(limit, kind, who)

    def keep(self, lookup: Lookup) -> None:
        """Keeps an ask for later; ServiceError 503 where too many wait."""
        try:
            self.waiting.put_nowait(lookup)
        except asyncio.QueueFull as error:
            raise ServiceError(
                503, "TRY_AGAIN", "Hệ thống đang bận, hãy thử lại sau.", "Too many requests are waiting; try again later.",
                headers={"Retry-After": "60"},
            ) from error  # fmt: skip

    async def _too_many(self, limit: RateLimitItem, kind: str, who: str) -> ServiceError:
        again = (await self._limiter.get_window_stats(limit, kind, who)).reset_time - time.time()
        return ServiceError(
            429, "TOO_MANY_LOOKUPS", "Bạn đã tra cứu quá nhiều lần, hãy thử lại sau.", "Too many look-ups; try again later.",
            headers={"Retry-After": str(max(1, math.ceil(again)))},
        )  # fmt: skip


def _network(address: str) -> str:
    """Whom an address stands for: a household has a whole /64 of IPv6 addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else str(parsed)
