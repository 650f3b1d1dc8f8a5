"""Doses that wait for people watch the registry: who is suggested may die or move, others appear.

So a suggestion stays current without anybody asking. A dose that goes on watches nothing here.
"""

from collections.abc import Iterator, Sequence

from contracts.events import RecordedDose
from contracts.ids import DoseId
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.suggested_people import keys_of_registered, watched_keys
from services.verifier.store import watches
from services.verifier.store.verifications import number_index
from services.verifier.store.watches import KEY_INDEX, Watch


async def watch_registry(
    sealer: Sealer,
    tx: Transaction,
    doses: Sequence[RecordedDose],
    decisions: Sequence[MatchDecision],
) -> None:
    """Stores what each dose that is not eligible watches from here on."""
    corrected = {DoseId(dose.dose_id): dose.version - 1 for dose in doses if dose.version > 1}
    waiting = [
        Watch(seen, DoseId(dose.dose_id), dose.version)
        for dose, decision in zip(doses, decisions, strict=True)
        if decision.grade not in ELIGIBLE_GRADES
        for seen in _watched(sealer, dose, decision)
    ]
    await watches.end(tx, corrected)
    await watches.put(tx, waiting)


def _watched(sealer: Sealer, dose: RecordedDose, decision: MatchDecision) -> Iterator[int]:
    for suggested in decision.suggestions:
        yield number_index(sealer, suggested.person.personal_id)
    for key in watched_keys(dose.person):
        yield KEY_INDEX.of(sealer, key)


def indexes_of(sealer: Sealer, person: Registered | None) -> list[int]:
    """Under which keys a changed person is watched for; their numbers are known without this."""
    keys = keys_of_registered(person) if person is not None else []
    return [KEY_INDEX.of(sealer, key) for key in keys]
