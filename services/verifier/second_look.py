"""Looks a second time at doses that their senders doubt, and at corrected ones: would a certified
dose become another person's?

The machine's verdict and what people decided are known by then; `domain/holds.py` has the table by
which it is held.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.events import Person, RecordedDose
from contracts.registry import Person as Registered
from contracts.words import Doubt
from services.chassis.db import Transaction
from services.verifier.context import Context
from services.verifier.domain.candidate_ranking import Suggestion
from services.verifier.domain.hold_policy import Facts, Held, hold, is_eligible
from services.verifier.domain.id_column import read_number
from services.verifier.domain.match_person import Verdict, numbers
from services.verifier.domain.overrides import NOTHING, Settled, confirms
from services.verifier.domain.scoring import weigh
from services.verifier.matching import Judged
from services.verifier.overrides_in_force import Decided
from services.verifier.prior_certification import (
    Certified,
    certified_before,
    holder_of,
    is_same_person,
    is_typed_alike,
    what_stands,
)
from vietnamese.encodings import decoded

_OTHER_DOUBT = "OTHER"
_DOUBTS = frozenset(Doubt)


@dataclass(slots=True)
class HeldDose(Held):
    """A dose that was looked at twice; `rests_on`: the confirmation without which it would not be
    eligible, or not as this person.
    """

    rests_on: int | None = None


@dataclass(slots=True)
class Looked:
    """The doses that were looked at twice, by place; and of each the version that was let through
    last before, and whether it stands.
    """

    held: dict[int, HeldDose] = field(default_factory=dict)
    newest: dict[int, tuple[int, bool]] = field(default_factory=dict)


async def look_again(
    context: Context,
    tx: Transaction,
    doses: Sequence[RecordedDose],
    judged: Judged,
    decided: Decided,
) -> Looked:
    """Holds what must be held, in place of its verdict in `judged`; of first versions that nobody
    doubts nothing is asked.
    """
    looked = Looked()
    odd = [at for at, dose in enumerate(doses) if dose.version > 1 or dose.doubts]
    if not odd:
        return looked
    older = await _certified(tx, doses, odd)
    corrected = {doses[at].dose_id for at in odd if doses[at].version > 1}
    versions: defaultdict[int, list[int]] = defaultdict(list)
    for at, dose in enumerate(doses):
        if dose.dose_id in corrected:
            versions[dose.dose_id].append(at)
    # versions of one dose that came together, the older first: the newer are compared with what
    # became of it
    together = [at for places in versions.values() if len(places) > 1 for at in places]
    for at in sorted({*odd, *together}, key=lambda at: doses[at].version):
        dose, newest = doses[at], older.get(at)
        if newest is not None:
            looked.newest[at] = newest.version, newest.standing
        if dose.version > 1 or dose.doubts:
            held = await _look(
                context,
                tx,
                dose,
                judged,
                judged.verdicts[at],
                decided.settled.get(at, NOTHING),
                decided,
                newest,
            )
            looked.held[at], judged.verdicts[at] = held, held.verdict
        later = [
            other for other in versions.get(dose.dose_id, ()) if doses[other].version > dose.version
        ]
        if later and is_eligible(judged.verdicts[at]):
            rests_on = looked.held[at].rests_on if at in looked.held else None
            let_through = Certified.of_verdict(context.sealer, dose, judged.verdicts[at], rests_on)
            for other in later:
                if other not in older or older[other].version < dose.version:
                    older[other] = let_through
    for doubt in (doubt for held in looked.held.values() for doubt in held.doubts):
        context.metrics.count("held", doubt if doubt in _DOUBTS else _OTHER_DOUBT)
    return looked


async def is_overtaken(tx: Transaction, doses: Sequence[RecordedDose], looked: Looked) -> bool:
    """Whether another version was let through, or what one rests on was taken back, since
    `look_again`; the cases are locked by now.
    """
    again = [at for at, dose in enumerate(doses) if dose.version > 1]
    for at, one in (await _certified(tx, doses, again)).items():
        version, standing = looked.newest.get(at, (0, True))
        if one.version > version or (one.version == version and one.standing != standing):
            return True
    return False


async def _certified(
    tx: Transaction, doses: Sequence[RecordedDose], places: Sequence[int]
) -> dict[int, Certified]:
    found = await certified_before(
        tx,
        sorted({(doses[at].dose_id, doses[at].version) for at in places if doses[at].version > 1}),
    )
    return {
        at: found[key] for at in places if (key := (doses[at].dose_id, doses[at].version)) in found
    }


async def _look(
    context: Context,
    tx: Transaction,
    dose: RecordedDose,
    judged: Judged,
    verdict: Verdict,
    settled: Settled,
    decided: Decided,
    newest: Certified | None,
) -> HeldDose:
    sealer, people, eligible = context.sealer, judged.known.people, is_eligible(verdict)
    asked = settled.numbers.union(numbers(dose.person))
    confirmed = eligible and confirms(settled, verdict, people)
    older = await what_stands(tx, newest)
    if older is None:
        same = True
    elif eligible:
        same = await is_same_person(context.registry, sealer, older, verdict, judged.known, asked)
    else:
        same = is_typed_alike(sealer, older, dose.person, people)
    facts = Facts(
        eligible,
        another=not same,
        by_two=confirmed and older is not None and settled.by_two > older.version,
        taken_back=newest is not None and _is_taken_back(newest, decided),
    )
    doubts = [one for one in dose.doubts if not (confirmed and one in settled.doubts)]

    def suggested() -> Suggestion | None:
        person = verdict.person
        return (
            _suggested(dose.person, holder_of(person, people, asked))
            if person and person.personal_id
            else None
        )

    held = hold(verdict, facts, doubts, suggested)
    rests_on = (
        settled.decision if confirmed else older.rests_on if older is not None and same else None
    )
    return HeldDose(
        held.verdict, held.doubts, held.told, rests_on if is_eligible(held.verdict) else None
    )


def _is_taken_back(newest: Certified, decided: Decided) -> bool:
    """Whether officers said meanwhile that it is not this person, and nobody has judged the dose
    since.
    """
    rejections = decided.rejected.get(newest.dose_id, ())
    return not newest.standing or any(
        one.version >= newest.version and newest.number in one.numbers for one in rejections
    )


def _suggested(typed: Person, holder: Registered) -> Suggestion:
    weight = weigh(typed, decoded(typed.full_name), read_number(typed.personal_id), holder)
    return Suggestion(holder, 1.0, weight.evidence)
