"""One typed row becomes a dose, or is told why not."""

from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.products import PRODUCTS
from services.records.domain.dose import FIELDS, Raw, ValidDose, typed_row
from services.records.domain.parse_row import ParseResult, parse_odd_row, parse_row
from services.records.domain.row_error import RowError
from tests.support.files import typed

TODAY = date(2022, 6, 1)


def read(**fields: Any) -> ParseResult:
    return parse_row(typed(**fields), today=TODAY, facilities=None)


def dose(**fields: Any) -> ValidDose:
    found = read(**fields).dose
    assert found is not None
    return found


def test_a_good_row_is_a_dose_with_codes_and_iso_dates_and_the_name_as_typed() -> None:
    found = dose(full_name="NGUYEN  thi Ví Dụ", product="COVID-19 Vaccine AstraZeneca")
    assert found.person.full_name == "NGUYEN  thi Ví Dụ"
    assert (found.person.date_of_birth, found.person.date_precision, found.person.sex) == (
        "1980-05-03",
        "day",
        "female",
    )
    assert asdict(found.facts) == {
        "product": "vaxzevria", "lot": "ABV-0041", "dose_number": 2, "dose_kind": "primary",
        "date_given": date(2021, 10, 12),
    }  # fmt: skip
    assert read().errors == read().warnings == ()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"source_id": ""}, "SOURCE_ID_MISSING"),
        ({"full_name": ""}, "FULL_NAME_MISSING"),
        ({"date_of_birth": "hồi xưa"}, "DATE_OF_BIRTH_UNREADABLE"),
        ({"date_of_birth": "01/01/1800"}, "BIRTH_TOO_EARLY"),
        ({"date_of_birth": "30/02/1800"}, "BIRTH_TOO_EARLY"),
        ({"date_of_birth": "1800"}, "BIRTH_TOO_EARLY"),
        ({"date_of_birth": "02/06/2022"}, "BIRTH_IN_FUTURE"),
        ({"date_of_birth": "13/10/2021"}, "GIVEN_BEFORE_BIRTH"),
        ({"sex": "X"}, "SEX_UNREADABLE"),
        ({"nationality": "Atlantis"}, "NATIONALITY_UNKNOWN"),
        ({"dose_number": ""}, "DOSE_NUMBER_MISSING"),
        ({"dose_number": "0"}, "NUMBER_NOT_OF_KIND"),
        ({"dose_number": "8", "dose_kind": "Nhắc lại"}, "NUMBER_NOT_OF_KIND"),
        ({"dose_number": "1", "dose_kind": "Bổ sung"}, "NUMBER_NOT_OF_KIND"),
        ({"dose_number": "3"}, "NUMBER_BEYOND_PRODUCT"),
        ({"dose_number": "2", "product": "Janssen"}, "NUMBER_BEYOND_PRODUCT"),
        ({"dose_kind": "gì đó"}, "DOSE_KIND_UNREADABLE"),
        ({"product": "Sinovac"}, "PRODUCT_UNKNOWN"),
        ({"lot": "A1"}, "LOT_UNREADABLE"),
        ({"lot": "LÔ-0041"}, "LOT_UNREADABLE"),
        ({"date_given": ""}, "DATE_GIVEN_MISSING"),
        ({"date_given": "30/02/2022"}, "DATE_GIVEN_IMPOSSIBLE"),
        ({"date_given": "02/06/2022"}, "GIVEN_IN_FUTURE"),
        ({"date_given": "07/03/2021"}, "GIVEN_BEFORE_PROGRAMME"),
        ({"facility_code": "05001"}, "FACILITY_CODE_UNKNOWN"),
        ({"facility_code": "3801"}, "FACILITY_CODE_UNREADABLE"),
        ({"full_name": "Nguyễn\x00Văn A"}, "CONTROL_CHARACTER"),
        ({"source_id": "a\x1fb"}, "CONTROL_CHARACTER"),
        ({"full_name": "Nguyễn \ud800"}, "BROKEN_TEXT"),
        ({"full_name": "Nguyễn Thị H\ufffda"}, "BROKEN_TEXT"),
        ({"full_name": "x" * 201}, "TEXT_TOO_LONG"),
        ({"personal_id": "1" * 65}, "TEXT_TOO_LONG"),
    ],
)
def test_a_row_that_breaks_a_rule_is_told_which(fields: dict[str, str], code: str) -> None:
    found = read(**fields)
    assert found.dose is None
    assert found.errors[0].code == code
    assert found.errors[0].field in FIELDS
    assert found.errors[0].message_vi
    assert found.errors[0].message_en


