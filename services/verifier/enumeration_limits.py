"""Limits against the enumeration of personal numbers.

A check tells whether a number is somebody's, so nobody may try many on one person. A clinic types
one number a person, and another one or two where that was wrong. Who does not know the number tries
many, with the name and birth date that they know. How a name differs is told too, so each of the
two is also counted alone. The store of the counters holds blind indexes only.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from contracts.events import Person
from contracts.identity.name_forms import heard
from contracts.keys import births
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.encryption import Sealer
from services.chassis.limits import RateLimits, VarietyLimits
from services.verifier.domain.fast_path import all_lookup_numbers
from services.verifier.errors import TOO_MANY_MISSES, TOO_MANY_NUMBERS
from services.verifier.settings import CheckSettings

_AT_ONCE = 32  # connections to the store of the counters


class _NumberAttempt(NamedTuple):
    """One number tried on one person, as blind indexes.

    `whole`: of all of it. `subjects`: by kind, of whom it is tried on.
    """

    whole: str
    subjects: dict[str, str]


class EnumerationLimits:
    """Counts the numbers that one caller tried on one person, and the people who did not pass."""

    def __init__(self, cfg: CheckSettings, sealer: Sealer) -> None:
        self._sealer = sealer
        limits = {
            "person": cfg.numbers_per_person,
            "name": cfg.numbers_per_name,
            "birth": cfg.numbers_per_birth,
        }
        self._numbers = VarietyLimits(cfg.counters, limits, TOO_MANY_NUMBERS)
        self._misses = RateLimits(cfg.counters, {"checked": cfg.misses_per_caller}, TOO_MANY_MISSES)

    async def admit(self, caller: str, people: Sequence[Person], places: Sequence[str]) -> None:
        """Counts the numbers of a request before anybody is looked up.

        `places`: where each person stands in the request; the error names it. ServiceError 429 with
        Retry-After where the numbers are too many.
        """
        attempts: dict[str, tuple[str, _NumberAttempt]] = {}
        for place, person in zip(places, people, strict=True):
            if number := _number(person):
                attempt = self._attempt(person, number)
                # once each: of those that are counted at the same time none sees the others
                attempts.setdefault(attempt.whole, (place, attempt))
        if not attempts:
            return
        to_count = list(attempts.values())
        await self._misses.require_room("checked", caller)
        for start in range(0, len(to_count), _AT_ONCE):
            group = to_count[start : start + _AT_ONCE]
            counted = await asyncio.gather(
                *(
                    self._numbers.count(caller, attempt.whole, attempt.subjects)
                    for _, attempt in group
                )
            )
            for (place, attempt), kind in zip(group, counted, strict=True):
                if kind:
                    errors = [{"field": f"{place}.personal_id", "code": TOO_MANY_NUMBERS.code}]
                    raise await self._numbers.refused(
                        caller, kind, attempt.subjects[kind], errors=errors
                    )

    async def count_misses(
        self, caller: str, people: Iterable[Person], grades: Iterable[Grade]
    ) -> None:
        """Counts the people who would not pass, before the caller learns it.

        ServiceError 429 with Retry-After where they are too many.
        """
        misses = sum(
            1
            for person, grade in zip(people, grades, strict=True)
            if grade not in ELIGIBLE_GRADES and _number(person)
        )
        # What is left is used up. Otherwise, who sends more than that learns for nothing that none
        # of them passes.
        if not await self._misses.use_up("checked", caller, misses):
            raise await self._misses.refused("checked", caller)

    def _attempt(self, person: Person, number: str) -> _NumberAttempt:
        name = heard(person.full_name)[1].letters
        readable = person.date_precision not in ("missing", "impossible")
        # day and month in one order, as a check takes them swapped
        birth = births(person.date_of_birth)[0] if readable else ""
        # a year alone, which clinics type as 1 January too, is many people's, and the number tells
        # it anyway
        day = birth if person.date_precision == "day" and not birth.endswith("|01-01") else ""
        subjects = {
            "person": f"{name}\x1f{birth}" if name and birth else "",
            "name": name,
            "birth": day,
        }
        blind = {kind: self._blind(kind, subject) for kind, subject in subjects.items() if subject}
        return _NumberAttempt(self._blind("tried", f"{name}\x1f{birth}\x1f{number}"), blind)

    def _blind(self, kind: str, subject: str) -> str:
        return str(self._sealer.blind(f"guess\x1f{kind}\x1f{subject}"))


def _number(person: Person) -> str:
    """What is looked up of a person; empty where nothing is."""
    return " ".join(sorted(all_lookup_numbers([person])))
