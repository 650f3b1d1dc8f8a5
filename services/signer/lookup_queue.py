"""Look-ups that wait for their answer, and how often somebody may ask.

Every look-up gets the same answer over HTTP, before anything is looked up. So neither its words nor
its time tell whether a person exists. Look-ups stay in memory alone: a process that dies forgets
them, and the person asks again.
"""

import asyncio
from dataclasses import dataclass, field

from services.chassis.limits import GrowingDelays, RateLimits, household
from services.signer import errors
from services.signer.domain.lookup_match import LookupDetails
from services.signer.settings import LookupSettings
from services.signer.store.intents import PersonIndex
from services.signer.store.lookup_codes import CodeIndex

_MOST_WAITING = 1_000


@dataclass(frozen=True, slots=True)
class QueuedLookup:
    """One look-up: the blind indexes under which the person may be found, what must match, and
    where the passport goes.

    `number`: what was typed, for who answers what this service cannot. `code`: the blind index of
    an office's code, where one was sent.
    """

    persons: tuple[PersonIndex, ...]
    details: LookupDetails = field(repr=False)
    email: str = field(repr=False)
    number: str = field(default="", repr=False)
    code: CodeIndex | None = None


class LookupCounter:
    """Lets look-ups in, so many an address and so many a person, and queues them.

    Nobody is shut out by others who ask for the same person. They fill only what their own address
    has, and make the next one wait; whoever has a code from an office does not wait.
    """

    def __init__(self, cfg: LookupSettings) -> None:
        self._limits = RateLimits(
            cfg.counters,
            {
                "address": cfg.per_address,
                "address and person": cfg.per_person,
                "letters to mailbox": cfg.per_mailbox,
                "openings of address": cfg.openings_per_address,
                "code of person": cfg.codes_per_person,
                "code by caller": cfg.codes_per_caller,
            },
            errors.TOO_MANY_LOOKUPS,
        )
        self._delays = GrowingDelays(cfg.counters, cfg.free_per_person, errors.TOO_MANY_LOOKUPS)
        self.waiting: asyncio.Queue[QueuedLookup] = asyncio.Queue(_MOST_WAITING)

    async def admit_address(self, address: str) -> None:
        """Counts one look-up of an address; ServiceError 429 with Retry-After where there were too
        many.
        """
        await self._limits.admit("address", household(address))

    async def admit_opening(self, address: str) -> None:
        """Counts one try of a letter's link by an address; ServiceError 429 as for a look-up."""
        await self._limits.admit("openings of address", household(address))

    async def admit_person(self, address: str, person: int, *, has_code: bool = False) -> None:
        """Counts one look-up of a person by an address; ServiceError 429 as for an address.

        Whether the person exists, or the code is good, makes no difference.
        """
        if not has_code:
            await self._limits.admit("address and person", f"{household(address)}/{person}")
            await self._delays.admit("look-ups of person", str(person))

    async def admit_code(self, caller: str, person: int) -> None:
        """Counts one code given out; ServiceError 429 with Retry-After where there were too
        many.
        """
        await self._limits.require_room("code of person", str(person))
        await self._limits.admit("code by caller", caller)
        await self._limits.admit("code of person", str(person))

    async def may_be_mailed(self, mailbox: int) -> bool:
        """Counts one letter to a mailbox, by its blind index; False where it got too many."""
        return await self._limits.count("letters to mailbox", str(mailbox))

    def keep(self, lookup: QueuedLookup) -> None:
        """Queues a look-up; ServiceError 503 where too many wait."""
        try:
            self.waiting.put_nowait(lookup)
        except asyncio.QueueFull as error:
            raise errors.too_many_lookups_wait() from error
