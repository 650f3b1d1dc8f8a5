"""Whom one officer may confirm alone, whom only two, and for whom each must say why. One table."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from contracts.events import Person
from contracts.identity.compare_births import compare_births
from contracts.identity.compare_names import compare_names
from contracts.registry import Person as Registered
from contracts.words import Grade, Result
from services.verifier.domain.foreigners import is_foreign, match_foreigner
from services.verifier.domain.match_person import lookup_numbers

_ALIKE = frozenset({Result.MATCH, Result.EQUIVALENT, Result.PARTIAL})


class CandidateStanding(Enum):
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
class ConfirmationRule:
    """What a confirmation takes: how many officers, and whether each must give a reason."""

    officers: int
    reason: bool = False


TABLE = {
    CandidateStanding.AS_TYPED: ConfirmationRule(1),
    CandidateStanding.HOLDER: ConfirmationRule(1),
    CandidateStanding.SUGGESTED: ConfirmationRule(2),
    CandidateStanding.HOLDER_UNLIKE: ConfirmationRule(2, reason=True),
    CandidateStanding.STRANGER: ConfirmationRule(2, reason=True),
}


def confirmation_rule(standing: CandidateStanding, *, person_changed: bool) -> ConfirmationRule:
    """What it takes to confirm.

    Where a certified dose would become another person's, it takes two officers at least.
    """
    rule = TABLE[standing]
    return at_least_two(rule) if person_changed else rule


def at_least_two(rule: ConfirmationRule) -> ConfirmationRule:
    """The rule, but for two officers."""
    return ConfirmationRule(2, rule.reason)


def standing_of(
    typed_person: Person, person: Registered, suggested: Collection[str]
) -> CandidateStanding:
    """What a registered person is to the typed one.

    `suggested`: the numbers of those whom the case suggests.
    """
    typed_numbers = lookup_numbers(typed_person)
    has_number = person.personal_id in typed_numbers
    if has_number or not set(person.old_ids).isdisjoint(typed_numbers):
        if not _alike(typed_person, person):
            return CandidateStanding.HOLDER_UNLIKE
        return CandidateStanding.HOLDER if has_number else CandidateStanding.SUGGESTED
    return (
        CandidateStanding.STRANGER
        if set(suggested).isdisjoint((person.personal_id, *person.old_ids))
        else CandidateStanding.SUGGESTED
    )


def _alike(typed_person: Person, person: Registered) -> bool:
    """Whether name or birth date agree, but for one known slip."""
    birth = compare_births(
        typed_person.date_of_birth, typed_person.date_precision, person.date_of_birth
    )
    return (
        birth.result in _ALIKE
        or compare_names(typed_person.full_name, person.full_name).result in _ALIKE
    )


def passes_as_typed(typed_person: Person) -> bool:
    """Whether a foreigner would go on as typed, so that there is no number to confirm."""
    return (
        typed_person.nationality != "VN"
        and is_foreign(typed_person)
        and match_foreigner(typed_person).grade is Grade.EXEMPT
    )
