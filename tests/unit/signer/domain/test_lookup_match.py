import unicodedata
from datetime import date
from typing import Any

import pytest

from services.signer.domain.lookup_match import (
    CertifiedPerson,
    LookupDetails,
    birth_key,
    name_key,
    number_before,
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
        {"full_name": "Nguyễn Hòa"},
        {"full_name": "Nguyễn Thị Hoà Bình"},
        {"date_of_birth": "1980-05-04"},
        {"date_of_birth": "1981-05-03"},
        {"date_of_birth": "1979"},
        {"date_of_birth": ""},
        {"sex": "male"},
        {"last_dose": date(2021, 7, 1)},
    ],
)
def test_one_fact_that_differs_is_another_person(changed: dict[str, Any]) -> None:
    assert not same_person(ASKED._replace(**changed), KNOWN)


@pytest.mark.parametrize(
    "slip",
    [
        {"full_name": "NGUYEN THI HOA"},
        {"full_name": "Thị Hòa Nguyễn"},
        {"full_name": "Ng. T. Hòa"},
        {"date_of_birth": "1980"},
        {"date_of_birth": "01/01/1980"},
        {"date_of_birth": "05/03/1980"},
        {"full_name": "nguyen thi hoa", "date_of_birth": "1980"},
    ],
)
def test_what_the_verifier_repairs_and_is_nobody_elses_is_the_same_person(
    slip: dict[str, Any],
) -> None:
    assert same_person(ASKED._replace(**slip), KNOWN)


def test_of_an_old_number_fewer_slips_are_let_pass() -> None:
    with_old_card = KNOWN._replace(number=number_before("123456789"))
    assert same_person(ASKED, with_old_card)
    assert same_person(ASKED._replace(full_name="nguyen thi hoa"), with_old_card)
    two = ASKED._replace(full_name="nguyen thi hoa", date_of_birth="1980")
    assert not same_person(two, with_old_card)


def test_of_a_foreigner_no_slip_is_let_pass() -> None:
    foreigner = KNOWN._replace(number=None)
    assert same_person(ASKED, foreigner)
    assert not same_person(ASKED._replace(date_of_birth="1980"), foreigner)
    assert not same_person(ASKED._replace(full_name="nguyen thi hoa"), foreigner)


def test_a_sex_that_is_not_on_record_matches_none() -> None:
    assert not same_person(ASKED, KNOWN._replace(sex=None))
