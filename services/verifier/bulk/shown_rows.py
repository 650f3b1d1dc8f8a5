"""A row of a page: what was typed, the one person suggested, and a blind index of both."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from contracts.events import Person
from contracts.ids import DoseId
from contracts.registry import Person as Registered
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.verifier.bulk import store
from services.verifier.evidence import MatchEvidence, StoredCandidate, open_evidence

_TYPED, _REGISTERED = TypeAdapter(Person), TypeAdapter(Registered)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row. `state`: of its case. `seen`: the blind index of all that is shown of it."""

    dose_id: DoseId
    version: int
    state: str
    facility_code: str
    residence: str
    evidence: MatchEvidence
    candidate: StoredCandidate
    seen: int


async def shown_rows(
    sealer: Sealer, tx: Transaction, dose_ids: Sequence[DoseId], kind: str, *, lock: bool = False
) -> list[ShownRow]:
    """The rows of these doses that are certain by this kind, in the order they are asked for."""
    if not dose_ids:
        return []
    subjects = await store.subjects(tx, dose_ids, lock=lock)
    rows = []
    for dose_id in dose_ids:
        subject = subjects.get(dose_id)
        if subject is None or subject.doubts:
            continue
        evidence = open_evidence(sealer, dose_id, subject.evidence)
        first = evidence.suggestions[0] if evidence is not None and evidence.suggestions else None
        if evidence is None or first is None or first.certain != kind or subject.certain != kind:
            continue
        rows.append(
            ShownRow(
                dose_id,
                subject.version,
                subject.state,
                subject.facility_code,
                subject.residence,
                evidence,
                first,
                _seen(sealer, dose_id, evidence.typed, first.person),
            )
        )
    return rows


def _seen(sealer: Sealer, dose_id: DoseId, typed: Person, person: Registered) -> int:
    shown = b"%d|%b|%b" % (dose_id, _TYPED.dump_json(typed), _REGISTERED.dump_json(person))
    return sealer.blind(shown.decode())
