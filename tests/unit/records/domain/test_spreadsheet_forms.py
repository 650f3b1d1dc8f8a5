"""What a spreadsheet makes of a cell is the same in another form; what a person typed is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.domain.damaged_dates import dates_are_damaged
from services.records.domain.spreadsheet_forms import is_form_of, restored
from tests.support.files import typed


@pytest.mark.parametrize(
    ("field", "record", "cell"),
    [
        ("source_id", "00012", "12"), ("source_id", "12E4567", "1.79769313486232E+308"),
        ("source_id", "12E4567", "1,79769E+308"),
        ("source_id", "1E5", "100000"), ("source_id", "12E-400", "0"), ("source_id",
        "12345678901234567", "1.23456789012346E+016"),
        ("source_id", "12345678901234567", "12345678901234600"), ("source_id", "1,234,567",
        "1234567"), ("source_id", "1,5", "1.5"),
        ("source_id", "1-2-3", "2003-02-01"), ("source_id", "1-2-3", "01/02/2003"), ("source_id",
        "1/2", "2026-02-01"),
        ("source_id", "3/5", "05/03/2026"), ("source_id", "MAR-21", "2026-03-21"), ("source_id",
        "1-MAR-21", "03/01/2021"),
        ("source_id", "12:30", "12:30:00 PM"), ("source_id", "13:05", "01:05:00 CH"),
        ("lot", "0012", "12"), ("lot", "2021-08", "2021-08-01"), ("lot", "2021-08", "01/08/2021"),
        ("lot", "9E300", "9E+300"),
        ("personal_id", "079085100044", "7.90851E+10"), ("phone", "02838123456", "2838123456"),
        ("facility_code", "01001", "1001"),
        ("date_of_birth", "03/05/1980", "1980-05-03"), ("date_of_birth", "05/1970", "1970-05-01"),
        ("date_of_birth", "03/05/1980", "29344"),
        ("date_given", "03/05/2021", "2021-05-03"), ("date_given", "03/05/2021", "3/5/21"),
    ],
)  # fmt: skip
def test_what_spreadsheets_make_of_a_cell_is_known_again_and_never_the_other_way(
    field: str, record: str, cell: str
) -> None:
    assert is_form_of(field, cell, record)
    sent, before = typed()._replace(**{field: cell}), typed()._replace(**{field: record})
    assert restored(sent, before) == before


@pytest.mark.parametrize(
    ("field", "record", "cell"),
    [
        ("personal_id", "79085100044", "079085100044"), ("personal_id", "079085100044",
        "79085100045"), ("personal_id", "0123", ""),
        ("personal_id", "", "123"), ("lot", "12", "0012"), ("lot", "2021-08", "2021-09-01"), ("lot",
        "2021-08", "2021-08-02"),
        ("lot", "ABV12", "ABV1"), ("source_id", "1-2-3", "2004-02-01"), ("source_id", "12E45",
        "1.79769313486232E+308"),
        ("source_id", "12:30", "12:31:00"), ("source_id", "00E12", "1"), ("phone", "0912000000",
        "0912000001"),
        ("date_of_birth", "03/05/1980", "05/03/1980"), ("date_of_birth", "1970", "1970-01-01"),
        ("date_of_birth", "05/1970", "1970-05-02"),
        ("date_of_birth", "05/1970", "1970"), ("date_of_birth", "03/05/1980", "5/3/80"),
        ("date_of_birth", "30/02/1950", "1950-03-02"),
        ("date_given", "03/05/2021", ""), ("full_name", "0012", "12"), ("dose_number", "2", "2.0"),
    ],
)  # fmt: skip
def test_what_people_typed_stays(field: str, record: str, cell: str) -> None:
    assert not is_form_of(field, cell, record)
    sent, before = typed()._replace(**{field: cell}), typed()._replace(**{field: record})
    assert restored(sent, before) == sent


@given(st.integers(1, 10**14), st.integers(1, 4))
def test_lost_zeros_are_a_form_and_zeros_put_in_front_are_none(number: int, zeros: int) -> None:
    whole = "0" * zeros + str(number)
    assert is_form_of("source_id", str(number), whole)
    assert not is_form_of("source_id", whole, str(number))


@given(
    st.text("0123456789.,-/:E+ AMPRCHSjan", max_size=70),
    st.text("0123456789.,-/:E+ AMPRCHSjan", max_size=70),
)
def test_any_two_texts_are_compared_without_an_error(new: str, old: str) -> None:
    assert is_form_of("source_id", new, old) in (True, False)
    assert is_form_of("date_of_birth", new, old) in (True, False)


def file(*dates: tuple[str, str, str, str]) -> bool:
    """Of (birth sent, on record, day given sent, on record)."""
    return dates_are_damaged(
        (
            typed(date_of_birth=birth, date_given=day),
            typed(date_of_birth=birth_on_record, date_given=day_on_record),
        )
        for birth, birth_on_record, day, day_on_record in dates
    )


TURNED = ("1980-05-03", "05/03/1980", "2021-06-05", "06/05/2021")
AS_IT_WAS = ("05/03/1980", "05/03/1980", "06/05/2021", "06/05/2021")


@pytest.mark.parametrize(
    ("rows", "damaged"),
    [
        ([TURNED] * 3, True),
        ([TURNED], False),  # two dates of one row: an ordinary correction
        ([*[TURNED] * 8, AS_IT_WAS], True),
        ([*[TURNED] * 3, AS_IT_WAS], False),
        # days past the twelfth stay text in a workbook, and become no day in a CSV
        ([*[TURNED] * 2, *[("25/12/1980", "25/12/1980", "25/12/2021", "25/12/2021")] * 9], True),
        ([("12/25/1980", "25/12/1980", "12/25/2021", "25/12/2021")] * 2, True),
        ([("5/3/80", "03/05/1980", "25/12/2021", "25/12/2021")] * 3, True),
        # births alone: what people correct most
        ([("1980-05-03", "05/03/1980", "25/12/2021", "25/12/2021")] * 9, False),
        # one day for both: nothing to tell by
        ([("05/05/1980", "05/05/1980", "06/06/2021", "06/06/2021")] * 9, False),
        (
            [("1970", "1970", "2021-06-05", "06/05/2021"), ("", "", "2021-06-05", "06/05/2021")],
            False,
        ),
        ([("1970", "1970", "2021-06-05", "06/05/2021")] * 3, True),
        ([], False),
    ],
)
def test_a_file_is_damaged_where_nearly_all_its_dates_are_changed_over(
    rows: list[tuple[str, str, str, str]], damaged: bool
) -> None:
    assert file(*rows) is damaged
