"""Whose number a guardian is told, and everybody for whom it is refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Person as Typed
from contracts.keys import person_keys
from contracts.registry import Person
from contracts.words import ELIGIBLE_GRADES, Grade
from services.verifier.api.guardian_serializers import ADVICE
from services.verifier.domain.candidate_ranking import competitors
from services.verifier.domain.guardian_rules import (
    ChildLikeness,
    GuardianCase,
    Refusal,
    keys_at,
    likeness,
    refusal,
    singled_out,
)
from services.verifier.domain.id_column import read_number
from services.verifier.domain.scoring import score
from tests.unit.verifier.people import HOA, decided, registered, typed
from vietnamese.encodings import decoded

TODAY = date(2022, 4, 1)
COMMUNE, ELSEWHERE = "24769", "24770"


def child(**other: Any) -> Person:
    """Trần Minh Anh, a girl of nine, unless told otherwise."""
    born = {
        "full_name": "Trần Minh Anh",
        "date_of_birth": "2012-09-05",
        "sex": "female",
        "personal_id": "068312000001",
        "old_ids": [],
    }
    return registered(**born | other)


ANH = child()


def asked(person: Person = ANH, **other: Any) -> Typed:
    """A child as typed: no number, no residence."""
    return typed(
        person,
        **{
            "personal_id": "",
            "province_code": "",
            "district_code": "",
            "commune_code": "",
            **other,
        },
    )


def told(*people: Person, about: Typed | None = None, commune: str = COMMUNE) -> str | None:
    """The number that is told."""
    found = singled_out(about or asked(), commune, people)
    return found.personal_id if found else None


def case(**other: Any) -> GuardianCase:
    """A child without a number, and its mother Nguyễn Thị Hòa, verified by what was typed."""
    first = {
        "child": asked(),
        "child_grade": Grade.MISSING_ID,
        "typed": typed(HOA),
        "card": None,
        "grade": Grade.EXACT,
        "guardian": HOA,
    }
    return GuardianCase(**{**first, "today": TODAY, **other})


def test_a_child_of_the_guardians_commune_who_is_the_only_one_is_told() -> None:
    assert refusal(case()) is None
    assert told(ANH) == ANH.personal_id
    for name in ("TRẦN MINH ANH", "Tra\u0302\u0300n Minh Anh", "  Trần  Minh Anh"):
        assert told(ANH, about=asked(full_name=name)) == ANH.personal_id
    assert told(ANH, about=asked(commune_code=COMMUNE)) == ANH.personal_id


def test_strangers_of_the_commune_do_not_stand_in_the_way() -> None:
    playmate = child(personal_id="068312000005", full_name="Lê Thu Hà")
    brother = child(personal_id="068212000006", full_name="Trần Minh Đức", sex="male")
    sister = child(
        personal_id="068315000007", full_name="Trần Minh Ánh", date_of_birth="2015-02-11"
    )
    assert told(ANH, playmate, brother, sister) == ANH.personal_id


@pytest.mark.parametrize(
    "other",
    [
        child(personal_id="068312000002", full_name="Trần Minh Ánh"),
        child(personal_id="068312731200", full_name="Trần Minh Châu"),
        child(personal_id="068312000003", full_name="Trần Gia Anh"),
        child(personal_id="068312000003", full_name="Trần Anh"),
        child(personal_id="068312000003", full_name="Trần Minh Bảo Anh"),
        child(personal_id="068312000003", full_name="Tràn Mịnh Ánh"),
        child(personal_id="068312000003", full_name="Minh Anh Trần"),
        child(personal_id="068212000004", sex="male"),
    ],
)
def test_twins_with_the_same_birth_date_are_refused_whichever_is_typed(other: Person) -> None:
    for which in (ANH, other):
        assert told(ANH, other, about=asked(which)) is None
        assert told(which, about=asked(which)) == which.personal_id


@pytest.mark.parametrize(
    "birth",
    ["2012-09-05", "2012-05-09", "2012-09-06", "2013-09-05", "2012", "2012-09", "2012-01-01"],
)
def test_namesakes_in_one_commune_are_refused_where_a_slip_makes_one_the_other(birth: str) -> None:
    namesake = child(personal_id="068312000002", date_of_birth=birth)
    assert told(ANH, namesake) is None


def test_a_namesake_of_another_age_or_another_commune_is_no_competitor() -> None:
    older = child(personal_id="068307000002", date_of_birth="2007-03-20")
    far_away = child(personal_id="001312000002", commune_code=ELSEWHERE)
    assert told(ANH, older, far_away) == ANH.personal_id


def test_two_children_found_are_told_neither() -> None:
    assert told(ANH, child(personal_id="068312000002")) is None


def test_a_guardian_who_is_registered_elsewhere_is_told_nothing() -> None:
    assert told(ANH, commune=ELSEWHERE) is None
    assert told(child(commune_code=""), commune="") is None
    assert told(ANH, about=asked(commune_code=ELSEWHERE)) is None


def test_a_child_who_died_is_told_nothing_and_still_a_competitor() -> None:
    assert told(child(status="died")) is None
    assert (
        told(ANH, child(personal_id="068312000002", full_name="Trần Minh Ánh", status="died"))
        is None
    )


@pytest.mark.parametrize(
    "slip",
    [
        {"full_name": "TRAN MINH ANH"},
        {"full_name": "Trần Minh Ánh"},
        {"full_name": "Trần Anh"},
        {"full_name": "Trần M. Anh"},
        {"date_of_birth": "2012-05-09"},
        {"date_of_birth": "2012-09-06"},
        {"sex": "male"},
    ],
)
def test_nothing_about_a_child_is_repaired(slip: dict[str, Any]) -> None:
    assert told(ANH, about=asked(**slip)) is None


def test_a_child_registered_by_year_alone_is_left_to_the_police() -> None:
    assert told(child(date_of_birth="2012"), about=asked(date_of_birth="2012-01-01")) is None


def test_nobody_is_singled_out_where_not_everybody_was_shown() -> None:
    assert singled_out(asked(), COMMUNE, None) is None
    assert told() is None


@pytest.mark.parametrize(
    ("expected", "otherwise"),
    [
        (Refusal.CHILD_FOREIGN, {"child": asked(nationality="LA")}),
        (Refusal.NUMBER_HOLDS, {"child_grade": Grade.EXACT}),
        (Refusal.NUMBER_HOLDS, {"child_grade": Grade.REPAIRED}),
        (Refusal.CHILD_INCOMPLETE, {"child": asked(full_name="")}),
        (Refusal.CHILD_INCOMPLETE, {"child": asked(full_name=" ' ")}),
        (Refusal.CHILD_INCOMPLETE, {"child": asked(birth="2012")}),
        (Refusal.CHILD_INCOMPLETE, {"child": asked(birth="09/2012")}),
        (Refusal.CHILD_INCOMPLETE, {"child": asked(birth="30/02/2012")}),
        (Refusal.CHILD_INCOMPLETE, {"child": asked(birth="")}),
        (Refusal.CHILD_INCOMPLETE, {"child": asked(sex=None)}),
        (Refusal.CHILD_OF_AGE, {"child": asked(birth="01/04/2004")}),
        (Refusal.GUARDIAN_CARD_DIFFERS, {"card": typed(registered(personal_id="068185000009",
        full_name="Lê Thị Mai"))}),
        (Refusal.GUARDIAN_NOT_VERIFIED, {"guardian": None}),
        (Refusal.GUARDIAN_NOT_VERIFIED, {"guardian": registered(status="died")}),
        (Refusal.GUARDIAN_NOT_OF_AGE, {"guardian": registered(date_of_birth="2004-04-02")}),
        (Refusal.GUARDIAN_NOT_OF_AGE, {"guardian": registered(date_of_birth="2004")}),
        (Refusal.GUARDIAN_NOT_OF_AGE, {"guardian": registered(date_of_birth="2004-04")}),
    ],
)  # fmt: skip
def test_nobody_is_searched_for(expected: Refusal, otherwise: dict[str, Any]) -> None:
    assert refusal(case(**otherwise)) is expected


@pytest.mark.parametrize(
    "grade", sorted(set(Grade) - {Grade.EXACT, Grade.EQUIVALENT, Grade.REPAIRED})
)
def test_only_a_guardian_whose_grade_says_who_they_are_is_verified(grade: Grade) -> None:
    assert refusal(case(grade=grade)) is Refusal.GUARDIAN_NOT_VERIFIED


def test_the_last_day_of_childhood_and_the_first_of_age() -> None:
    assert refusal(case(child=asked(birth="02/04/2004"))) is None
    for birth in ("2004-04-01", "2003", "2004-03"):
        assert refusal(case(guardian=registered(date_of_birth=birth))) is None


@pytest.mark.parametrize(
    "slip",
    [
        {"full_name": "Lê Thị Mai"},
        {"personal_id": "068185000009"},
        {"sex": "male"},
        {"birth": "17/11/1980"},
        {"personal_id": "x"},
    ],
)
def test_a_card_is_somebody_elses_where_anything_typed_says_so(slip: dict[str, Any]) -> None:
    assert refusal(case(card=typed(HOA), typed=typed(**slip))) is Refusal.GUARDIAN_CARD_DIFFERS


@pytest.mark.parametrize(
    "less",
    [Typed(), Typed(full_name="NGUYEN THI HOA"), Typed(personal_id="68180000001"), typed(HOA)],
)
def test_a_card_alone_or_with_what_agrees_is_enough(less: Typed) -> None:
    assert refusal(case(card=typed(HOA), typed=less)) is None


def test_what_the_policy_repairs_verifies_a_guardian_and_what_it_leaves_to_people_does_not() -> (
    None
):
    repaired, left = typed(HOA, full_name="NGUYEN THI HOA"), typed(HOA, full_name="Lê Thị Mai")
    assert refusal(case(typed=repaired, grade=decided(repaired).grade)) is None
    assert refusal(case(typed=left, grade=decided(left).grade)) is Refusal.GUARDIAN_NOT_VERIFIED


def test_every_refusal_says_what_to_do_in_both_languages() -> None:
    assert set(ADVICE) == set(Refusal)
    assert all(len(text) > 20 for texts in ADVICE.values() for text in texts)


NAMES = (
    "Trần Minh Anh",
    "Trần Minh Ánh",
    "Trần Anh",
    "Trần Minh Châu",
    "Lê Minh Anh",
    "Minh Anh Trần",
    "Lê Văn Tú",
    "H'Hen Niê",
    "H'Linh Niê",
)
BIRTHS = (
    "2012-09-05",
    "2012-05-09",
    "2012-09-06",
    "2013-09-05",
    "2012-01-01",
    "2012",
    "1985-09-05",
)


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Somebody easily mistaken for somebody else."""
    sex = draw(st.sampled_from(("male", "female")))
    return child(
        personal_id=f"0683{draw(st.integers(12, 13))}{draw(st.integers(0, 30)):06}",
        full_name=draw(st.sampled_from(NAMES)),
        date_of_birth=draw(st.sampled_from(BIRTHS)),
        sex=sex,
        commune_code=draw(st.sampled_from((COMMUNE, ELSEWHERE, ""))),
        status=draw(st.sampled_from(("alive", "alive", "alive", "died"))),
    )


