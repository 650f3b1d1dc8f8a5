"""What people decided of doses that are judged anew: of each typed person, and of each dose whom it
is not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.events import RecordedDose
from services.chassis.db import Transaction
from services.verifier.context import Context
from services.verifier.domain.overrides import Settled
from services.verifier.evidence import fingerprint, open_numbers
from services.verifier.store import decisions


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejection in force: the version on which it was made, and whom it named, by blind index."""

    version: int
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions in force: `settled` by the place of the dose, for its typed person alone;
    `rejected` by dose id, for any.
    """

    settled: Mapping[int, Settled] = field(default_factory=dict)
    rejected: Mapping[int, Sequence[Rejection]] = field(default_factory=dict)


async def decided_before(
    context: Context, tx: Transaction, doses: Sequence[RecordedDose]
) -> Decided:
    """What was decided of these doses; nobody can have decided of a first version."""
    again = {dose.dose_id for dose in doses if dose.version > 1}
    if not again or not (rows := await decisions.in_force(tx, sorted(again))):
        return Decided()
    made: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    rejected: defaultdict[int, list[Rejection]] = defaultdict(list)
    for row in rows:
        made[row.dose_id, row.fingerprint].append(row)
        if row.kind == "reject":
            numbers = frozenset(map(context.sealer.blind, open_numbers(context.sealer, row)))
            rejected[row.dose_id].append(Rejection(row.version, numbers))
    prints = {
        at: (dose.dose_id, fingerprint(context.sealer, dose.person))
        for at, dose in enumerate(doses)
        if dose.dose_id in again
    }
    return Decided(
        {at: _settled(context, made[key]) for at, key in prints.items() if key in made}, rejected
    )


def _settled(context: Context, rows: Sequence[Any]) -> Settled:
    """Of one typed person, from the decisions in force in their order: who was confirmed last is
    the person.
    """
    named = [(row, open_numbers(context.sealer, row)) for row in rows]
    confirmed = [(row, numbers) for row, numbers in named if row.kind == "confirm"]
    rejected = frozenset(
        number for row, numbers in named if row.kind == "reject" for number in numbers
    )
    # without a number: of a foreigner, as typed
    as_typed = [
        row.kind == "confirm" for row, numbers in named if row.kind != "papers" and not numbers
    ]
    if not confirmed:
        return Settled(rejected=rejected, as_typed=as_typed[-1] if as_typed else None)
    last, person = confirmed[-1]
    of_person = [row for row, numbers in confirmed if numbers == person]
    return Settled(
        confirmed=person[0] if person else None,
        rejected=rejected,
        as_typed=as_typed[-1] if as_typed and not person else None,
        decision=last.id,
        doubts=frozenset(doubt for row in of_person for doubt in row.doubts),
        by_two=max(
            (row.version for row in of_person if row.approved_by not in (None, row.decided_by)),
            default=0,
        ),
    )
