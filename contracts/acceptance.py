"""Who may accept a suggestion, by what proof, and how many people it takes. One table.

Records and pages ask it before anything is sent; the verifier asks it again before anything holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from contracts.access import Role


class Proof(StrEnum):
    """What somebody who accepts a suggestion has seen."""

    CARD = "card"  # the suggested person's own card: its line scanned, or its whole number
    GUARDIAN = "guardian"  # the card of a child's guardian
    SIGHT = "sight"  # no card: only what stands side by side


class NumberChange(StrEnum):
    """What an accepted suggestion does to the typed number."""

    NONE = "none"  # the suggested person has it
    GIVEN = "given"  # none was typed, nobody has it, or it was the suggested person's before
    CHANGED = "changed"  # somebody else is registered with it


class NextStep(StrEnum):
    """What follows when a suggestion was accepted."""

    VERIFIED_AGAIN = "verified_again"
    SECOND_OFFICER = "second_officer"


@dataclass(frozen=True, slots=True)
class AcceptanceRule:
    """What an acceptance takes.

    `officers`: 1 where it holds at once, 2 where a second, of the police, must confirm it.
    `certain_only`: only of suggestions that the policy calls certain.
    """

    officers: int
    certain_only: bool = False

    @property
    def next_step(self) -> NextStep:
        """What follows."""
        return NextStep.VERIFIED_AGAIN if self.officers == 1 else NextStep.SECOND_OFFICER


_ONE, _TWO = AcceptanceRule(1), AcceptanceRule(2)
_FIRST_OF_CERTAIN = AcceptanceRule(2, certain_only=True)
_BY_CARD = {
    (proof, change): _TWO if change is NumberChange.CHANGED else _ONE
    for proof in (Proof.CARD, Proof.GUARDIAN)
    for change in NumberChange
}

TABLE: Mapping[Role, Mapping[tuple[Proof, NumberChange], AcceptanceRule]] = MappingProxyType(
    {
        Role.FACILITY: MappingProxyType(_BY_CARD),
        Role.STATION: MappingProxyType(
            {
                **_BY_CARD,
                (Proof.SIGHT, NumberChange.NONE): _FIRST_OF_CERTAIN,
                (Proof.SIGHT, NumberChange.GIVEN): _FIRST_OF_CERTAIN,
            }
        ),
        Role.POLICE: MappingProxyType(
            {
                **_BY_CARD,
                (Proof.SIGHT, NumberChange.NONE): _ONE,
                (Proof.SIGHT, NumberChange.GIVEN): _TWO,
                (Proof.SIGHT, NumberChange.CHANGED): _TWO,
            }
        ),
    }
)
"""By role, proof and what becomes of the typed number. What stands in no row nobody may."""

_LIGHTEST_FIRST = (Role.POLICE, Role.STATION, Role.FACILITY)


def acceptance_rule(
    role: str, proof: Proof, change: NumberChange, *, certain: bool
) -> AcceptanceRule | None:
    """What it takes, None where this role may not accept so."""
    rule = TABLE.get(Role(role), {}).get((proof, change))
    return None if rule is None or (rule.certain_only and not certain) else rule


def acting_role(roles: Iterable[str]) -> Role | None:
    """The role in which somebody with several accepts; None: in none may they."""
    held = set(roles)
    return next((role for role in _LIGHTEST_FIRST if role in held), None)


def proofs_for(role: str, change: NumberChange, *, certain: bool) -> dict[Proof, NextStep]:
    """By which proofs this role may accept a suggestion, and what follows of each."""
    rules = {proof: acceptance_rule(role, proof, change, certain=certain) for proof in Proof}
    return {proof: rule.next_step for proof, rule in rules.items() if rule is not None}
