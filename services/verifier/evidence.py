"""What a decision rested on, kept sealed: the person as typed, whom the registry put in their
place, and who else was thought of.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from contracts import registry
from contracts.events import Person, RecordedDose, RegistryPerson
from contracts.passports import read_passport
from services.chassis.encryption import Sealer
from services.verifier.domain.match_person import Verdict
from services.verifier.domain.name_forms import name_of

_IDENTITY = (
    "full_name",
    "date_of_birth",
    "date_precision",
    "sex",
    "personal_id",
    "passport_number",
    "nationality",
)


@dataclass(slots=True)
class Suggested:
    """One registered person who may be meant, how likely that is (0 to 1), and the evidence as
    reason codes.
    """

    person: registry.Person
    confidence: float
    evidence: tuple[str, ...]


@dataclass(slots=True)
class Evidence:
    """What was typed, what replaced it where the dose went on, and the suggestions where people
    must decide.
    """

    typed: Person
    used: RegistryPerson | None = None
    suggestions: tuple[Suggested, ...] = ()


_EVIDENCE = TypeAdapter(Evidence)
_write = _EVIDENCE.serializer.to_json


def seal_evidence(sealer: Sealer, dose: RecordedDose, verdict: Verdict) -> bytes:
    """The evidence of one verdict, bound to its dose."""
    evidence = Evidence(dose.person, verdict.person)
    if verdict.suggestions:
        evidence.suggestions = tuple(
            [Suggested(one.person, one.confidence, one.evidence) for one in verdict.suggestions]
        )
    return sealer.seal(_write(evidence, exclude_defaults=True), _bound_to(dose.dose_id))


def open_evidence(sealer: Sealer, row: Any) -> Evidence | None:
    """The evidence of a stored verification, where it has one."""
    if row.evidence is None:
        return None
    return _EVIDENCE.validate_json(sealer.unseal(row.evidence, _bound_to(row.dose_id)))


def fingerprint(sealer: Sealer, typed: Person) -> int:
    """The blind index of who was typed, residence apart: a decision holds for this content
    alone.
    """
    return sealer.blind("\x1f".join(str(getattr(typed, name)) for name in _IDENTITY))


def used_index(sealer: Sealer, used: RegistryPerson | Person) -> int:
    """The blind index of all that a certificate takes from the registry; of a typed person, what it
    would be of one registered so.
    """
    parts = used.personal_id, used.full_name, used.date_of_birth, used.sex or "", used.nationality
    return sealer.blind("\x1f".join(parts))


class Marks(NamedTuple):
    """Blind indexes of a foreigner, whom no registry knows: of the passport and its nationality, of
    the name, and of the birth date.
    """

    passport: int
    name: int
    birth: int


def marks_of(sealer: Sealer, person: RegistryPerson | Person) -> Marks:
    """What two foreigners are compared by; a name's accents, case and order make no difference."""
    passport = read_passport(person.passport_number or person.personal_id)
    # a name in another script has no words here
    name = " ".join(sorted(name_of(person.full_name).bare)) or person.full_name
    values = (
        f"passport\x1f{person.nationality}\x1f{passport}",
        f"name\x1f{name}",
        f"birth\x1f{person.date_of_birth}",
    )
    return Marks(*map(sealer.blind, values))


def seal_numbers(sealer: Sealer, dose_id: int, numbers: Sequence[str]) -> bytes:
    """The personal numbers of a decision, bound to its dose."""
    return sealer.seal(json.dumps(list(numbers)).encode(), _decision_of(dose_id))


def open_numbers(sealer: Sealer, row: Any) -> list[str]:
    """The personal numbers of a stored decision."""
    numbers: list[str] = json.loads(sealer.unseal(row.persons, _decision_of(row.dose_id)))
    return numbers


def seal_reason(sealer: Sealer, dose_id: int, reason: str | None) -> bytes | None:
    """An officer's own words, bound to the dose."""
    return sealer.seal(reason.encode(), _reason_of(dose_id)) if reason else None


def open_reason(sealer: Sealer, dose_id: int, sealed: bytes | None) -> str | None:
    """An officer's own words, where any were given."""
    return sealer.unseal(sealed, _reason_of(dose_id)).decode() if sealed is not None else None


def _reason_of(dose_id: int) -> bytes:
    return b"reason:%d" % dose_id


def _decision_of(dose_id: int) -> bytes:
    return b"decision:%d" % dose_id


def _bound_to(dose_id: int) -> bytes:
    return b"verification:%d" % dose_id
