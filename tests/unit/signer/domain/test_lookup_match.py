import unicodedata
from datetime import date
from typing import Any

import pytest

from services.signer.domain.lookup_match import (
    CertifiedPerson,
    LookupDetails,
    birth_key,
    name_key,
    same_person,
)

KNOWN = CertifiedPerson("Nguyễn Thị Hòa", "1980-05-03", "female", date(2021, 8, 1))
ASKED = LookupDetails("Nguyễn Thị Hòa", "1980-05-03", "female", date(2021, 8, 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Thị Hòa", "NGUYỄN THỊ HOÀ"),
        ("Nguyễn Thị Hòa", unicodedata.normalize("NFD", "nguyễn  thị hoà ")),
        ("Lê Thuý", "Lê Thúy"),
        ("Đỗ Quyên", "Ðỗ Quyên"),
        ("H'Hen Niê", "H’HEN NIÊ"),
        ("Trấn", "Tra\u0301\u0302n"),
        ("Lê\u00a0Anh", "Lê\u200b Anh"),
    ],
)
def test_spellings_of_one_name_are_equal(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Thị Hòa", "Nguyễn Thị Hoa"),
        ("Nguyễn Thị Hòa", "Nguyen Thi Hoa"),
        ("Trần Văn Hùng", "Trần Hùng Văn"),
        ("Lý", "Lí"),
        ("Dung", "Dũng"),
        ("Đạt", "Dạt"),
        ("Thương", "Thuông"),
        ("Hoàng", "Huỳnh"),
    ],
)
def test_names_that_sound_alike_are_not(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("03/05/1980", "1980-05-03"),
        ("3/5/1980", "1980-05-03"),
        ("03-05-1980", "1980-05-03"),
        ("1980-05-03", "1980-05-03"),
        ("05/1980", "1980-05"),
        ("1980", "1980"),
        ("30/02/1980", "30/02/1980"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_birth_date_is_read_as_it_is_written_in_viet_nam_or_by_iso(typed: str, iso: str) -> None:
    assert birth_key(typed) == iso


def test_the_same_facts_are_the_same_person() -> None:
    assert same_person(ASKED, KNOWN)


@pytest.mark.parametrize(
    "changed",
    [
        {"full_name": "Nguyễn Thị Hoa"},
        {"date_of_birth": "1980-03-05"},
        {"date_of_birth": "1980"},
        {"sex": "male"},
        {"last_dose": date(2021, 7, 1)},
    ],
)
def test_one_fact_that_differs_is_another_person(changed: dict[str, Any]) -> None:
    assert not same_person(ASKED._replace(**changed), KNOWN)


def test_a_sex_that_is_not_on_record_matches_none() -> None:
    assert not same_person(ASKED, KNOWN._replace(sex=None))
