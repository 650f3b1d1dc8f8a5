"""Who only guesses numbers: a check tells whether a number is somebody's, so nobody may try many on
one person.

A clinic types one number a person, and another one or two where that was wrong. Who does not know
the number tries many, with the name and birth date that they know; how a name differs is told too,
so what they know of the two is counted alone as well. The store of the counters holds blind indexes
only.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from contracts.events import Person
from contracts.keys import births
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.encryption import Sealer
from services.chassis.limits import RateLimits, VarietyLimits
from services.chassis.limits import Refusal as TooMany
from services.verifier.domain.fast_path import numbers_of
from services.verifier.domain.name_forms import heard
from services.verifier.settings import CheckSettings

_TOO_MANY_NUMBERS = TooMany(
    "TOO_MANY_NUMBERS",
    "Đã thử quá nhiều số khác nhau cho cùng một người, một họ tên hoặc một ngày sinh; hãy xem lại"
    " thẻ, bỏ người này ra rồi gửi lại.",
    "Too many different numbers were tried with one person, name or birth date; look at the card"
    " again, and send the others without them.",
)
_TOO_MANY_MISSES = TooMany(
    "TOO_MANY_MISSES",
    "Hôm nay đã kiểm tra quá nhiều số định danh không đúng; hãy thử lại sau.",
    "Too many people were checked today whose number was not right; try again later.",
)
_AT_ONCE = 32  # connections to the store of the counters


class _Try(NamedTuple):
    """What is tried with a number, as blind indexes: the whole, and by kind on whom."""

    whole: str
    subjects: dict[str, str]


class GuessLimits:
    """Counts of one caller the numbers tried on one person, and the people who would not pass."""

    def __init__(self, cfg: CheckSettings, sealer: Sealer) -> None:
        self._sealer = sealer
        limits = {
            "person": cfg.numbers_per_person,
            "name": cfg.numbers_per_name,
            "birth": cfg.numbers_per_birth,
        }
        self._numbers = VarietyLimits(cfg.counters, limits, _TOO_MANY_NUMBERS)
        self._misses = RateLimits(
            cfg.counters, {"checked": cfg.misses_per_caller}, _TOO_MANY_MISSES
        )

    async def admit(self, caller: str, people: Sequence[Person], places: Sequence[str]) -> None:
        """Counts the numbers of a request before anybody is looked up; ServiceError 429 with
        Retry-After where there are too many.

        `places`: where each stands in the request, by which it is told whose numbers are too many.
        """
        tries: dict[str, tuple[str, _Try]] = {}
        for place, person in zip(places, people, strict=True):
            if number := _number(person):
                one = self._try(person, number)
                # once each: of those that are counted at the same time none sees that another was
                # tried
                tries.setdefault(one.whole, (place, one))
        if not tries:
            return
        counting = list(tries.values())
        await self._misses.require_room("checked", caller)
        for start in range(0, len(counting), _AT_ONCE):
            some = counting[start : start + _AT_ONCE]
            counted = await asyncio.gather(
                *(self._numbers.count(caller, one.whole, one.subjects) for _, one in some)
            )
            for (place, one), kind in zip(some, counted, strict=True):
                if kind:
                    errors = [{"field": f"{place}.personal_id", "code": _TOO_MANY_NUMBERS.code}]
                    raise await self._numbers.refused(
                        caller, kind, one.subjects[kind], errors=errors
                    )

    async def judged(self, caller: str, people: Iterable[Person], grades: Iterable[Grade]) -> None:
        """Counts who would not pass, before it is told; ServiceError 429 with Retry-After where
        they are too many.
        """
        misses = sum(
            1
            for person, grade in zip(people, grades, strict=True)
            if grade not in ELIGIBLE_GRADES and _number(person)
        )
        # what is left is used up: else who sends more than that learns, for nothing, that none of
        # them passes
        if not await self._misses.use_up("checked", caller, misses):
            raise await self._misses.refused("checked", caller)

    def _try(self, person: Person, number: str) -> _Try:
        name = heard(person.full_name)[1].letters
        read = person.date_precision not in ("missing", "impossible")
        # day and month in one order, as a check takes them swapped
        birth = births(person.date_of_birth)[0] if read else ""
        # a year alone, which clinics type as 1 January too, is many people's, and the number tells
        # it anyway
        day = birth if person.date_precision == "day" and not birth.endswith("|01-01") else ""
        subjects = {
            "person": f"{name}\x1f{birth}" if name and birth else "",
            "name": name,
            "birth": day,
        }
        blind = {kind: self._blind(kind, subject) for kind, subject in subjects.items() if subject}
        return _Try(self._blind("tried", f"{name}\x1f{birth}\x1f{number}"), blind)

    def _blind(self, kind: str, subject: str) -> str:
        return str(self._sealer.blind(f"guess\x1f{kind}\x1f{subject}"))


def _number(person: Person) -> str:
    """What is looked up of a person; empty where nothing is."""
    return " ".join(sorted(numbers_of([person])))