neighbourhoods = st.lists(
    people(), min_size=1, max_size=7, unique_by=lambda person: person.personal_id
)
typings = st.builds(
    lambda name, birth, sex: asked(full_name=name, birth=birth, sex=sex),
    st.sampled_from((*NAMES, "TRẦN MINH ANH", "Tran Minh Anh")),
    st.sampled_from([birth for birth in BIRTHS if len(birth) == 10]),
    st.sampled_from(("male", "female")),
)


@settings(max_examples=500)
@given(neighbourhoods, typings)
def test_who_is_told_is_alive_at_home_as_typed_and_without_a_competitor_by_the_rule_of_doses(
    neighbours: list[Person], about: Typed
) -> None:
    one = singled_out(about, COMMUNE, neighbours)
    if one is None:
        return
    assert (one.commune_code, one.status, one.date_of_birth, one.sex) == (
        COMMUNE,
        "alive",
        about.date_of_birth,
        about.sex,
    )
    at_home = replace(about, province_code="68", district_code="681", commune_code=COMMUNE)
    own, *rest = [
        score(at_home, decoded(about.full_name), read_number(""), person)
        for person in (one, *(person for person in neighbours if person is not one))
    ]
    assert competitors(own, rest) == []
    assert decided(replace(about, personal_id=one.personal_id), neighbours).grade in ELIGIBLE_GRADES


@settings(max_examples=500)
@given(neighbourhoods, typings)
def test_more_people_in_the_commune_never_make_a_child_told_who_was_not(
    neighbours: list[Person], about: Typed
) -> None:
    everybody = singled_out(about, COMMUNE, neighbours)
    fewer = [
        person for person in neighbours if likeness(about, person) is not ChildLikeness.COMPETITOR
    ]
    assert everybody is None or singled_out(about, COMMUNE, fewer) == everybody


@given(people(), typings)
def test_the_keys_find_everybody_of_the_commune_who_counts(person: Person, about: Typed) -> None:
    keys = keys_at(COMMUNE, about)
    filed = set(person_keys(person.full_name, person.date_of_birth, person.commune_code))
    if person.commune_code == COMMUNE and likeness(about, person) is not None:
        assert filed & set(keys)
    if person.commune_code != COMMUNE:
        assert not filed & set(keys)


def test_without_a_commune_nobody_is_searched_for() -> None:
    assert keys_at("", asked()) == ()
