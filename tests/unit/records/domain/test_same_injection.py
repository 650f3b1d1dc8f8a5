"""Whether two rows under one record code are about one injection of one person."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.domain.dose import ValidDose
from services.records.domain.parse_row import parse_row
from services.records.domain.same_injection import Relation, relation
from tests.support.files import typed

SAME, INJECTION, PERSON = Relation.SAME, Relation.ANOTHER_INJECTION, Relation.ANOTHER_PERSON
HOA: dict[str, str] = {
    "full_name": "Nguyễn Thị Hòa",
    "date_of_birth": "03/05/1980",
    "personal_id": "068180000001",
}
LAN: dict[str, str] = {
    "full_name": "Trần Thị Lan",
    "date_of_birth": "11/10/1970",
    "personal_id": "079170984403",
}
NEXT_DAY: dict[str, str] = {"date_given": "13/10/2021"}
NEXT_DOSE: dict[str, str] = {"date_given": "09/09/2021", "dose_number": "1"}


def dose(*parts: dict[str, str], **fields: str) -> ValidDose:
    merged: dict[str, Any] = {}
    for part in (*parts, fields):
        merged |= part
    read = parse_row(typed(**merged), today=date(2022, 6, 1), facilities=None).dose
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (HOA, SAME),
        # corrections of one attribute, and slips of all of them
        ({**HOA, "full_name": "NGUYEN THI HOA"}, SAME),
        ({**HOA, "full_name": "Nguyễn Hòa"}, SAME),
        ({**HOA, "full_name": "Hòa Nguyễn Thị"}, SAME),
        ({**HOA, "full_name": "NguyÔn ThÞ Hßa"}, SAME),
        ({**HOA, "full_name": "Lê Văn Bình"}, SAME),
        ({**HOA, "date_of_birth": "05/03/1980"}, SAME),
        ({**HOA, "date_of_birth": "1980"}, SAME),
        ({**HOA, "date_of_birth": ""}, SAME),
        ({**HOA, "date_of_birth": "24/12/1991"}, SAME),
        ({**HOA, "personal_id": ""}, SAME),
        ({**HOA, "personal_id": "68180000001"}, SAME),
        ({**HOA, "personal_id": "068180000010"}, SAME),
        ({**HOA, "personal_id": "161234567"}, SAME),
        ({**HOA, "personal_id": "0912000000"}, SAME),
        ({**HOA, **NEXT_DAY}, SAME),
        ({**HOA, "dose_number": "1"}, SAME),
        # the patient's number typed for the dose's
        ({**HOA, **NEXT_DOSE}, INJECTION),
        # somebody else
        (LAN, PERSON),
        ({**LAN, "personal_id": HOA["personal_id"]}, PERSON),
        ({**LAN, "date_of_birth": HOA["date_of_birth"]}, PERSON),
        ({**LAN, "full_name": HOA["full_name"]}, PERSON),
        ({**LAN, "personal_id": "", "date_of_birth": ""}, PERSON),
        ({**LAN, "personal_id": "", "date_of_birth": "1980"}, PERSON),
        # a namesake of one birth date, whose number is no slip
        ({**HOA, "personal_id": "084162783761"}, PERSON),
        # on another day one difference is enough where nothing speaks for the same person
        (
            {"full_name": HOA["full_name"], "date_of_birth": "1961", "personal_id": "", **NEXT_DAY},
            PERSON,
        ),
        ({"full_name": HOA["full_name"], "date_of_birth": "1961", "personal_id": ""}, SAME),
    ],
)
def test_what_a_row_says_decides_whose_it_is(row: dict[str, str], expected: Relation) -> None:
    assert relation(dose(HOA), dose(row), verified=True) is expected


def test_a_number_that_was_refused_is_what_corrections_correct() -> None:
    row = dose(HOA, personal_id="084162783761")
    assert relation(dose(HOA), row, verified=False) is SAME
    assert relation(dose(HOA), row, verified=True) is PERSON


def test_foreigners_are_told_apart_by_their_passports() -> None:
    anna = {
        "nationality": "Đức",
        "full_name": "Müller Anna",
        "date_of_birth": "1990",
        "personal_id": "",
    }
    first, again = (
        dose(anna, passport_number="C01X00T47"),
        dose(anna, passport_number="c01 x00-t47"),
    )
    other = dose(anna, full_name="Meier Eva", passport_number="L9ZZZ1234")
    assert relation(first, again, verified=True) is SAME
    assert relation(first, other, verified=True) is PERSON


people = st.fixed_dictionaries(
    {
        "full_name": st.sampled_from(
            ["Nguyễn Thị Hòa", "Trần Lan", "Lê Văn Bình", "Hoa", "Phạm Minh Châu"]
        ),
        "date_of_birth": st.sampled_from(
            ["", "1980", "03/05/1980", "05/03/1980", "24/12/1991", "30/02/1950"]
        ),
        "personal_id": st.sampled_from(
            ["", "068180000001", "68180000001", "161234567", "079170984403", "không có"]
        ),
        "date_given": st.sampled_from(["12/10/2021", "13/10/2021"]),
        "dose_number": st.sampled_from(["1", "2"]),
    }
)


@given(people, people, st.booleans())
def test_it_is_the_same_whichever_came_first(
    one: dict[str, str], other: dict[str, str], verified: bool
) -> None:
    first, second = dose(one), dose(other)
    assert relation(first, second, verified=verified) is relation(second, first, verified=verified)
    assert relation(first, first, verified=verified) is SAME
