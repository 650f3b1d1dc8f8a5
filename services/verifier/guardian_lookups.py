"""Tells the number of a child to a clinic that has its guardian before them.

Callers who only guess are counted and stopped.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from contracts.events import Person
from contracts.registry import Person as Registered
from services.chassis.limits import RateLimits
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.guardian_rules import (
    VERIFIED,
    GuardianCase,
    Refusal,
    keys_at,
    refusal,
    singled_out,
)
from services.verifier.domain.overrides import current_bearer
from services.verifier.errors import TOO_MANY_GUARDIAN_LOOKUPS
from services.verifier.registry import Registry
from services.verifier.settings import GuardianSettings


class GivenGuardian(NamedTuple):
    """A guardian as typed, and as their card says where it was scanned."""

    typed: Person
    card: Person | None

    @property
    def person(self) -> Person:
        """The data that is matched: the card goes before what was typed."""
        return self.card or self.typed


class GuardianQuestion(NamedTuple):
    """A child and its guardian, as typed, with the decisions on both."""

    child: Person
    child_decision: MatchDecision
    guardian: GivenGuardian
    guardian_decision: MatchDecision

    def case(self, registered: Registered | None, today: date) -> GuardianCase:
        """The case for the rules. `registered`: who the guardian is by the registry."""
        return GuardianCase(
            self.child,
            self.child_decision.grade,
            *self.guardian,
            self.guardian_decision.grade,
            registered,
            today,
        )


class GuardianAnswer(NamedTuple):
    """The child's number, or why it is not told.

    `guardian`: the number of the guardian by whom the child was searched for, if it was.
    """

    personal_id: str | None
    refusal: Refusal | None
    guardian: str | None


class GuardianLookups:
    """Answers questions for children's numbers, and limits how often each caller may ask.

    A caller is a facility, however many people work there. Questions are limited, and so are those
    that singled nobody out.
    """

    def __init__(
        self, registry: Registry, cfg: GuardianSettings, today: Callable[[], date]
    ) -> None:
        self._registry = registry
        self._today = today
        self._limits = RateLimits(
            cfg.counters,
            {"ask": cfg.per_caller, "miss": cfg.misses_per_caller},
            TOO_MANY_GUARDIAN_LOOKUPS,
        )

    async def admit(self, caller: str, questions: int) -> None:
        """Counts the questions of one request.

        ServiceError 429 with Retry-After where they are too many, or too many singled nobody out.
        """
        await self._limits.require_room("miss", caller)
        await self._limits.admit("ask", caller, questions)

    async def answer(
        self, caller: str, questions: Sequence[GuardianQuestion]
    ) -> list[GuardianAnswer]:
        """One answer a question, in their order.

        TransientError where the registry gave no whole answer.
        """
        guardians = await self._registered_guardians(questions)
        today = self._today()
        refusals = [
            refusal(question.case(guardian, today))
            for question, guardian in zip(questions, guardians, strict=True)
        ]
        communes = [
            "" if refused or guardian is None else guardian.commune_code
            for guardian, refused in zip(guardians, refusals, strict=True)
        ]
        keys = [
            keys_at(commune, question.child)
            for commune, question in zip(communes, questions, strict=True)
        ]
        found_people = (
            await self._registry.search_whole(keys) if any(keys) else [[]] * len(questions)
        )
        answers = []
        for question, guardian, refused, people in zip(
            questions, guardians, refusals, found_people, strict=True
        ):
            answers.append(
                GuardianAnswer(None, refused, None)
                if refused or guardian is None
                else await self._answer(caller, question.child, guardian, people)
            )
        return answers

    async def _registered_guardians(
        self, questions: Sequence[GuardianQuestion]
    ) -> list[Registered | None]:
        """Who the guardians are, where they are verified.

        A decision does not say where somebody lives, so the registry is asked again.
        """
        numbers = [
            (
                question.guardian_decision.person.personal_id
                if question.guardian_decision.grade in VERIFIED
                and question.guardian_decision.person
                else ""
            )
            for question in questions
        ]
        if not any(numbers):
            return [None] * len(numbers)
        holders = await self._registry.lookup({number for number in numbers if number})
        return [current_bearer(number, holders.people) if number else None for number in numbers]

    async def _answer(
        self, caller: str, child: Person, guardian: Registered, people: Sequence[Registered] | None
    ) -> GuardianAnswer:
        person = singled_out(child, guardian.commune_code, people)
        if person is None:
            # Counted before it is answered, one by one: so a request full of guesses gets no more
            # answers than the limit allows.
            counted = await self._limits.count("miss", caller)
            refused = Refusal.CHILD_NOT_SINGLED_OUT if counted else Refusal.TOO_MANY_MISSES
            return GuardianAnswer(None, refused, guardian.personal_id)
        if not await self._limits.has_room("miss", caller):
            return GuardianAnswer(None, Refusal.TOO_MANY_MISSES, guardian.personal_id)
        return GuardianAnswer(person.personal_id, None, guardian.personal_id)
