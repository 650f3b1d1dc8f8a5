"""The one table of who may accept a suggestion, row by row."""

import pytest

from contracts.acceptance import (
    TABLE,
    NumberChange,
    Proof,
    acceptance_rule,
    acting_role,
    proofs_for,
)
from contracts.access import Role

NONE, GIVEN, CHANGED = NumberChange
CARD, GUARDIAN, SIGHT = Proof


@pytest.mark.parametrize(
    ("role", "proof", "change", "certain", "officers"),
    [
        ("station", CARD, NONE, False, 1),
        ("station", CARD, GIVEN, False, 1),
        ("station", CARD, CHANGED, False, 2),
        ("station", GUARDIAN, GIVEN, False, 1),
        ("station", GUARDIAN, CHANGED, False, 2),
        ("station", SIGHT, GIVEN, True, 2),
        ("station", SIGHT, GIVEN, False, None),
        ("station", SIGHT, CHANGED, True, None),
        ("facility", CARD, GIVEN, False, 1),
        ("facility", SIGHT, GIVEN, True, None),
        ("police", SIGHT, NONE, False, 1),
        ("police", SIGHT, GIVEN, False, 2),
        ("police", SIGHT, CHANGED, True, 2),
        ("province", CARD, NONE, True, None),
        ("ministry", CARD, NONE, True, None),
        ("citizen", CARD, NONE, True, None),
        ("service", CARD, NONE, True, None),
    ],
)
def test_the_table_says_who_may_accept_what_and_how_many_it_takes(
    role: str, proof: Proof, change: NumberChange, certain: bool, officers: int | None
) -> None:
    rule = acceptance_rule(role, proof, change, certain=certain)
    assert (rule.officers if rule else None) == officers


def test_somebody_elses_number_never_changes_hands_by_one() -> None:
    for rules in TABLE.values():
        assert all(rule.officers == 2 for (_, change), rule in rules.items() if change is CHANGED)


def test_nobody_but_the_police_lets_through_by_sight_alone() -> None:
    for role, rules in TABLE.items():
        alone = [proof for (proof, _), rule in rules.items() if rule.officers == 1]
        assert role is Role.POLICE or SIGHT not in alone


def test_a_desk_is_told_what_it_may_do_with_a_suggestion() -> None:
    assert proofs_for("station", GIVEN, certain=True) == {
        CARD: "verified_again",
        GUARDIAN: "verified_again",
        SIGHT: "second_officer",
    }
    assert acting_role({"facility", "station"}) == "station"
    assert acting_role({"province"}) is None
