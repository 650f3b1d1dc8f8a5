"""The identity desk: asks the registry about many people at once, in as few calls as may be, and
decides.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from contracts.events import Person
from services.verifier.domain.fast_path import decide_all, numbers_of
from services.verifier.domain.match_person import Verdict, conclude, numbers
from services.verifier.domain.overrides import Settled, settle
from services.verifier.domain.unreadable import left_to_people
from services.verifier.registry import Known, Registry


class Judged(NamedTuple):
    """One verdict a person, in their order, the time of the registry's answer, and what it knew."""

    verdicts: list[Verdict]
    registry_time: datetime
    known: Known


_NOTHING: Mapping[int, Settled] = MappingProxyType({})


async def judge(
    registry: Registry, people: Sequence[Person], settled: Mapping[int, Settled] = _NOTHING
) -> Judged:
    """Decides on everyone; TransientError where the registry gave no whole answer: then nobody is
    decided on.

    `settled`: what people decided, by the place in `people`.
    """
    asked = numbers_of(people)
    known = await registry.lookup(asked.union(*(one.numbers for one in settled.values())))
    verdicts = decide_all(people, known.people)
    # the number alone did not settle these: who else could be meant?
    searches: defaultdict[int, list[int]] = defaultdict(list)
    for at, verdict in enumerate(verdicts):
        if verdict.search:
            searches[verdict.most].append(at)
    found = await asyncio.gather(
        *(
            registry.search([verdicts[at].search for at in some], most)
            for most, some in searches.items()
        )
    )
    for some, answers in zip(searches.values(), found, strict=True):
        for at, others in zip(some, answers, strict=True):
            verdicts[at] = conclude(people[at], verdicts[at], others)
    if known.unreadable:
        for at, person in enumerate(people):
            if not known.unreadable.isdisjoint(numbers(person)):
                verdicts[at] = left_to_people(verdicts[at])
    for at, decided in settled.items():
        verdicts[at] = settle(people[at], verdicts[at], decided, known.people)
    return Judged(verdicts, known.as_of, known)
