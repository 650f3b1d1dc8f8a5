"""Whether a suggestion may be accepted so: the one table, and the card against the suggestion.

Whoever shows a card that says something else is told so. Of the registry they learn no more than
that number, name or birth date are others.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from contracts.acceptance import AcceptanceRule, Proof, acceptance_rule
from contracts.citizen_card import CitizenCard, read_card
from contracts.events import ShownCard, SuggestedPerson
from contracts.identity.compare_names import compare_names
from contracts.identity.policy import SAME_NAME
from services.records.domain.row_error import RowError
from services.records.suggestions import errors

BY_SIGHT = frozenset({"x", "X", "✓", "v", "V"})
"""What stands in a file's cell where somebody accepts by sight."""
_NUMBER = re.compile(r"0[0-9]{11}")


class CheckedAcceptance(NamedTuple):
    """A suggestion that may be accepted: whose, by what rule, and the card that was shown."""

    person: SuggestedPerson
    proof: Proof
    rule: AcceptanceRule
    card: ShownCard | None


def check_acceptance(
    people: Sequence[SuggestedPerson], role: str, place: int, proof: Proof, line: str | None
) -> CheckedAcceptance | RowError:
    """What may be accepted, or why not. `line`: of the card, or its digits."""
    if not 1 <= place <= len(people):
        return errors.NO_SUCH_PERSON
    person = people[place - 1]
    card = None
    if proof is not Proof.SIGHT:
        card = _shown(line or "", whole=proof is Proof.GUARDIAN)
        if card is None:
            return errors.CARD_INVALID
    if proof is Proof.CARD and card is not None and (wrong := _contradiction(card, person)):
        return wrong
    rule = acceptance_rule(role, proof, person.number_change, certain=person.certain is not None)
    if rule is None:
        return errors.PROOF_NOT_ENOUGH
    return CheckedAcceptance(person, proof, rule, card)


def check_cell(
    people: Sequence[SuggestedPerson], role: str, cell: str
) -> CheckedAcceptance | RowError:
    """The same of a cell of a file: a card's line or number, or a mark for by sight."""
    if cell in BY_SIGHT:
        return check_acceptance(people, role, 1, Proof.SIGHT, None)
    card = _shown(cell, whole=False)
    if card is None:
        return errors.CELL_UNREADABLE
    numbers = [person.personal_id for person in people]
    if card.personal_id not in numbers:
        return errors.CARD_OF_ANOTHER
    return check_acceptance(people, role, 1 + numbers.index(card.personal_id), Proof.CARD, cell)


def _shown(line: str, *, whole: bool) -> ShownCard | None:
    card: CitizenCard | None = read_card(line)
    if card is not None:
        day, month, year = card.date_of_birth.split("/")
        return ShownCard(card.personal_id, card.full_name, f"{year}-{month}-{day}")
    # a guardian's number alone says nothing of who shows it
    digits = re.sub(r"[\s.-]", "", line)
    return ShownCard(digits) if not whole and _NUMBER.fullmatch(digits) else None


def _contradiction(card: ShownCard, person: SuggestedPerson) -> RowError | None:
    if card.personal_id != person.personal_id:
        return errors.CARD_OF_ANOTHER
    if not card.full_name:
        return None
    same_name = compare_names(card.full_name, person.full_name) in SAME_NAME
    # where the registry has no more than a year or a month, the card agrees with that
    same_birth = card.date_of_birth.startswith(person.date_of_birth)
    return None if same_name and same_birth else errors.CARD_DIFFERS
