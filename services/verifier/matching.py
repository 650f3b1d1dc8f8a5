"""Matching many people with the registry, in as few calls as may be."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from contracts.events import Person
from services.verifier.domain.conclude_search import conclude_search
from services.verifier.domain.decision import MatchDecision, review_of_unreadable
from services.verifier.domain.fast_path import all_lookup_numbers, match_by_number
from services.verifier.domain.match_person import lookup_numbers
from services.verifier.domain.overrides import Override, apply_override
from services.verifier.registry import NumberHolders, Registry

_NOBODY: Mapping[int, Override] = MappingProxyType({})


class MatchedPeople(NamedTuple):
    """One decision a person, in their order, the time of the registry's answer, and the answer."""

    decisions: list[MatchDecision]
    registry_time: datetime
    holders: NumberHolders


async def match_people(
    registry: Registry, people: Sequence[Person], overrides: Mapping[int, Override] = _NOBODY
) -> MatchedPeople:
    """The final decision on everybody.

    `overrides`: what officers decided, by the place in `people`. TransientError where the registry
    gave no whole answer: then nothing is decided on anybody.
    """
    numbers = all_lookup_numbers(people)
    holders = await registry.lookup(
        numbers.union(*(override.numbers for override in overrides.values()))
        if overrides
        else numbers
    )
    decisions = match_by_number(people, holders.people)
    # the number alone did not settle these: who else could be meant?
    searches = [at for at, decision in enumerate(decisions) if decision.search]
    if searches:
        await _search_others(registry, people, decisions, searches)
    if holders.unreadable:
        for at, person in enumerate(people):
            if not holders.unreadable.isdisjoint(lookup_numbers(person)):
                decisions[at] = review_of_unreadable(decisions[at])
    for at, override in overrides.items():
        decisions[at] = apply_override(people[at], decisions[at], override, holders.people)
    return MatchedPeople(decisions, holders.as_of, holders)


async def _search_others(
    registry: Registry,
    people: Sequence[Person],
    decisions: list[MatchDecision],
    places: Sequence[int],
) -> None:
    """Searches the registry for these people, and concludes their decisions in their place."""
    by_limit: defaultdict[int, list[int]] = defaultdict(list)
    for at in places:
        by_limit[decisions[at].most].append(at)
    answers = await asyncio.gather(
        *(
            registry.search([decisions[at].search for at in group], most)
            for most, group in by_limit.items()
        )
    )
    for group, results in zip(by_limit.values(), answers, strict=True):
        for at, result in zip(group, results, strict=True):
            decisions[at] = conclude_search(people[at], decisions[at], result)