@pytest.mark.parametrize(
    "fields",
    [
        {"dose_number": "3", "product": "Abdala"},
        {"dose_number": "3", "dose_kind": "Bổ sung"},
        {"dose_number": "7", "dose_kind": "Nhắc lại lần 3"},
        {"date_given": "08/03/2021"},
        {"date_given": "01/06/2022"},
        {"date_of_birth": "12/10/2021"},
        {"full_name": "x" * 200},
        {"personal_id": "1" * 64},
        {"full_name": "Nguy\u00e1\u00bb\u0085n"},
    ],
)
def test_what_stands_at_the_edge_of_a_rule_keeps_it(fields: dict[str, str]) -> None:
    assert read(**fields).errors == ()


def test_every_error_of_a_row_is_told_at_once() -> None:
    codes = {
        error.code
        for error in read(full_name="", lot="?", date_given="02/06/2022", product="").errors
    }
    assert codes == {"FULL_NAME_MISSING", "LOT_UNREADABLE", "GIVEN_IN_FUTURE", "PRODUCT_MISSING"}


def test_what_cannot_be_text_or_is_masked_hides_no_other_error() -> None:
    found = read(
        full_name="Nguyễn\x00\ufffd",
        personal_id="079*****3456",
        lot="?",
        date_given="02/06/2022",
        product="",
        phone="x" * 201,
    )
    assert found.dose is None
    assert sorted((error.field, error.code) for error in found.errors) == [
        ("date_given", "GIVEN_IN_FUTURE"), ("full_name", "BROKEN_TEXT"), ("full_name",
        "CONTROL_CHARACTER"), ("lot", "LOT_UNREADABLE"),
        ("personal_id", "CELL_MASKED"), ("phone", "TEXT_TOO_LONG"), ("product", "PRODUCT_MISSING"),
    ]  # fmt: skip
    assert all(error.message_vi and error.message_en for error in found.errors)


def test_a_field_of_which_it_is_known_why_it_cannot_be_read_is_not_judged_again() -> None:
    known = RowError("lot", "WRONG_SHAPE", "a", "b"), RowError("person", "WRONG_SHAPE", "a", "b")
    row = typed(lot="", full_name="", product="Sinovac")
    errors = parse_odd_row(row, today=TODAY, facilities=None, known_errors=known).errors
    assert [(error.field, error.code) for error in errors] == [
        ("lot", "WRONG_SHAPE"), ("person", "WRONG_SHAPE"), ("product", "PRODUCT_UNKNOWN"),
    ]  # fmt: skip
    row = typed()
    assert parse_odd_row(row, today=TODAY, facilities=None, known_errors=known[:1]).dose is None


@given(
    st.sets(
        st.sampled_from(
            ["full_name", "lot", "product", "date_given", "facility_code", "dose_kind", "source_id"]
        )
    ),
    st.booleans(),
)
def test_every_field_that_is_wrong_is_named_whatever_else_is(wrong: set[str], broken: bool) -> None:
    fields = dict.fromkeys(wrong, "\x01") | ({"phone": "\ufffd"} if broken else {})
    assert {error.field for error in read(**fields).errors} == set(fields)


@pytest.mark.parametrize("field", ["date_given", "date_of_birth"])
def test_a_year_of_two_digits_is_told_what_to_write(field: str) -> None:
    (error,) = read(**{field: "05/08/21"}).errors
    assert (error.field, error.code) == (field, f"{field.upper()}_YEAR_CUT")
    assert "05/08/" in error.message_vi
    assert "four digits" in error.message_en


@given(
    st.sets(st.sampled_from(["source_id", "personal_id", "phone", "lot", "facility_code",
    "date_given", "date_of_birth", "commune_code",
                             "dose_number", "province_code", "product"])),
    st.sampled_from(["'{}", '="{}"', "\u200b{}", "{}\u00a0", "\ufeff{}\u2060"]),
)  # fmt: skip
def test_the_same_row_in_another_form_of_its_cells_is_the_same_content(
    fields: set[str], form: str
) -> None:
    assert dose(**{field: form.format(getattr(typed(), field)) for field in fields}) == dose()


@pytest.mark.parametrize(
    "fields",
    [
        {"date_given": "2021-10-11T17:00:00.000Z"}, {"date_given": "12/10/2021 08:30 SA"},
        {"date_given": "44481.5"},
        {"date_given": "12 tháng 10 năm 2021"}, {"date_of_birth": "1980-05-02T17:00:00Z"},
        {"date_of_birth": "29344,25"},
        {"lot": "Số lô abv-0041"}, {"facility_code": "TYT 68001"},
        {"personal_id": "０６８１８０００００01"},
        {"province_code": "68.0"},
        {"full_name": '="Nguyễn Thị Ví Dụ"'}, {"full_name": "'Nguyễn Thị Ví Dụ"},
        {"dose_number": "2.0"}, {"phone": "912000000"},
        {"product": "COVID-19 Vaccine AstraZeneca 0,5 ml"},
    ],
)  # fmt: skip
def test_the_content_is_that_of_what_was_meant(fields: dict[str, str]) -> None:
    assert dose(**fields) == dose()


