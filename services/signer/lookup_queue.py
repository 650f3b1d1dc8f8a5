"""Look-ups that wait for their answer, and how often somebody may ask.

Every look-up gets the same answer over HTTP, before anything is looked up. So neither its words nor
its time tell whether a person exists. Look-ups stay in memory alone: a process that dies forgets
them, and the person asks again.
"""

import asyncio
from dataclasses import dataclass, field

from services.chassis.limits import RateLimits, household
from services.signer import errors
from services.signer.domain.lookup_match import LookupDetails
from services.signer.settings import LookupSettings
from services.signer.store.intents import PersonIndex

_MOST_WAITING = 1_000


@dataclass(frozen=True, slots=True)
class QueuedLookup:
    """One look-up: the blind indexes under which the person may be found, what must match, and
    where the passport goes.
    """

    persons: tuple[PersonIndex, ...]
    details: LookupDetails = field(repr=False)
    email: str = field(repr=False)


class LookupCounter:
    """Lets look-ups in, so many an address and so many a person, and queues them."""

    def __init__(self, cfg: LookupSettings) -> None:
        self._limits = RateLimits(
            cfg.counters,
            {"address": cfg.per_address, "person": cfg.per_person},
            errors.TOO_MANY_LOOKUPS,
        )
        self.waiting: asyncio.Queue[QueuedLookup] = asyncio.Queue(_MOST_WAITING)

    async def admit_address(self, address: str) -> None:
        """Counts one look-up of an address; ServiceError 429 with Retry-After where there were too
        many.
        """
        await self._limits.admit("address", household(address))

    async def admit_person(self, person: int) -> None:
        """Counts one look-up of a person; ServiceError 429 as for an address.

        Whether the person exists makes no difference.
        """
        await self._limits.admit("person", str(person))

    def keep(self, lookup: QueuedLookup) -> None:
        """Queues a look-up; ServiceError 503 where too many wait."""
        try:
            self.waiting.put_nowait(lookup)
        except asyncio.QueueFull as error:
            raise errors.too_many_lookups_wait() from error
