from contracts.reasons import ADVICE, DOUBTS, UNREADABLE_ENTRY, advice_of_reason
from contracts.refusals import REFUSALS, RefusalCode, advice_on, asks_people
from contracts.words import ELIGIBLE_GRADES, STATE_OF_GRADE, Doubt, Grade, Reason, State


def test_every_reason_says_what_to_do_in_both_languages() -> None:
    assert set(ADVICE) == set(Reason)
    assert set(DOUBTS) == set(Doubt)
    assert set(ADVICE).isdisjoint(DOUBTS)
    for advice in (
        *ADVICE.values(),
        *DOUBTS.values(),
        UNREADABLE_ENTRY,
        advice_of_reason("OF_TOMORROW"),
    ):
        assert advice.vi.endswith(".")
        assert advice.en.endswith((".", "?"))
        assert advice.vi != advice.en


def test_every_refusal_says_what_it_is_and_what_to_do() -> None:
    assert set(REFUSALS) == set(RefusalCode)
    for advice in (*REFUSALS.values(), advice_on("OF_A_LATER_VERSION")):
        assert advice.vi.endswith(".")
        assert advice.en.endswith(".")
        assert ";" in advice.vi, "what is wrong; what to do"
        assert ";" in advice.en


def test_too_young_kept_twice_and_a_held_supplement_are_nobodys_work() -> None:
    assert [code for code in RefusalCode if not asks_people(code)] == [
        "TOO_YOUNG",
        "DUPLICATE_KEPT",
        "SUPPLEMENT_OPEN",
    ]
    assert asks_people("OF_A_LATER_VERSION")


def test_every_grade_leads_to_a_state_and_only_the_eligible_ones_to_eligible() -> None:
    assert set(STATE_OF_GRADE) == set(Grade)
    assert {
        grade for grade, state in STATE_OF_GRADE.items() if state is State.ELIGIBLE
    } == ELIGIBLE_GRADES
