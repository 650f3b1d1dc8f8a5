"""Loads what officers decided of doses that are verified anew.

Confirmations hold for one typed person; rejections hold for the dose, whoever is typed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.events import RecordedDose
from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.verifier.context import Context
from services.verifier.domain.overrides import Override
from services.verifier.store import officer_decisions
from services.verifier.store.officer_decisions import DecisionRow, open_persons
from services.verifier.store.verifications import fingerprint, number_index


@dataclass(frozen=True, slots=True)
class OfficerRejection:
    """A rejection in force: the version it was made on, and the blind indexes of whom it names."""

    version: int
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class OverridesInForce:
    """The officers' decisions in force on a list of doses.

    `by_place`: what overrides the decision on the dose at that place, for its typed person alone.
    `rejections`: by dose id, whoever is typed.
    """

    by_place: Mapping[int, Override] = field(default_factory=dict)
    rejections: Mapping[DoseId, Sequence[OfficerRejection]] = field(default_factory=dict)


NO_OVERRIDES = OverridesInForce()


async def load_overrides(
    context: Context, tx: Transaction, doses: Sequence[RecordedDose]
) -> OverridesInForce:
    """What was decided of these doses. Nobody can have decided of a first version."""
    later_versions = {DoseId(dose.dose_id) for dose in doses if dose.version > 1}
    if not later_versions:
        return NO_OVERRIDES
    rows = await officer_decisions.in_force(tx, sorted(later_versions))
    if not rows:
        return NO_OVERRIDES
    by_content: defaultdict[tuple[DoseId, int], list[DecisionRow]] = defaultdict(list)
    rejections: defaultdict[DoseId, list[OfficerRejection]] = defaultdict(list)
    for row in rows:
        by_content[row.dose_id, row.fingerprint].append(row)
        if row.kind == "reject":
            numbers = frozenset(
                number_index(context.sealer, number) for number in open_persons(context.sealer, row)
            )
            rejections[row.dose_id].append(OfficerRejection(row.version, numbers))
    contents = {
        at: (DoseId(dose.dose_id), fingerprint(context.sealer, dose.person))
        for at, dose in enumerate(doses)
        if dose.dose_id in later_versions
    }
    by_place = {
        at: _override(context, by_content[content])
        for at, content in contents.items()
        if content in by_content
    }
    return OverridesInForce(by_place, rejections)


def _override(context: Context, rows: Sequence[DecisionRow]) -> Override:
    """The override for one typed person, from the decisions in force in their order.

    Who was confirmed last is the person.
    """
    named = [(row, open_persons(context.sealer, row)) for row in rows]
    confirmed = [(row, numbers) for row, numbers in named if row.kind == "confirm"]
    rejected = frozenset(
        number for row, numbers in named if row.kind == "reject" for number in numbers
    )
    # a decision without a number is of a foreigner, as typed
    as_typed = [
        row.kind == "confirm" for row, numbers in named if row.kind != "papers" and not numbers
    ]
    if not confirmed:
        return Override(rejected=rejected, as_typed=as_typed[-1] if as_typed else None)
    last, person = confirmed[-1]
    of_person = [row for row, numbers in confirmed if numbers == person]
    return Override(
        confirmed=person[0] if person else None,
        rejected=rejected,
        as_typed=as_typed[-1] if as_typed and not person else None,
        confirmation_id=last.id,
        doubts=frozenset(doubt for row in of_person for doubt in row.doubts),
        by_two=max(
            (row.version for row in of_person if row.approved_by not in (None, row.decided_by)),
            default=0,
        ),
    )
