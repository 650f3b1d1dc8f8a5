"""Whom one officer may confirm, whom two, and for whom each must say why."""

from dataclasses import replace

import pytest

from contracts.events import Person
from contracts.registry import Person as Registered
from services.verifier.domain.confirmation_policy import (
    TABLE,
    Confirmation,
    Standing,
    confirmation,
    passes_as_typed,
    standing,
)

TAM = Registered(
    personal_id="068180000011",
    full_name="Nguyễn Thị Tâm",
    date_of_birth="1980-05-03",
    sex="female",
    old_ids=("250123456",),
)
TYPED = Person(
    full_name="Nguyễn Thị Tâm",
    date_of_birth="1980-05-03",
    date_precision="day",
    sex="female",
    personal_id="068180000011",
)
OTHER_NAME, OTHER_BIRTH = {"full_name": "Quách Tĩnh"}, {"date_of_birth": "1951-11-30"}
NUMBERLESS, OLD = {"personal_id": ""}, {"personal_id": "250123456"}

WHO = {
    "typed as registered": (TYPED, (), Standing.HOLDER),
    "another name, the same birth date": (replace(TYPED, **OTHER_NAME), (), Standing.HOLDER),
    "another birth date, the same name": (replace(TYPED, **OTHER_BIRTH), (), Standing.HOLDER),
    "no birth date, the same name": (
        replace(TYPED, date_of_birth="", date_precision="missing"),
        (),
        Standing.HOLDER,
    ),
    "another name and birth date": (
        replace(TYPED, **OTHER_NAME, **OTHER_BIRTH),
        (),
        Standing.HOLDER_UNLIKE,
    ),
    "another name and birth date, and yet suggested": (
        replace(TYPED, **OTHER_NAME, **OTHER_BIRTH),
        (TAM.personal_id,),
        Standing.HOLDER_UNLIKE,
    ),
    "another name and no birth date": (
        replace(TYPED, **OTHER_NAME, date_of_birth="", date_precision="missing"),
        (),
        Standing.HOLDER_UNLIKE,
    ),
    "the old number": (replace(TYPED, **OLD), (), Standing.SUGGESTED),
    "the old number, another name and birth date": (
        replace(TYPED, **OLD, **OTHER_NAME, **OTHER_BIRTH),
        (),
        Standing.HOLDER_UNLIKE,
    ),
    "no number, suggested": (replace(TYPED, **NUMBERLESS), (TAM.personal_id,), Standing.SUGGESTED),
    "no number, suggested under an old number": (
        replace(TYPED, **NUMBERLESS),
        ("250123456",),
        Standing.SUGGESTED,
    ),
    "no number, and nobody's idea": (
        replace(TYPED, **NUMBERLESS),
        ("068180000012",),
        Standing.STRANGER,
    ),
    "another's number": (replace(TYPED, personal_id="068180000012"), (), Standing.STRANGER),
    "a number whose zero was lost": (
        replace(TYPED, personal_id="68180000011"),
        (),
        Standing.HOLDER,
    ),
}


@pytest.mark.parametrize("name", WHO)
def test_what_a_registered_person_is_to_the_typed_one(name: str) -> None:
    typed, suggested, expected = WHO[name]
    assert standing(typed, TAM, suggested) is expected


def test_every_standing_says_what_a_confirmation_takes() -> None:
    assert set(TABLE) == set(Standing)
    assert all(takes.officers == 2 for takes in TABLE.values() if takes.reason)
    assert {what for what, takes in TABLE.items() if takes.officers == 1} == {
        Standing.HOLDER,
        Standing.AS_TYPED,
    }


@pytest.mark.parametrize("what", Standing)
def test_a_change_of_person_always_takes_two_officers_and_no_reason_more(what: Standing) -> None:
    assert confirmation(what, person_changed=True) == Confirmation(2, TABLE[what].reason)
    assert confirmation(what, person_changed=False) == TABLE[what]


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        (
            Person(
                full_name="Anna",
                date_of_birth="1990",
                date_precision="year",
                nationality="DE",
                passport_number="C01X00T47",
            ),
            True,
        ),
        (
            Person(full_name="Anna", date_of_birth="1990", date_precision="year", nationality="DE"),
            False,
        ),
        (Person(full_name="Anna", nationality="DE", passport_number="C01X00T47"), False),
        (replace(TYPED, nationality="DE"), False),
        (replace(TYPED, personal_id="", passport_number="C01X00T47"), False),
    ],
)
def test_only_a_foreigner_who_would_go_on_is_confirmed_as_typed(
    typed: Person, passes: bool
) -> None:
    assert passes_as_typed(typed) is passes