def test_a_passport_number_keeps_what_was_typed_but_not_its_cells_form() -> None:
    assert (
        dose(nationality="FR", personal_id="'C 123-4567\u200b").person.passport_number
        == "C 123-4567"
    )


@pytest.mark.parametrize(
    "field", ["source_id", "full_name", "facility_code", "lot", "product", "date_given"]
)
def test_a_cell_of_marks_that_nobody_sees_is_empty(field: str) -> None:
    assert [error.code for error in read(**{field: "\u200b\ufeff"}).errors] == [
        f"{field.upper()}_MISSING"
    ]


@pytest.mark.parametrize(
    "number",
    ["", "-", "không có", "000000000000", "7.90851E+10", "DN4790123456789", "079 085 123 456"],
)
def test_whatever_stands_in_the_id_column_goes_on_as_typed(number: str) -> None:
    assert dose(personal_id=number).person.personal_id == number


def test_a_foreigners_number_in_the_id_column_is_the_passports() -> None:
    person = dose(nationality="Hoa Kỳ", personal_id="C49791559").person
    assert (person.nationality, person.personal_id, person.passport_number) == (
        "US",
        "",
        "C49791559",
    )


def test_a_foreigner_with_both_numbers_keeps_both() -> None:
    person = dose(nationality="FR", personal_id="068180000001", passport_number="P1234567").person
    assert (person.personal_id, person.passport_number) == ("068180000001", "P1234567")


@pytest.mark.parametrize(
    ("typed_as", "text", "precision"),
    [
        ("30/02/1950", "30/02/1950", "impossible"),
        ("", "", "missing"),
        ("1950", "1950", "year"),
        ("05/1950", "1950-05", "month"),
    ],
)
def test_a_birth_date_that_people_must_complete_is_taken_with_its_precision(
    typed_as: str, text: str, precision: str
) -> None:
    person = dose(date_of_birth=typed_as).person
    assert (person.date_of_birth, person.date_precision) == (text, precision)


def test_an_area_that_is_not_known_is_left_out_with_a_warning() -> None:
    found = read(province_code="05", district_code="abc", commune_code="123")
    assert found.dose is not None
    assert [warning.code for warning in found.warnings] == [
        "PROVINCE_CODE_UNKNOWN",
        "DISTRICT_CODE_UNREADABLE",
    ]
    person = found.dose.person
    assert (person.province_code, person.district_code, person.commune_code) == ("", "", "00123")


def test_a_line_break_in_a_cell_is_a_blank() -> None:
    assert dose(full_name="Nguyễn Thị\r\nVí Dụ").person.full_name == "Nguyễn Thị Ví Dụ"


def test_a_list_of_facilities_decides_where_there_is_one() -> None:
    listed = parse_row(typed(), today=TODAY, facilities=frozenset({"68001"}))
    unlisted = parse_row(typed(), today=TODAY, facilities=frozenset({"68002"}))
    assert listed.dose is not None
    assert [error.code for error in unlisted.errors] == ["FACILITY_NOT_LISTED"]


def test_an_unknown_product_is_told_what_it_may_mean() -> None:
    assert "Comirnaty" in read(product="Pfizer hoặc Moderna").errors[0].message_vi


def test_the_content_is_the_same_for_another_spelling_of_the_same_codes() -> None:
    assert dose(sex="F", date_given="2021-10-12", product="AZD1222").content == dose().content


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("full_name", "Nguyễn Thị Ví Du"), ("sex", ""), ("personal_id", ""), ("phone", ""),
        ("nationality", "FR"), ("commune_code", ""),
        ("date_of_birth", "1980"), ("dose_number", "1"), ("lot", "ABV-0042"), ("date_given",
        "13/10/2021"), ("product", "Moderna"),
    ],
)  # fmt: skip
def test_the_content_differs_where_a_field_does(field: str, other: str) -> None:
    assert dose(**{field: other}).content != dose().content


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"nationality": "FR", "personal_id": "P123"},
        {"date_of_birth": "30/02/1950"},
        {"date_of_birth": "05/1950"},
        {"sex": "", "phone": ""},
    ],
)
def test_a_dose_typed_out_again_is_the_same_dose(fields: dict[str, str]) -> None:
    found = dose(**fields)
    again = typed_row(found.person, found.phone, found.facility_code, found.source_id, found.facts)
    assert parse_row(again, today=TODAY, facilities=None).dose == found


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_product_typed_out_is_read_as_itself(product: str) -> None:
    found = dose(product=product, dose_number="1")
    again = typed_row(found.person, found.phone, found.facility_code, found.source_id, found.facts)
    assert parse_row(again, today=TODAY, facilities=None).dose == found


def test_an_empty_row_is_an_answer_and_no_exception() -> None:
    assert parse_row(Raw(), today=TODAY, facilities=None).dose is None
