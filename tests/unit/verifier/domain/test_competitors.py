"""A repair needs that no competitor is registered; in a whole country that must not depend on who
else shares a key.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.events import Person as Typed
from contracts.registry import MAX_KEYS, Found, Person
from contracts.words import ELIGIBLE_GRADES, Grade
from deploy.accuracy.registry import Registry
from services.verifier.domain.candidate_ranking import competitors
from services.verifier.domain.conclude_search import conclude_search
from services.verifier.domain.match_person import lookup_numbers, match_person
from services.verifier.domain.scoring import score
from tests.unit.verifier.domain.test_properties import neighbourhoods
from tests.unit.verifier.people import HOA, HOA_ID, decided, reasons, registered, typed

SYLLABLES = (
    "An",
    "Ba",
    "Cam",
    "Dung",
    "Em",
    "Giao",
    "Hai",
    "Kim",
    "Lan",
    "Mai",
    "Nga",
    "Oanh",
    "Phi",
    "Quy",
    "Sen",
)


def _many(birth: str, places: int = 1) -> list[Person]:
    """Born on one day and living elsewhere: 150 people named Nguyễn Thị …, and 90 of other families
    named … Hòa.
    """
    names = [f"Nguyễn Thị {one}{other.lower()}" for one in SYLLABLES for other in SYLLABLES[:10]]
    names += [f"{one} {other} Hòa" for one in SYLLABLES[:9] for other in SYLLABLES[:10]]
    return [
        registered(
            personal_id=f"0011800{at:05}", old_ids=[], full_name=name, date_of_birth=birth,
            province_code="01", district_code="001",
            commune_code=f"{at % places:05}",
        )
        for at, name in enumerate(names)
    ]  # fmt: skip


# namesakes next door of another birth date; who lives elsewhere under a number that is near
NAMESAKE = registered(personal_id="068180555555", old_ids=[], date_of_birth="1980-05-08")
NEIGHBOUR = replace(NAMESAKE, full_name="Nguyễn Thị Hoa", commune_code="24771")
TWIN = registered(
    personal_id="068180000004", old_ids=[], full_name="Nguyễn Thị Hoa", commune_code="24770"
)
MIDDLE_NAME = registered(personal_id="068180777777", old_ids=[], full_name="Nguyễn Minh Hòa")


@pytest.mark.parametrize(
    ("person", "competitor"),
    [
        (typed(birth="1980-05-09"), NAMESAKE),
        (typed(full_name="NGUYEN THI HOA", birth="1980-05-03", commune_code="24771"), NEIGHBOUR),
        (typed(full_name="NGUYEN THI HOA", commune_code="24771"), TWIN),
        (typed(full_name="Nguyễn Hòa"), MIDDLE_NAME),
    ],
)
def test_a_competitor_is_found_whoever_else_was_born_on_the_typed_day(
    person: Typed, competitor: Person
) -> None:
    assert decided(person, [HOA]).grade is Grade.REPAIRED
    decision = decided(person, [*_many(person.date_of_birth), HOA, competitor])
    assert decision.grade is Grade.REVIEW
    assert reasons(decision)["personal_id"] == "ID_OF_ANOTHER"
    assert decision.suggestions


@pytest.mark.parametrize(
    "slip",
    [
        {"birth": "05/03/1980"},
        {"full_name": "NGUYEN THI HOA"},
        {"full_name": "Nguyễn Hòa"},
        {"sex": "male"},
    ],
)
def test_people_elsewhere_who_were_born_on_the_typed_day_keep_no_repair_back(
    slip: dict[str, Any],
) -> None:
    person = typed(**slip)
    assert decided(person, [HOA, *_many(person.date_of_birth)]).grade is Grade.REPAIRED


def test_what_cannot_be_looked_through_goes_to_people() -> None:
    person = typed(full_name="NGUYEN THI HOA")
    decision = match_person(person, {HOA_ID: [HOA]})
    assert (
        conclude_search(person, decision, Found(people=[HOA], more=False)).grade is Grade.REPAIRED
    )
    for shown in ([HOA], []):
        cut_off = conclude_search(person, decision, Found(people=shown, more=True))
        assert (cut_off.grade, cut_off.person) == (Grade.REVIEW, None)
        assert reasons(cut_off)["personal_id"] == "ID_OF_ANOTHER"


def test_suggestions_need_not_be_looked_through() -> None:
    unknown = typed(personal_id="")
    assert decided(unknown, [HOA, *_many(unknown.date_of_birth)]).suggestions[0].person == HOA


SLIPS = (
    {"full_name": "NGUYEN THI HOA"}, {"full_name": "Nguyễn Hòa"}, {"full_name": "Nguyễn T. Hòa"},
    {"full_name": "Hòa Nguyễn Thị"},
    {"birth": "05/03/1980"}, {"birth": "1980"}, {"birth": "1980-01-01"}, {"birth": "1980-05-08"},
    {"birth": "31/02/1980"}, {"sex": "male"},
    {"sex": None}, {"full_name": "NGUYEN THI HOA", "birth": "05/03/1980"},
    {"personal_id": "250123456", "full_name": "NGUYEN THI HOA"},
)  # fmt: skip
HOMES: tuple[dict[str, Any], ...] = (
    {},
    {"commune_code": "24770"},
    {"commune_code": "00190", "district_code": "011", "province_code": "01"},
    {"commune_code": "", "district_code": "", "province_code": ""},
    {"commune_code": "", "district_code": ""},
)


@settings(max_examples=600, deadline=None)
@given(neighbourhoods(), st.sampled_from(SLIPS), st.sampled_from(HOMES), st.data())
def test_more_people_in_the_registry_never_let_a_row_through(
    people: list[Person], slip: dict[str, Any], home: dict[str, Any], data: st.DataObject
) -> None:
    holder = data.draw(st.sampled_from([HOA, *people]))
    person = typed(holder, **slip, **home)
    others = [
        one
        for one in people
        if not {one.personal_id, *one.old_ids} & {*lookup_numbers(person), holder.personal_id}
    ]
    few = (
        data.draw(st.lists(st.sampled_from(others), unique_by=lambda one: one.personal_id))
        if others
        else []
    )
    crowd = data.draw(st.sampled_from(([], _many(person.date_of_birth), _many("1980", 3))))
    if decided(person, [holder, *others, *crowd]).grade in ELIGIBLE_GRADES:
        assert decided(person, [holder, *few]).grade in ELIGIBLE_GRADES


@settings(max_examples=600, deadline=None)
@given(neighbourhoods(), st.sampled_from(SLIPS), st.data())
def test_at_home_whoever_of_the_commune_fits_as_well_is_found(
    people: list[Person], slip: dict[str, Any], data: st.DataObject
) -> None:
    """Against weighing everybody, which no registry lets us do."""
    holder = data.draw(st.sampled_from(people))
    person = typed(holder, **slip)
    first = match_person(person, Registry([holder]).by_number)
    assume(first.open is not None and first.open.but_for_competitors)
    assert first.open is not None
    assert len(first.search) <= MAX_KEYS
    near = [replace(one, commune_code=holder.commune_code) for one in people if one is not holder]
    own, *rest = (score(person, first.open.name, first.open.number, one) for one in (holder, *near))
    if competitors(own, rest):
        assert decided(person, [holder, *near]).grade not in ELIGIBLE_GRADES
