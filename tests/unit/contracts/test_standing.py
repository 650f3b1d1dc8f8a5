"""The table of where a dose stands: whole, in both languages, and never without a next step."""

import pytest

from contracts import standing
from contracts.refusals import NOT_DUE, OF_SYSTEM, RefusalCode
from contracts.standing import HOLDERS, PAPERS, STAGES, Holder, Paper, Stage, standing_of
from contracts.words import Reason, State


def test_every_stage_holder_and_paper_has_words_in_both_languages() -> None:
    for table, kinds in ((STAGES, Stage), (HOLDERS, Holder), (PAPERS, Paper)):
        assert set(table) == set(kinds)
        assert all(words.vi and words.en for words in table.values())


@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("refusal", [None, *RefusalCode, "A_CODE_OF_TOMORROW"])
def test_whatever_happens_to_a_dose_there_is_a_next_step(
    state: str | None, refusal: str | None
) -> None:
    stands = standing_of(state, (), refusal)
    assert stands.title.vi and stands.next.vi and stands.next.en
    assert stands.stage in STAGES


@pytest.mark.parametrize("code", RefusalCode)
def test_a_refusal_goes_to_who_can_mend_it(code: RefusalCode) -> None:
    stands = standing_of(State.ELIGIBLE, (), code)
    if code == RefusalCode.SUPPLEMENT_OPEN:
        assert (stands.stage, stands.holder, stands.bring) == (Stage.SIGNING, Holder.FACILITY, ())
    elif code in NOT_DUE:
        assert (stands.stage, stands.holder) == (Stage.NOT_DUE, Holder.NOBODY)
    elif code in OF_SYSTEM:
        assert stands.holder is Holder.PROVINCE and not stands.bring
    else:
        assert stands.holder in (Holder.FACILITY, Holder.STATION) and stands.bring


def test_who_has_no_commune_goes_to_the_facility() -> None:
    wrong = standing_of(State.NEEDS_CORRECTION, [Reason.ID_MISSING], commune_known=False)
    assert wrong.holder is Holder.FACILITY
    assert standing_of(State.NEEDS_CORRECTION, [Reason.ID_MISSING]).holder is Holder.STATION


@pytest.mark.parametrize("state", [State.NEEDS_CORRECTION, State.IN_REVIEW])
def test_what_people_did_with_its_case_says_who_has_a_dose(state: State) -> None:
    assert standing_of(state, act="papers_asked") is standing.PAPERS_ASKED
    assert standing_of(state, act="answered").holder is Holder.POLICE
    assert standing_of(state, act="sent_back").holder is Holder.STATION
    # a case that nobody touched says nothing new
    assert standing_of(state, act="opened") == standing_of(state)
    assert standing_of(State.ISSUED, act="papers_asked") is standing.ISSUED


def test_an_old_number_asks_for_the_old_card() -> None:
    bring = standing_of(State.NEEDS_CORRECTION, [Reason.ID_NOT_FOUND]).bring
    assert Paper.OLD_CARD in bring
    assert Paper.OLD_CARD not in standing_of(State.NEEDS_CORRECTION, [Reason.NAME_TYPO]).bring


def test_a_person_is_spoken_to_in_plain_words() -> None:
    # a code is for the telephone, never in a sentence
    said = [
        words
        for one in vars(standing).values()
        if isinstance(one, standing.DoseStanding)
        for words in (one.title, one.explanation, one.next)
    ]
    assert len(said) > 30
    assert not [words for words in said if "_" in words.vi + words.en]
