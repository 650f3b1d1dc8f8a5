"""The words of cases: whole, in both languages, for all who read them."""

from typing import get_args

from contracts.case_states import (
    CASE_TITLES,
    REFUSED_ACCEPTANCES,
    WAITS_FOR,
    AcceptanceRefusal,
    CaseAct,
    CaseState,
    refused_acceptance,
)


def test_every_state_and_act_and_refusal_has_its_words() -> None:
    assert set(WAITS_FOR) == set(get_args(CaseState))
    assert set(CASE_TITLES) == set(get_args(CaseAct))
    assert set(REFUSED_ACCEPTANCES) == set(AcceptanceRefusal)
    for words in (*CASE_TITLES.values(), *REFUSED_ACCEPTANCES.values()):
        assert words.vi and words.en


def test_a_refusal_says_what_to_do_and_a_newer_one_too() -> None:
    for code in (*AcceptanceRefusal, "A_CODE_OF_TOMORROW"):
        assert ";" in refused_acceptance(code).vi and ";" in refused_acceptance(code).en
