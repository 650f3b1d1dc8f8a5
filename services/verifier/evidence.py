"""What a match decision rested on, kept sealed beside its verification.

The person as typed, whom the registry put in their place, and who else was suggested.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from contracts import registry
from contracts.events import Person, RecordedDose, RegistryPerson
from contracts.ids import DoseId
from services.chassis.encryption import Sealer
from services.verifier.domain.decision import MatchDecision
from services.verifier.store.verifications import EVIDENCE


@dataclass(slots=True)
class StoredCandidate:
    """A registered person who may be meant.

    `confidence`: 0 to 1. `evidence`: reason codes, for and against. `certain`: the kind of
    `contracts.certain_kinds`, where it may be confirmed by the page.
    """

    person: registry.Person
    confidence: float
    evidence: tuple[str, ...]
    certain: str | None = None


@dataclass(slots=True)
class MatchEvidence:
    """What was typed, what replaced it, and the candidates.

    `used`: only where the dose went on. `suggestions`: only where people must decide.
    """

    typed: Person
    used: RegistryPerson | None = None
    suggestions: tuple[StoredCandidate, ...] = ()


_EVIDENCE = TypeAdapter(MatchEvidence)
_write = _EVIDENCE.serializer.to_json


def seal_evidence(sealer: Sealer, dose: RecordedDose, decision: MatchDecision) -> bytes:
    """The evidence of one decision, sealed for its dose."""
    evidence = MatchEvidence(dose.person, decision.person)
    if decision.suggestions:
        evidence.suggestions = tuple(
            [
                StoredCandidate(
                    candidate.person,
                    candidate.confidence,
                    candidate.evidence,
                    candidate.certain,
                )
                for candidate in decision.suggestions
            ]
        )
    plain = _write(evidence, exclude_defaults=True)
    return EVIDENCE.seal(sealer, DoseId(dose.dose_id), plain)


def open_evidence(sealer: Sealer, dose_id: DoseId, sealed: bytes | None) -> MatchEvidence | None:
    """The evidence of a stored verification, None where it has none."""
    if sealed is None:
        return None
    return _EVIDENCE.validate_json(EVIDENCE.unseal(sealer, dose_id, sealed))
