"""The second look: at doses that their senders doubt, and at corrected ones.

Would a certified dose become another person's? Would one that was never certified become somebody's
for whom it was not recorded? The match decision and the officers' decisions are
known by then. The table of `domain/hold_policy.py` says which doses are held.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.events import Person, RecordedDose
from contracts.ids import DoseId
from contracts.registry import Person as Registered
from contracts.words import MARKS, Doubt
from services.chassis.db import Transaction
from services.verifier.context import Context
from services.verifier.domain.candidate_ranking import RankedCandidate
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.hold_policy import HeldDecision, HoldFacts, hold, is_eligible
from services.verifier.domain.id_column import read_number
from services.verifier.domain.match_person import lookup_numbers
from services.verifier.domain.overrides import NO_OVERRIDE, Override, is_confirmed_person
from services.verifier.domain.scoring import score
from services.verifier.matching import MatchedPeople
from services.verifier.overrides_in_force import OverridesInForce
from services.verifier.prior_certification import (
    certified_now,
    holder_of,
    is_as_recorded,
    is_same_person,
    is_typed_alike,
    standing_version,
)
from services.verifier.store.verification_queries import (
    CertifiedVersion,
    FirstVersion,
    first_versions,
    newest_certified,
)
from vietnamese.encodings import decoded

_OTHER_DOUBT = "OTHER"
_DOUBTS = frozenset(Doubt)


@dataclass(slots=True)
class SecondLookResult(HeldDecision):
    """The decision on a dose after the second look.

    `rests_on`: the confirmation without which the dose would not be eligible, or not as this
    person.
    """

    rests_on: int | None = None


@dataclass(slots=True)
class SecondLook:
    """The results by the place of the dose.

    `newest`: of each dose the version that was let through last before, and whether it stands.
    """

    results: Mapping[int, SecondLookResult] = field(default_factory=dict)
    newest: Mapping[int, tuple[int, bool]] = field(default_factory=dict)


NO_SECOND_LOOK = SecondLook()


async def take_second_look(
    context: Context,
    tx: Transaction,
    doses: Sequence[RecordedDose],
    matched: MatchedPeople,
    overrides: OverridesInForce,
) -> SecondLook:
    """Holds the doses that must be held, and puts their decisions into `matched`.

    First versions that nobody doubts are not looked at.
    """
    results: dict[int, SecondLookResult] = {}
    newest_before: dict[int, tuple[int, bool]] = {}
    odd = [at for at, dose in enumerate(doses) if dose.version > 1 or dose.doubts]
    older = await _certified_before(tx, doses, odd)
    corrected = {doses[at].dose_id for at in odd if doses[at].version > 1}
    places_of: defaultdict[int, list[int]] = defaultdict(list)
    for at, dose in enumerate(doses):
        if dose.dose_id in corrected:
            places_of[dose.dose_id].append(at)
    first_by_dose = await first_versions(tx, sorted(DoseId(dose_id) for dose_id in corrected))
    # of versions of one dose that came together, the older go first: the newer are compared with
    # what became of them
    together = [at for places in places_of.values() if len(places) > 1 for at in places]
    for at in sorted({*odd, *together}, key=lambda at: doses[at].version):
        dose, newest = doses[at], older.get(at)
        if newest is not None:
            newest_before[at] = newest.version, newest.standing
        if dose.version > 1 or dose.doubts:
            override = overrides.by_place.get(at, NO_OVERRIDE)
            first = _first(doses, first_by_dose, places_of, dose)
            result = await _look(
                context,
                tx,
                dose,
                matched,
                matched.decisions[at],
                override,
                overrides,
                newest,
                first,
            )
            results[at], matched.decisions[at] = result, result.decision
        later = [
            other
            for other in places_of.get(dose.dose_id, ())
            if doses[other].version > dose.version
        ]
        if later and is_eligible(matched.decisions[at]):
            rests_on = results[at].rests_on if at in results else None
            let_through = certified_now(context.sealer, dose, matched.decisions[at], rests_on)
            for other in later:
                if other not in older or older[other].version < dose.version:
                    older[other] = let_through
    for doubt in (doubt for result in results.values() for doubt in result.doubts):
        context.metrics.count("held", doubt if doubt in _DOUBTS else _OTHER_DOUBT)
    return SecondLook(results, newest_before)


def _first(
    doses: Sequence[RecordedDose],
    first_by_dose: Mapping[DoseId, FirstVersion],
    places_of: Mapping[int, Sequence[int]],
    dose: RecordedDose,
) -> Person | FirstVersion | None:
    """The oldest version of the dose before this one: verified before, or come together with it."""
    stored = first_by_dose.get(DoseId(dose.dose_id))
    together = min(
        (doses[at] for at in places_of.get(dose.dose_id, ())),
        key=lambda other: other.version,
        default=None,
    )
    if stored is not None and (together is None or stored.version <= together.version):
        return stored if stored.version < dose.version else None
    return together.person if together and together.version < dose.version else None


async def is_overtaken(
    tx: Transaction, doses: Sequence[RecordedDose], second_look: SecondLook
) -> bool:
    """Whether what the second look saw has changed since; the cases are locked by now.

    Another version was let through, or what one rests on was taken back.
    """
    later_versions = [at for at, dose in enumerate(doses) if dose.version > 1]
    for at, certified in (await _certified_before(tx, doses, later_versions)).items():
        version, standing = second_look.newest.get(at, (0, True))
        if certified.version > version or (
            certified.version == version and certified.standing != standing
        ):
            return True
    return False


async def _certified_before(
    tx: Transaction, doses: Sequence[RecordedDose], places: Sequence[int]
) -> dict[int, CertifiedVersion]:
    """By place, the newest older version of the dose that was let through."""
    versions = {
        at: (DoseId(doses[at].dose_id), doses[at].version) for at in places if doses[at].version > 1
    }
    certified = await newest_certified(tx, sorted(set(versions.values())))
    return {at: certified[version] for at, version in versions.items() if version in certified}


async def _look(
    context: Context,
    tx: Transaction,
    dose: RecordedDose,
    matched: MatchedPeople,
    decision: MatchDecision,
    override: Override,
    overrides: OverridesInForce,
    newest: CertifiedVersion | None,
    first: Person | FirstVersion | None,
) -> SecondLookResult:
    sealer, holders_of, eligible = context.sealer, matched.holders.people, is_eligible(decision)
    looked_up = override.numbers.union(lookup_numbers(dose.person))
    confirmed = eligible and is_confirmed_person(override, decision, holders_of)
    older = await standing_version(tx, newest)
    if older is None:
        same = True
    elif eligible:
        same = await is_same_person(
            context.registry, sealer, older, decision, matched.holders, looked_up
        )
    else:
        same = is_typed_alike(sealer, older, dose.person, holders_of)
    facts = HoldFacts(
        eligible,
        another=not same,
        by_two=confirmed and older is not None and override.by_two > older.version,
        taken_back=newest is not None and _is_taken_back(newest, overrides),
    )
    doubts = [
        doubt
        for doubt in dose.doubts
        if doubt not in MARKS and not (confirmed and doubt in override.doubts)
    ]
    if (
        eligible
        and older is None
        and not confirmed
        and not is_as_recorded(sealer, first, decision, holders_of, looked_up)
    ):
        doubts.append(Doubt.OTHER_THAN_RECORDED.value)

    def matched_person() -> RankedCandidate | None:
        person = decision.person
        if not person or not person.personal_id:
            return None
        return _certain_candidate(dose.person, holder_of(person, holders_of, looked_up))

    held = hold(decision, facts, doubts, matched_person)
    if confirmed:
        rests_on = override.confirmation_id
    else:
        rests_on = older.rests_on if older is not None and same else None
    return SecondLookResult(
        held.decision,
        held.doubts,
        held.public_doubts,
        rests_on if is_eligible(held.decision) else None,
    )


def _is_taken_back(newest: CertifiedVersion, overrides: OverridesInForce) -> bool:
    """Whether officers said that it is not this person, after the dose was last verified."""
    rejections = overrides.rejections.get(newest.dose_id, ())
    return not newest.standing or any(
        rejection.version >= newest.version and newest.number in rejection.numbers
        for rejection in rejections
    )


def _certain_candidate(typed_person: Person, holder: Registered) -> RankedCandidate:
    scored = score(
        typed_person, decoded(typed_person.full_name), read_number(typed_person.personal_id), holder
    )
    return RankedCandidate(holder, 1.0, scored.evidence)
