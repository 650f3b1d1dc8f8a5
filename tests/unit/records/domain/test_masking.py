"""What is hidden is hidden for good, and never taken for data."""

from datetime import date

import pytest

from contracts.masks import mask_birth, mask_number, mask_registered
from services.records.domain.masking import FIELDS, masked_person, masked_refused, masked_row
from services.records.domain.parse_row import parse_row
from tests.support.files import typed

TODAY = date(2022, 5, 1)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("040176098696", "040*******96"), ("0912345678", "091*****78"), ("C01X00T47", "*******47"),
        ("12345", "***45"),
        ("1234", "****"), ("", ""),
    ],
)  # fmt: skip
def test_of_a_number_never_more_than_half_is_shown(number: str, shown: str) -> None:
    assert mask_number(number) == shown
    assert not number or 2 * shown.count("*") >= len(number)


def test_of_a_registered_number_only_the_place_of_registration_is_shown() -> None:
    assert mask_registered("040176098696") == "040*********"
    assert mask_registered("") == ""


@pytest.mark.parametrize(
    ("birth", "shown"),
    [
        ("03/05/1980", "**/**/1980"), ("1980-05-03", "1980-**-**"), ("05/1980", "**/1980"), ("1980",
        "1980"), ("30/02/1950", "**/**/1950"),
        ("29344", "*****"), ("3/5/80", "*/*/**"), ("", ""),
    ],
)  # fmt: skip
def test_of_a_birth_date_the_year_alone_is_shown(birth: str, shown: str) -> None:
    assert mask_birth(birth) == shown


@pytest.mark.parametrize("field", FIELDS)
def test_each_masked_cell_alone_refuses_its_row(field: str) -> None:
    whole = typed(passport_number="C01X00T47")
    masked = whole._replace(**{field: getattr(masked_row(whole), field)})
    assert parse_row(whole, today=TODAY, facilities=None).dose is not None
    told = parse_row(masked, today=TODAY, facilities=None)
    assert told.dose is None
    assert [(one.field, one.code) for one in told.errors] == [(field, "CELL_MASKED")]
    assert told.errors[0].message_vi
    assert told.errors[0].message_en


def test_a_masked_person_as_json_is_refused_field_by_field() -> None:
    raw = typed(passport_number="C01X00T47", date_of_birth="1980-05-03")
    masked = raw._replace(**{field: masked_person(raw._asdict())[field] for field in FIELDS})
    assert {one.field for one in parse_row(masked, today=TODAY, facilities=None).errors} == set(
        FIELDS
    )


def test_a_row_of_which_nothing_is_masked_and_a_star_in_a_name_are_data() -> None:
    raw = typed(full_name="Nguyễn Thị * Dụ", date_of_birth="1980", personal_id="", phone="")
    assert masked_row(raw) == raw
    assert parse_row(raw, today=TODAY, facilities=None).dose is not None


def test_in_a_row_with_shifted_columns_numbers_are_hidden_wherever_they_stand() -> None:
    raw = typed(full_name="068180000001", sex="0912 345 678", nationality="5", date_of_birth="Nữ")
    shown = masked_refused(raw)
    assert (shown.full_name, shown.sex, shown.nationality, shown.date_given) == (
        "068*******01",
        "091*******78",
        "5",
        raw.date_given,
    )
    told = parse_row(typed(full_name=shown.full_name), today=TODAY, facilities=None)
    assert [(one.field, one.code) for one in told.errors] == [("full_name", "CELL_MASKED")]
