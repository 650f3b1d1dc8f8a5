from contracts.reasons import ADVICE
from contracts.words import ELIGIBLE_GRADES, STATE_OF_GRADE, Grade, Reason, State


def test_every_reason_says_what_to_do_in_both_languages() -> None:
    assert set(ADVICE) == set(Reason)
    for advice in ADVICE.values():
        assert advice.vi.endswith(".")
        assert advice.en.endswith((".", "?"))
        assert advice.vi != advice.en


def test_every_grade_leads_to_a_state_and_only_the_eligible_ones_to_eligible() -> None:
    assert set(STATE_OF_GRADE) == set(Grade)
    assert {grade for grade, state in STATE_OF_GRADE.items() if state is State.ELIGIBLE} == ELIGIBLE_GRADES
