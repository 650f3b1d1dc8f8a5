"""Who is registered just as was typed is never beaten by the number's holder on residence or on a
year alone: clinics type their own commune, or none, and 1 January.
"""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.registry import Person
from contracts.words import ELIGIBLE_GRADES, Grade
from tests.unit.verifier.domain.test_properties import edits
from tests.unit.verifier.people import decided, reasons, registered, typed

NOWHERE = {"province_code": "", "district_code": "", "commune_code": ""}
ANH = registered(full_name="Nguyễn Ánh", sex="male", personal_id="068080000001", old_ids=[])
ELSEWHERE = {"district_code": "682", "commune_code": "24800"}


def homes(*people: Person) -> list[dict[str, str]]:
    """What may be typed as the residence: where any of them lives, somewhere else, or nothing."""
    fields = ("province_code", "district_code", "commune_code")
    return [
        *({name: getattr(one, name) for name in fields} for one in people),
        NOWHERE,
        dict(zip(fields, ("01", "001", "00190"), strict=True)),
    ]


@pytest.mark.parametrize("number", ["068080000004", "068080731200"])
@pytest.mark.parametrize("residence", [ELSEWHERE, NOWHERE])
def test_a_twin_who_lives_elsewhere_is_not_outweighed_by_the_holders_commune(
    number: str, residence: dict[str, str]
) -> None:
    twin = registered(
        full_name="Nguyễn Anh", sex="male", personal_id=number, old_ids=[], **residence
    )
    for home in homes(ANH, twin):
        decision = decided(typed(twin, personal_id=ANH.personal_id, **home), [ANH, twin])
        assert decision.grade is Grade.REVIEW
        assert reasons(decision)["personal_id"] == "ID_OF_ANOTHER"
        assert decision.suggestions[0].person == twin


@pytest.mark.parametrize("name", ["NguyÔn ThÞ Hßa", "Nguyễn Thị Hòa"])
def test_who_is_as_typed_once_the_name_is_decoded_is_not_outweighed_either(name: str) -> None:
    holder = registered(date_of_birth="1980-05-08", old_ids=[])
    twin = registered(personal_id="068180731200", old_ids=[], **ELSEWHERE)
    for home in homes(holder, twin):
        assert (
            decided(
                typed(twin, full_name=name, personal_id=holder.personal_id, **home), [holder, twin]
            ).grade
            is Grade.REVIEW
        )


def test_a_namesake_who_was_born_and_lives_elsewhere_keeps_no_repair_back() -> None:
    namesake = registered(
        full_name="Nguyễn Anh", sex="male", personal_id="001080731200", old_ids=[], **ELSEWHERE
    )
    assert decided(typed(ANH, full_name="Nguyễn Anh"), [ANH, namesake]).grade is Grade.REPAIRED


@pytest.mark.parametrize("name", ["Nguyễn Thị Hoa", "NGUYEN THI HOA"])
def test_an_exact_first_of_january_says_no_more_than_a_year_alone_that_is_typed_so(
    name: str,
) -> None:
    holder = registered(personal_id="068150000001", date_of_birth="1950-01-01", old_ids=[])
    elder = registered(
        personal_id="068150731200", full_name="Nguyễn Thị Hoa", date_of_birth="1950", old_ids=[]
    )
    decision = decided(
        typed(elder, full_name=name, birth="01/01/1950", personal_id=holder.personal_id),
        [holder, elder],
    )
    assert decision.grade is Grade.REVIEW


def test_who_is_registered_with_the_typed_day_is_meant_before_who_is_with_its_year() -> None:
    holder = registered(personal_id="068150000001", date_of_birth="1950", old_ids=[])
    namesake = registered(
        personal_id="068150731200", date_of_birth="1950-01-01", old_ids=[], **ELSEWHERE
    )
    row = typed(namesake, personal_id=holder.personal_id, **NOWHERE)
    assert decided(row, [holder]).grade is Grade.REPAIRED
    assert decided(row, [holder, namesake]).grade is Grade.REVIEW


def test_a_digit_of_ones_own_old_card_makes_nobody_the_holder_of_another_card() -> None:
    holder = registered(personal_id="068150000001", date_of_birth="1950", old_ids=["250123456"])
    elder = registered(
        personal_id="068150731200",
        date_of_birth="1950",
        old_ids=["250123457"],
        commune_code="24770",
    )
    for home in homes(holder, elder):
        assert (
            decided(
                typed(elder, birth="01/01/1950", personal_id="250123456", **home), [holder, elder]
            ).grade
            is Grade.REVIEW
        )


def test_who_has_a_namesake_of_the_year_in_the_province_is_still_repaired_by_an_old_number() -> (
    None
):
    elder = registered(personal_id="068150000001", date_of_birth="1950", old_ids=["250123456"])
    namesake = registered(
        personal_id="068150731200", date_of_birth="1950", old_ids=["251987654"], **ELSEWHERE
    )
    assert (
        decided(typed(elder, birth="01/01/1950", personal_id="250123456"), [elder, namesake]).grade
        is Grade.REPAIRED
    )


@st.composite
def one_edit_apart(draw: st.DrawFn) -> tuple[Person, Person]:
    """Two people, of whom a number of the one is that of the other but for one digit, or two that
    are swapped.
    """
    names = st.sampled_from(
        ("Nguyễn Thị Hòa", "Nguyễn Thị Hoa", "Nguyễn Hòa", "Nguyễn Thu Hòa", "Hòa Nguyễn Thị")
    )
    births = st.sampled_from(
        ("1950-05-03", "1950-03-05", "1950-05-08", "1951-05-03", "1950-01", "1950", "1950-01-01")
    )
    places = st.sampled_from(({}, {"commune_code": "24770"}, ELSEWHERE, NOWHERE))
    number = draw(st.sampled_from(("068150123456", "250123456", "068050123456")))
    edited = draw(
        edits(number).filter(
            lambda one: len(one) == len(number) and one != number and one[:4] == number[:4]
        )
    )
    one, other = (
        registered(
            personal_id=own if own.startswith("0681") else current,
            old_ids=[] if own.startswith("0681") else [own],
            full_name=draw(names),
            date_of_birth=draw(births),
            **draw(places),
        )
        for own, current in ((number, "068150555555"), (edited, "068150987610"))
    )
    return one, other


@settings(max_examples=1_500, deadline=None)
@given(one_edit_apart(), st.data())
def test_no_single_edit_of_a_number_makes_a_dose_another_registered_persons(
    pair: tuple[Person, Person], data: st.DataObject
) -> None:
    """Unless the row is that person's on all four fields."""
    true, holder = pair
    assume((true.full_name, true.date_of_birth) != (holder.full_name, holder.date_of_birth))
    number = holder.old_ids[0] if holder.old_ids else holder.personal_id
    birth = "01/01/1950" if true.date_of_birth in ("1950", "1950-01") else None
    row = typed(
        true, birth=birth, personal_id=number, **data.draw(st.sampled_from(homes(true, holder)))
    )
    decision = decided(row, pair)
    if decision.grade in ELIGIBLE_GRADES:
        assert (number, row.full_name, row.date_of_birth, row.sex) == (
            holder.personal_id, holder.full_name, holder.date_of_birth, holder.sex
        )  # fmt: skip
