"""Deciding every dose of a sample as the verifier would, and counting what comes out by type of
error.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from pydantic import TypeAdapter

from contracts.events import MAX_CHUNK, Person
from contracts.registry import Found
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import Truth
from services.verifier.domain.fast_path import decide_all, numbers_of
from services.verifier.domain.match_person import Verdict, conclude, decide

HIGH_CONFIDENCE = 0.9
Read = TypeVar("Read", Person, Registered)
_TYPED, _REGISTERED = TypeAdapter(list[Person]), TypeAdapter(list[Registered])
_ORDER = ("accept", "exempt", "repair", "either", "suggest", "people")


@dataclass(slots=True)
class Count:
    """Doses of one error and what became of them; `sure_but_wrong`: first suggestions above
    HIGH_CONFIDENCE of somebody else.
    """

    doses: int = 0
    eligible: int = 0
    wrong_person: int = 0
    first_right: int = 0
    suggested: int = 0
    sure_but_wrong: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(slots=True)
class Measured:
    """Counts by (expect, class, error), and the CPU seconds that deciding took, looking up and
    searching not counted.
    """

    counts: dict[tuple[str, str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    seconds: float = 0.0
    decisions: int = 0
    searches: int = 0

    def total(self, *expected: str) -> Count:
        """All doses of which this is expected."""
        return sum(
            (
                count
                for (expect, _, _), count in self.counts.items()
                if not expected or expect in expected
            ),
            Count(),
        )

    def ordered(self) -> list[tuple[tuple[str, str, str], Count]]:
        """Row by row as it is printed."""
        return sorted(self.counts.items(), key=lambda row: (_ORDER.index(row[0][0]), row[0]))


def settle(person: Person, registry: Registry) -> tuple[Verdict, bool]:
    """The final verdict, and whether it took a search."""
    known = registry.by_number
    verdict = decide(person, known)
    if not verdict.search:
        return verdict, False
    return conclude(person, verdict, registry.search(verdict.search, verdict.most)), True


def measure(doses: Iterable[tuple[Person, Truth]], registry: Registry) -> Measured:
    """Decides all doses, by chunks as the verifier does."""
    measured = Measured()
    rest = iter(doses)
    while chunk := list(islice(rest, MAX_CHUNK)):
        for (_, truth), verdict in zip(
            chunk, _settle_chunk([person for person, _ in chunk], registry, measured), strict=True
        ):
            _note(measured.counts[truth.expect, truth.kind, truth.error], verdict, truth)
    return measured


def _settle_chunk(typed: Sequence[Person], registry: Registry, measured: Measured) -> list[Verdict]:
    # made anew, because the verifier decides on what it has just read off the wire, not on what
    # lies about in memory
    people = _anew(_TYPED, typed)
    before = time.thread_time()
    asked = numbers_of(people)
    measured.seconds += time.thread_time() - before
    known = {number: _anew(_REGISTERED, registry.by_number.get(number, ())) for number in asked}
    before = time.thread_time()
    verdicts = decide_all(people, known)
    measured.seconds += time.thread_time() - before
    searched = [
        (at, _searched(verdict, registry)) for at, verdict in enumerate(verdicts) if verdict.search
    ]
    before = time.thread_time()
    for at, found in searched:
        verdicts[at] = conclude(people[at], verdicts[at], found)
    measured.seconds += time.thread_time() - before
    measured.decisions += len(people)
    measured.searches += len(searched)
    return verdicts


def _searched(verdict: Verdict, registry: Registry) -> Found:
    found = registry.search(verdict.search, verdict.most)
    return Found(people=_anew(_REGISTERED, found.people), more=found.more)


def _anew(shape: TypeAdapter[list[Read]], people: Sequence[Read]) -> list[Read]:
    return shape.validate_json(shape.dump_json(list(people))) if people else []


def _note(count: Count, verdict: Verdict, truth: Truth) -> None:
    count.doses += 1
    if verdict.grade in ELIGIBLE_GRADES:
        assert verdict.person is not None
        count.eligible += 1
        count.wrong_person += (
            verdict.person.personal_id != truth.true_id and truth.expect != "exempt"
        )
    elif verdict.suggestions:
        likely = verdict.suggestions[0]
        right = likely.person.personal_id == truth.true_id
        count.suggested += 1
        count.first_right += right
        count.sure_but_wrong += not right and likely.confidence > HIGH_CONFIDENCE
