"""Whom one officer may confirm, whom two, and for whom each must say why."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.events import Person
from contracts.registry import Person as Registered
from services.verifier.domain.confirmation_policy import (
    TABLE,
    CandidateStanding,
    ConfirmationRule,
    confirmation_rule,
    passes_as_typed,
    standing_of,
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
OTHER_NAME: dict[str, Any] = {"full_name": "Quách Tĩnh"}
OTHER_BIRTH: dict[str, Any] = {"date_of_birth": "1951-11-30"}
NUMBERLESS: dict[str, Any] = {"personal_id": ""}
OLD: dict[str, Any] = {"personal_id": "250123456"}

WHO = {
    "typed as registered": (TYPED, (), CandidateStanding.HOLDER),
    "another name, the same birth date": (
        replace(TYPED, **OTHER_NAME),
        (),
        CandidateStanding.HOLDER,
    ),
    "another birth date, the same name": (
        replace(TYPED, **OTHER_BIRTH),
        (),
        CandidateStanding.HOLDER,
    ),
    "no birth date, the same name": (
        replace(TYPED, date_of_birth="", date_precision="missing"),
        (),
        CandidateStanding.HOLDER,
    ),
    "another name and birth date": (
        replace(TYPED, **OTHER_NAME, **OTHER_BIRTH),
        (),
        CandidateStanding.HOLDER_UNLIKE,
    ),
    "another name and birth date, and yet suggested": (
        replace(TYPED, **OTHER_NAME, **OTHER_BIRTH),
        (TAM.personal_id,),
        CandidateStanding.HOLDER_UNLIKE,
    ),
    "another name and no birth date": (
        replace(TYPED, **OTHER_NAME, date_of_birth="", date_precision="missing"),
        (),
        CandidateStanding.HOLDER_UNLIKE,
    ),
    "the old number": (replace(TYPED, **OLD), (), CandidateStanding.SUGGESTED),
    "the old number, another name and birth date": (
        replace(TYPED, **OLD, **OTHER_NAME, **OTHER_BIRTH),
        (),
        CandidateStanding.HOLDER_UNLIKE,
    ),
    "no number, suggested": (
        replace(TYPED, **NUMBERLESS),
        (TAM.personal_id,),
        CandidateStanding.SUGGESTED,
    ),
    "no number, suggested under an old number": (
        replace(TYPED, **NUMBERLESS),
        ("250123456",),
        CandidateStanding.SUGGESTED,
    ),
    "no number, and nobody's idea": (
        replace(TYPED, **NUMBERLESS),
        ("068180000012",),
        CandidateStanding.STRANGER,
    ),
    "another's number": (
        replace(TYPED, personal_id="068180000012"),
        (),
        CandidateStanding.STRANGER,
    ),
    "a number whose zero was lost": (
        replace(TYPED, personal_id="68180000011"),
        (),
        CandidateStanding.HOLDER,
    ),
}


@pytest.mark.parametrize("name", WHO)
def test_what_a_registered_person_is_to_the_typed_one(name: str) -> None:
    typed, suggested, expected = WHO[name]
    assert standing_of(typed, TAM, suggested) is expected


def test_every_standing_says_what_a_confirmation_takes() -> None:
    assert set(TABLE) == set(CandidateStanding)
    assert all(takes.officers == 2 for takes in TABLE.values() if takes.reason)
    assert {what for what, takes in TABLE.items() if takes.officers == 1} == {
        CandidateStanding.HOLDER,
        CandidateStanding.AS_TYPED,
    }


@pytest.mark.parametrize("what", CandidateStanding)
def test_a_change_of_person_always_takes_two_officers_and_no_reason_more(
    what: CandidateStanding,
) -> None:
    assert confirmation_rule(what, person_changed=True) == ConfirmationRule(2, TABLE[what].reason)
    assert confirmation_rule(what, person_changed=False) == TABLE[what]


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
