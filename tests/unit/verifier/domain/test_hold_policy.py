"""The table by which doses are held is whole, and lets nobody through whom it should not."""

from itertools import product

import pytest

from contracts.events import RegistryPerson
from contracts.words import ELIGIBLE_GRADES, Doubt, Grade
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.hold_policy import RULES_BY_FACTS, TABLE, HoldFacts, hold

ANNA = RegistryPerson(
    full_name="Anna", date_of_birth="1990-01-02", passport_number="C01X00T47", nationality="DE"
)
EVERY = [HoldFacts(*facts) for facts in product((False, True), repeat=4)]
DOUBTS = ((), ("SECOND_HAND",), ("SECOND_HAND", "FROM_THE_FUTURE"), ("PERSON_CHANGED",))


def test_the_table_says_of_each_case_one_thing() -> None:
    said = [HoldFacts(*facts) for *columns, _ in TABLE for facts in product(*columns)]
    assert sorted(said) == sorted(EVERY)
    assert set(RULES_BY_FACTS) == set(EVERY)


@pytest.mark.parametrize("facts", EVERY)
@pytest.mark.parametrize("doubts", DOUBTS)
def test_who_is_let_through_and_whose_certificate_stays(
    facts: HoldFacts, doubts: tuple[str, ...]
) -> None:
    for grade in Grade:
        if facts.eligible == (grade in ELIGIBLE_GRADES):
            _is_right(facts, doubts, grade)


def _is_right(facts: HoldFacts, doubts: tuple[str, ...], grade: Grade) -> None:
    decision = MatchDecision(grade, (), ANNA if facts.eligible else None)
    held = hold(decision, facts, doubts, lambda: None)
    through = held.decision.grade in ELIGIBLE_GRADES
    assert through == (facts.eligible and not doubts and (not facts.another or facts.by_two))
    assert (held.decision.person is not None) == through
    if not facts.eligible:
        assert held.decision is decision
    if through:
        assert held.doubts == held.public_doubts == ()
    assert set(doubts) <= set(held.doubts)
    # what others hear keeps a certificate valid: of another person alone, and not of one that was
    # taken back
    stays = facts.another and not facts.taken_back and not (facts.eligible and facts.by_two)
    assert (Doubt.PERSON_CHANGED in held.public_doubts) == stays
    assert set(held.doubts) - set(held.public_doubts) <= {Doubt.PERSON_CHANGED}


def test_a_dose_that_is_held_because_a_confirmation_was_taken_back_is_told_with_some_reason() -> (
    None
):
    for grade, name in ((Grade.EXACT, "personal_id"), (Grade.EXEMPT, "passport_number")):
        held = hold(
            MatchDecision(grade, (), ANNA), HoldFacts(True, True, taken_back=True), (), lambda: None
        )
        assert [(one.name, one.reason) for one in held.decision.attributes] == [
            (name, "ID_OF_ANOTHER")
        ]
