"""Whom an officer may confirm alone, whom only two officers, and for whom each must say why. One
table.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from contracts.events import Person
from contracts.registry import Person as Registered
from contracts.words import Grade, Result
from services.verifier.domain.compare_births import compare_births
from services.verifier.domain.compare_names import compare_names
from services.verifier.domain.foreigners import foreigner, is_foreign
from services.verifier.domain.match_person import numbers

_ALIKE = frozenset({Result.MATCH, Result.EQUIVALENT, Result.PARTIAL})


class Standing(Enum):
    """What a person is to the typed data of a case."""

    AS_TYPED = "a foreigner, of whom nothing but the typed data is known"
    HOLDER = "has the typed number, and the typed name or birth date"
    SUGGESTED = (
        "is suggested by the evidence, or once had the typed number and has the typed name or birth"
        " date"
    )
    HOLDER_UNLIKE = (
        "has or had the typed number, but neither the typed name nor the typed birth date"
    )
    STRANGER = "is no candidate"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a confirmation takes: how many officers, and whether each must give a reason."""

    officers: int
    reason: bool = False


TABLE = {
    Standing.AS_TYPED: Confirmation(1),
    Standing.HOLDER: Confirmation(1),
    Standing.SUGGESTED: Confirmation(2),
    Standing.HOLDER_UNLIKE: Confirmation(2, reason=True),
    Standing.STRANGER: Confirmation(2, reason=True),
}


def confirmation(standing: Standing, *, person_changed: bool) -> Confirmation:
    """What it takes to confirm; where a certified dose would become another person's, never less
    than two officers.
    """
    takes = TABLE[standing]
    return Confirmation(2, takes.reason) if person_changed else takes


def standing(typed: Person, person: Registered, suggested: Collection[str]) -> Standing:
    """What a registered person is to the typed one; `suggested`: numbers of those whom the case
    suggests.
    """
    typed_numbers = numbers(typed)
    has = person.personal_id in typed_numbers
    if has or not set(person.old_ids).isdisjoint(typed_numbers):
        if not _alike(typed, person):
            return Standing.HOLDER_UNLIKE
        return Standing.HOLDER if has else Standing.SUGGESTED
    return (
        Standing.STRANGER
        if set(suggested).isdisjoint((person.personal_id, *person.old_ids))
        else Standing.SUGGESTED
    )


def _alike(typed: Person, person: Registered) -> bool:
    """Whether name or birth date agree, but for one known slip."""
    birth = compare_births(typed.date_of_birth, typed.date_precision, person.date_of_birth)
    return (
        birth.result in _ALIKE or compare_names(typed.full_name, person.full_name).result in _ALIKE
    )


def passes_as_typed(typed: Person) -> bool:
    """Whether the typed person is a foreigner who would go on as typed, so that there is no number
    to confirm.
    """
    return (
        typed.nationality != "VN" and is_foreign(typed) and foreigner(typed).grade is Grade.EXEMPT
    )
