"""Deciding every dose of a sample as the verifier would, and counting what comes out by type of
error.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from pydantic import TypeAdapter

from contracts.certain_kinds import CertainKind
from contracts.events import MAX_CHUNK, Person
from contracts.registry import Found
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import Truth
from services.verifier.domain.conclude_search import conclude_search
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.fast_path import all_lookup_numbers, match_by_number
from services.verifier.domain.match_person import match_person

HIGH_CONFIDENCE = 0.9
Read = TypeVar("Read", Person, Registered)
_TYPED, _REGISTERED = TypeAdapter(list[Person]), TypeAdapter(list[Registered])
_ORDER = ("accept", "exempt", "repair", "either", "suggest", "people")


@dataclass(slots=True)
class Count:
    """Doses of one error and what became of them; `sure_but_wrong`: first suggestions above
    HIGH_CONFIDENCE of somebody else; `wrong_in_2022`: doses of which one of the four fields is not
    as registered; `certain`: first suggestions that may be confirmed by the page.
    """

    doses: int = 0
    eligible: int = 0
    wrong_person: int = 0
    first_right: int = 0
    suggested: int = 0
    sure_but_wrong: int = 0
    wrong_in_2022: int = 0
    certain: int = 0
    certain_but_wrong: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(slots=True)
class Measured:
    """Counts by (expect, class, error), and the CPU seconds that deciding took, looking up and
    searching not counted.
    """

    counts: dict[tuple[str, str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    kinds: Counter[CertainKind] = field(default_factory=Counter)
    wrong_by_kind: Counter[CertainKind] = field(default_factory=Counter)
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


def settle(person: Person, registry: Registry) -> tuple[MatchDecision, bool]:
    """The final decision, and whether it took a search."""
    known = registry.by_number
    decision = match_person(person, known)
    if not decision.search:
        return decision, False
    return conclude_search(person, decision, registry.search(decision.search, decision.most)), True


def measure(doses: Iterable[tuple[Person, Truth]], registry: Registry) -> Measured:
    """Decides all doses, by chunks as the verifier does."""
    measured = Measured()
    rest = iter(doses)
    while chunk := list(islice(rest, MAX_CHUNK)):
        for (person, truth), decision in zip(
            chunk, _settle_chunk([person for person, _ in chunk], registry, measured), strict=True
        ):
            count = measured.counts[truth.expect, truth.kind, truth.error]
            _note(count, decision, truth)
            _note_certain(measured, count, decision, truth)
            count.wrong_in_2022 += truth.expect != "exempt" and not is_as_registered(
                person, registry.by_number.get(person.personal_id, ())
            )
    return measured


def _settle_chunk(
    typed: Sequence[Person], registry: Registry, measured: Measured
) -> list[MatchDecision]:
    # made anew, because the verifier decides on what it has just read off the wire, not on what
    # lies about in memory
    people = _anew(_TYPED, typed)
    before = time.thread_time()
    asked = all_lookup_numbers(people)
    measured.seconds += time.thread_time() - before
    known = {number: _anew(_REGISTERED, registry.by_number.get(number, ())) for number in asked}
    before = time.thread_time()
    decisions = match_by_number(people, known)
    measured.seconds += time.thread_time() - before
    searched = [
        (at, _searched(decision, registry))
        for at, decision in enumerate(decisions)
        if decision.search
    ]
    before = time.thread_time()
    for at, found in searched:
        decisions[at] = conclude_search(people[at], decisions[at], found)
    measured.seconds += time.thread_time() - before
    measured.decisions += len(people)
    measured.searches += len(searched)
    return decisions


def _searched(decision: MatchDecision, registry: Registry) -> Found:
    found = registry.search(decision.search, decision.most)
    return Found(people=_anew(_REGISTERED, found.people), more=found.more)


def _anew(shape: TypeAdapter[list[Read]], people: Sequence[Read]) -> list[Read]:
    return shape.validate_json(shape.dump_json(list(people))) if people else []


def _note(count: Count, decision: MatchDecision, truth: Truth) -> None:
    count.doses += 1
    if decision.grade in ELIGIBLE_GRADES:
        assert decision.person is not None
        count.eligible += 1
        count.wrong_person += (
            decision.person.personal_id != truth.true_id and truth.expect != "exempt"
        )
    elif decision.suggestions:
        likely = decision.suggestions[0]
        right = likely.person.personal_id == truth.true_id
        count.suggested += 1
        count.first_right += right
        count.sure_but_wrong += not right and likely.confidence > HIGH_CONFIDENCE


def _note_certain(measured: Measured, count: Count, decision: MatchDecision, truth: Truth) -> None:
    first = decision.suggestions[0] if decision.suggestions else None
    if first is None or first.certain is None:
        return
    wrong = first.person.personal_id != truth.true_id
    count.certain += 1
    count.certain_but_wrong += wrong
    measured.kinds[first.certain] += 1
    measured.wrong_by_kind[first.certain] += wrong


def is_as_registered(person: Person, holders: Iterable[Registered]) -> bool:
    """The rule of 2022: whether all four fields are those of a holder of the typed number."""
    return any(
        (person.personal_id, person.full_name, person.date_of_birth, person.sex)
        == (holder.personal_id, holder.full_name, holder.date_of_birth, holder.sex)
        for holder in holders
    )
