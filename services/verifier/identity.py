"""The identity desk: asks the registry about many people at once, in as few calls as may be, and decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from contracts.events import Person
from services.verifier.cases_settled import Settled, settle
from services.verifier.domain.chunk import decide_all, numbers_of
from services.verifier.domain.decide import Verdict, conclude
from services.verifier.registry import Registry


class Judged(NamedTuple):
    """One verdict a person, in their order, and the time of the registry's answer."""

    verdicts: list[Verdict]
    registry_time: datetime


_NOTHING: Mapping[int, Settled] = MappingProxyType({})


async def judge(registry: Registry, people: Sequence[Person], settled: Mapping[int, Settled] = _NOTHING) -> Judged:
    """Decides on everyone; TransientError where the registry gave no whole answer: then nobody is decided on.

    `settled`: what people decided, by the place in `people`.
    """
    asked = numbers_of(people)
    known = await registry.lookup(asked.union(one.confirmed for one in settled.values() if one.confirmed))
    verdicts = decide_all(people, known.people)
    # the number alone did not settle these: who else could be meant?
    open_ = [at for at, verdict in enumerate(verdicts) if verdict.search]
    if open_:
        found = await registry.search([verdicts[at].search for at in open_])
        for at, others in zip(open_, found, strict=True):
            verdicts[at] = conclude(people[at], verdicts[at], others)
    for at, decided in settled.items():
        verdicts[at] = settle(people[at], verdicts[at], decided, known.people)
    return Judged(verdicts, known.as_of)
