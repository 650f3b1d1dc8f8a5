"""The guardians' desk: tells the number of a child to who has its guardian before them, and keeps
count of those who only guess.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from contracts.events import Person
from contracts.registry import Person as Registered
from services.chassis.limits import RateLimits
from services.chassis.limits import Refusal as TooMany
from services.verifier.domain.guardian_rules import (
    VERIFIED,
    Case,
    Refusal,
    keys_at,
    refusal,
    singled_out,
)
from services.verifier.domain.match_person import Verdict
from services.verifier.domain.overrides import bearer
from services.verifier.registry import Registry
from services.verifier.settings import GuardianSettings

_TOO_MANY = TooMany(
    "TOO_MANY_GUARDIAN_LOOKUPS",
    "Cơ sở đã tra số của trẻ theo người giám hộ quá nhiều lần; hãy thử lại sau, hoặc hỏi công"
    " an xã.",
    "Too many look-ups of children by their guardians; try again later, or ask the commune police.",
)


class Given(NamedTuple):
    """A guardian as typed, and as their card says, where it was scanned."""

    typed: Person
    card: Person | None

    @property
    def person(self) -> Person:
        """Who is verified."""
        return self.card or self.typed


class Ask(NamedTuple):
    """A child and its guardian, as given and as judged."""

    child: Person
    child_verdict: Verdict
    guardian: Given
    verdict: Verdict

    def case(self, registered: Registered | None, today: date) -> Case:
        """For the rules, with who the guardian is by the registry."""
        return Case(
            self.child,
            self.child_verdict.grade,
            *self.guardian,
            self.verdict.grade,
            registered,
            today,
        )


class Told(NamedTuple):
    """The child's number, or why it is not told; `guardian`: the number of the guardian by whom the
    child was searched for, if it was.
    """

    personal_id: str | None
    refusal: Refusal | None
    guardian: str | None


class GuardianDesk:
    """One caller (a facility, however many people work there) may ask so often, and so often for
    nobody.
    """

    def __init__(
        self, registry: Registry, cfg: GuardianSettings, today: Callable[[], date]
    ) -> None:
        self._registry = registry
        self._today = today
        self._limits = RateLimits(
            cfg.counters, {"ask": cfg.per_caller, "miss": cfg.misses_per_caller}, _TOO_MANY
        )

    async def admit(self, caller: str, asks: int) -> None:
        """Counts the asks of one request; ServiceError 429 with Retry-After where there were too
        many, or too many misses.
        """
        await self._limits.require_room("miss", caller)
        await self._limits.admit("ask", caller, asks)

    async def answer(self, caller: str, asks: Sequence[Ask]) -> list[Told]:
        """One answer an ask, in their order; TransientError where the registry gave no whole
        answer.
        """
        guardians = await self._registered(asks)
        today = self._today()
        refused = [
            refusal(ask.case(guardian, today))
            for ask, guardian in zip(asks, guardians, strict=True)
        ]
        communes = [
            "" if why or guardian is None else guardian.commune_code
            for guardian, why in zip(guardians, refused, strict=True)
        ]
        keys = [keys_at(commune, ask.child) for commune, ask in zip(communes, asks, strict=True)]
        found = await self._registry.search_whole(keys) if any(keys) else [[]] * len(asks)
        told = []
        for ask, guardian, why, people in zip(asks, guardians, refused, found, strict=True):
            told.append(
                Told(None, why, None)
                if why or guardian is None
                else await self._told(caller, ask.child, guardian, people)
            )
        return told

    async def _registered(self, asks: Sequence[Ask]) -> list[Registered | None]:
        """Who the guardians are, where they are verified: a verdict does not say where somebody
        lives.
        """
        numbers = [
            (
                ask.verdict.person.personal_id
                if ask.verdict.grade in VERIFIED and ask.verdict.person
                else ""
            )
            for ask in asks
        ]
        known = (
            await self._registry.lookup({number for number in numbers if number})
            if any(numbers)
            else None
        )
        return [bearer(number, known.people) if known and number else None for number in numbers]

    async def _told(
        self, caller: str, child: Person, guardian: Registered, found: Sequence[Registered] | None
    ) -> Told:
        person = singled_out(child, guardian.commune_code, found)
        if person is None:
            # counted before it is told, one by one: of a request full of guesses no more are
            # answered than the limit lets
            counted = await self._limits.count("miss", caller)
            why = Refusal.CHILD_NOT_SINGLED_OUT if counted else Refusal.TOO_MANY_MISSES
            return Told(None, why, guardian.personal_id)
        if not await self._limits.has_room("miss", caller):
            return Told(None, Refusal.TOO_MANY_MISSES, guardian.personal_id)
        return Told(person.personal_id, None, guardian.personal_id)
