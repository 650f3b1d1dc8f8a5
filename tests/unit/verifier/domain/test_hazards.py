"""What must never be let through without people, however alike two people are."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.events import Person as Typed
from contracts.registry import Found
from contracts.words import ELIGIBLE_GRADES, Grade
from services.verifier.domain.match_person import lookup_numbers, match_person
from tests.unit.verifier.people import HOA, HOA_ID, decided, reasons, registered, typed

TWIN = registered(personal_id="068180000004", full_name="Nguyễn Thị Hoa", old_ids=[])
OTHER_TWIN = registered(personal_id="068180731200", full_name="Nguyễn Thị Ngà", old_ids=[])
MOTHER = registered(personal_id="068155000001", date_of_birth="1955-05-03", old_ids=[])
PEOPLE = (HOA, TWIN, OTHER_TWIN, MOTHER)

DISPUTED = [
    typed(TWIN, personal_id=HOA_ID),
    typed(OTHER_TWIN, personal_id=HOA_ID),
    typed(TWIN, full_name="NGUYEN THI HOA"),
    typed(HOA, full_name="NGUYEN THI HOA"),
    typed(HOA, full_name="Nguyễn Hoà", personal_id=TWIN.personal_id),
    typed(HOA, personal_id="", full_name="NGUYEN THI HOA"),
    typed(TWIN, personal_id=HOA_ID, birth="05/03/1980"),
    typed(TWIN, personal_id="68180000001"),
    typed(TWIN, personal_id="250123456"),
    typed(TWIN, personal_id=HOA_ID, province_code="", district_code="", commune_code=""),
    typed(MOTHER, personal_id=HOA_ID),
    typed(HOA, personal_id=MOTHER.personal_id),
]


@pytest.mark.parametrize("person", DISPUTED)
def test_a_twins_or_parents_number_is_left_to_people(person: Typed) -> None:
    decision = decided(person, PEOPLE)
    assert decision.grade not in ELIGIBLE_GRADES
    assert decision.person is None


def test_each_twin_with_their_own_data_goes_on_as_themselves() -> None:
    for person in PEOPLE:
        for name in (person.full_name, person.full_name.upper()):
            decision = decided(typed(person, full_name=name), PEOPLE)
            assert decision.person is not None
            assert decision.person.personal_id == person.personal_id


def test_the_twin_who_was_typed_is_suggested_before_the_one_whose_number_was() -> None:
    decision = decided(typed(TWIN, personal_id=HOA_ID), PEOPLE)
    assert decision.grade is Grade.REVIEW
    assert reasons(decision)["personal_id"] == "ID_OF_ANOTHER"
    assert decision.suggestions[0].person == TWIN


def test_of_two_whom_a_shortened_name_may_mean_the_one_with_the_rarer_name_does_not_win() -> None:
    minh = registered(personal_id="068180000005", full_name="Nguyễn Minh Hòa", old_ids=[])
    decision = decided(typed(full_name="Nguyễn Hòa", personal_id=minh.personal_id), (HOA, minh))
    assert decision.grade is Grade.REVIEW
    assert reasons(decision)["personal_id"] == "ID_OF_ANOTHER"


def test_a_stranger_one_digit_away_is_not_the_typed_person() -> None:
    near = registered(
        personal_id="068180000009",
        full_name="Nguyễn Thị Hoa",
        date_of_birth="1980-09-20",
        commune_code="24770",
        old_ids=[],
    )
    decision = decided(typed(personal_id=near.personal_id), (HOA, near))
    assert decision.grade is Grade.MISMATCH
    assert decision.suggestions[0].person == HOA


def test_of_two_people_with_one_old_card_the_one_who_fits_goes_on_and_a_third_does_not() -> None:
    other = registered(
        personal_id="079175000005",
        full_name="Trần Văn Hùng",
        date_of_birth="1975-02-01",
        sex="male",
        commune_code="27001",
    )
    decision = decided(typed(personal_id="250123456"), (HOA, other))
    assert decision.grade is Grade.REPAIRED
    assert decision.person is not None
    assert decision.person.personal_id == HOA_ID
    assert (
        decided(typed(personal_id="250123456", full_name="Lê Thị Mai"), (HOA, other)).grade
        is Grade.MISMATCH
    )


def test_of_two_people_with_one_old_card_who_fit_alike_neither_goes_on() -> None:
    twin = replace(TWIN, old_ids=("250123456",))
    decision = decided(typed(full_name="NGUYEN THI HOA", personal_id="250123456"), (HOA, twin))
    assert decision.grade is Grade.REVIEW
    assert reasons(decision)["personal_id"] == "ID_AMBIGUOUS"


def test_a_number_that_is_somebody_elses_now_is_disputed_for_who_had_it_before() -> None:
    heir = registered(
        personal_id="001180555555",
        full_name="Lê Thị Mai",
        date_of_birth="1980-01-02",
        old_ids=[HOA_ID],
        commune_code="00190",
    )
    decision = decided(typed(heir, personal_id=HOA_ID), (HOA, heir))
    assert decision.grade is Grade.REVIEW
    assert reasons(decision)["personal_id"] == "ID_AMBIGUOUS"
    assert decided(typed(HOA), (HOA, heir)).grade is Grade.EXACT


@pytest.mark.parametrize(
    "slip",
    [
        {},
        {"full_name": "NGUYỄN THỊ HÒA"},
        {"full_name": "NGUYEN THI HOA"},
        {"personal_id": "250123456"},
    ],
)
def test_who_is_registered_as_deceased_gets_no_passport_without_people(
    slip: dict[str, Any],
) -> None:
    decision = decided(typed(**slip), [registered(status="died")])
    assert decision.grade is Grade.REVIEW
    assert reasons(decision)["status"] == "PERSON_DECEASED"


@pytest.mark.parametrize(
    "slips",
    [
        {"full_name": "Nguyễn Thị Hoa", "birth": "05/03/1980"},
        {"full_name": "Nguyễn Hòa", "sex": "male"},
        {"birth": "03/05/1981", "sex": "male"},
        {"full_name": "Huỳnh Thị Hòa"},
        {"full_name": "Nguyễn Thị Hảo"},
        {"full_name": "Nguyễn Thị Hòan"},
        {"birth": "03/05/2010"},
        {"birth": "17/11/1980"},
        {"birth": ""},
        {"full_name": ""},
        {"full_name": "Thị Nguyễn Hòa"},
    ],
)
def test_two_slips_or_other_data_are_not_repaired(slips: dict[str, Any]) -> None:
    decision = decided(typed(**slips))
    assert decision.grade is Grade.MISMATCH
    assert all(one.reason for one in decision.attributes)


def test_vu_and_vo_hoang_and_huynh_are_different_people() -> None:
    for one, other in (("Vũ Thị Hòa", "Võ Thị Hòa"), ("Hoàng Thị Hòa", "Huỳnh Thị Hòa")):
        assert decided(typed(full_name=other), [registered(full_name=one)]).grade is Grade.MISMATCH


def test_sex_and_year_are_repaired_only_where_the_number_bears_the_registry_out() -> None:
    odd = registered(personal_id="068079000001")
    assert decided(typed(odd, sex="male"), [odd]).grade is Grade.REVIEW
    assert decided(typed(odd, birth="03/05/1979"), [odd]).grade is Grade.REVIEW


def test_two_slips_are_repaired_at_home_alone() -> None:
    slips: dict[str, Any] = {"full_name": "NGUYEN THI HOA", "birth": "05/03/1980"}
    assert decided(typed(**slips)).grade is Grade.REPAIRED
    assert decided(typed(**slips, commune_code="24770")).grade is Grade.REVIEW


def test_a_namesake_far_away_does_not_stop_a_repair() -> None:
    namesake = registered(
        personal_id="001180777123",
        full_name="Nguyễn Thị Hoa",
        province_code="01",
        district_code="011",
        commune_code="00190",
    )
    assert decided(typed(full_name="NGUYEN THI HOA"), (HOA, namesake)).grade is Grade.REPAIRED


def test_a_provisional_verdict_is_never_eligible_and_a_final_one_asks_for_no_search() -> None:
    for person in (
        typed(full_name="NGUYEN THI HOA"),
        typed(personal_id=""),
        typed(full_name="Lê Thị Mai"),
        typed(personal_id="068180000002"),
    ):
        known = {HOA_ID: [HOA]}
        first = match_person(person, known)
        assert first.search
        assert first.person is None
        assert first.grade not in ELIGIBLE_GRADES
        assert match_person(person, known, Found(people=[], more=False)).search == ()


def test_nothing_to_search_by_makes_a_final_verdict() -> None:
    nameless = typed(full_name="", personal_id="", birth="", commune_code="")
    decision = match_person(nameless, {})
    assert (decision.grade, decision.search) == (Grade.MISSING_ID, ())


def test_only_numbers_that_can_be_somebodys_are_looked_up() -> None:
    assert lookup_numbers(typed()) == (HOA_ID,)
    assert lookup_numbers(typed(personal_id="68180000001")) == (HOA_ID,)
    assert lookup_numbers(typed(personal_id="250 123 456")) == ("250123456",)
    for text in ("", "0912345678", "không có", "DN4790123456789", "000000000000", "6.8180E+10"):
        assert lookup_numbers(typed(personal_id=text)) == ()
    assert (
        lookup_numbers(typed(nationality="US", personal_id="", passport_number="C49791559")) == ()
    )
