"""The identity desk: asks the registry about many people at once, in as few calls as may be, and decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.events import Person
from services.verifier.domain.decide import Verdict, decide, numbers
from services.verifier.registry import Registry


class Judged(NamedTuple):
    """One verdict a person, in their order, and the time of the registry's answer."""

    verdicts: list[Verdict]
    registry_time: datetime


async def judge(registry: Registry, people: Sequence[Person]) -> Judged:
    """Decides on everyone; TransientError where the registry gave no whole answer: then nobody is decided on."""
    asked = [numbers(person) for person in people]
    known = await registry.lookup({number for one in asked for number in one})
    verdicts = [decide(person, known.people) for person in people]
    # the number alone did not settle these: who else could be meant?
    open_ = [at for at, verdict in enumerate(verdicts) if verdict.search]
    if open_:
        found = await registry.search([verdicts[at].search for at in open_])
        for at, others in zip(open_, found, strict=True):
            verdicts[at] = decide(people[at], known.people, others)
    return Judged(verdicts, known.as_of)
