"""What an accepted suggestion proves: the card against the registry, and the table of who may.

A suggestion that was accepted names somebody. It never makes a dose theirs by that alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.acceptance import AcceptanceRule, Proof, acceptance_rule
from contracts.events import AcceptedSuggestion, Person, ShownCard
from contracts.identity.compare_names import compare_names
from contracts.identity.policy import SAME_NAME
from contracts.registry import Person as Registered
from contracts.words import Grade
from services.verifier.domain.candidate_ranking import SURE
from services.verifier.domain.guardian_rules import is_of_age
from services.verifier.domain.suggested_people import number_change


class Unproved(StrEnum):
    """Why an acceptance does not hold."""

    NOT_SUGGESTED = "not suggested"
    CHANGED = "changed"  # the registry says something else of the person than was looked at
    CARD = "card"  # the card is not that of who is registered
    GUARDIAN = "guardian"  # who showed the card is not of age, or the child is not singled out
    NOT_ALLOWED = "not allowed"  # by this role, by this proof


@dataclass(frozen=True, slots=True)
class AcceptedPerson:
    """Who was suggested, `confidence` and `certain` as then, and who is registered so now.

    `suggested`: everybody who was suggested for the dose. `guardian`: who has the number of the
    guardian's card now.
    """

    person: Registered
    confidence: float
    certain: bool
    suggested: Sequence[Registered]
    now: Registered | None
    guardian: Registered | None = None


def acceptance_of(
    typed: Person, grade: Grade, accepted: AcceptedSuggestion, about: AcceptedPerson, today: date
) -> AcceptanceRule | Unproved:
    """What an acceptance takes, or why it does not hold."""
    now = about.now
    if now is None or now.status != "alive" or now != about.person:
        return Unproved.CHANGED
    if accepted.proof is Proof.CARD and not _is_of(accepted.card, now):
        return Unproved.CARD
    if accepted.proof is Proof.GUARDIAN and not _singles_out(accepted.card, about, today):
        return Unproved.GUARDIAN
    change = number_change(typed, grade, now)
    rule = acceptance_rule(accepted.role, accepted.proof, change, certain=about.certain)
    return Unproved.NOT_ALLOWED if rule is None else rule


def _is_of(card: ShownCard | None, person: Registered) -> bool:
    """Whether nothing on the card contradicts the registered person."""
    if card is None or card.personal_id != person.personal_id:
        return False
    if not card.full_name:
        return True
    born = card.date_of_birth[: len(person.date_of_birth)]
    return (
        compare_names(card.full_name, person.full_name) in SAME_NAME
        and born == person.date_of_birth
    )


def _singles_out(card: ShownCard | None, about: AcceptedPerson, today: date) -> bool:
    """Whether a guardian's card vouches for a child.

    Both are registered in one commune, as in `guardian_rules`; nobody else was suggested.
    """
    child, guardian = about.person, about.guardian
    return (
        card is not None
        and guardian is not None
        and guardian.status == "alive"
        and bool(card.full_name)
        and _is_of(card, guardian)
        and guardian.commune_code == child.commune_code != ""
        and is_of_age(guardian.date_of_birth, today)
        and not is_of_age(child.date_of_birth, today)
        and len(about.suggested) == 1
        and about.confidence >= SURE
    )
