"""The quick way of reading a row says what the tables of rules say, no more and no less."""

import re
import tracemalloc
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.dose_rules import RULES
from services.records.domain.parse_fast import COMPARED, REMEMBERED, parse_fast
from services.records.domain.parse_row import ParseResult, parse_row
from tests.support.files import typed
from vietnamese.dates import read_birth, read_day_first

TODAY = date(2022, 6, 1)
LISTED = frozenset({"68001", "79001"})
ODD = (
    "", "x", "0", "1", "3", "8", "1.0", "Mũi 4", "Bổ sung", "Nhắc lại lần 1", "booster", "Nam", "F",
    "Hoa Kỳ", "FR", "Atlantis", "Janssen",
    "Abdala", "Sinovac", "Pfizer", "Pfizer hoặc Moderna", "Pfizer\ufffd", "fk0041", "FK?", "68",
    "5", "05", "672", "24769", "68001",
    "79001", "99001", "6801", "٦٨", "C49791559", "0912 000 000", "+84912000000", "12/10/2021",
    "2021-10-12", "12/10/2021 08:00:00",
    "44481", "1950", "05/1950", "30/02/1950", "29/02/1980", "29/02/1981", "31/04/1980",
    "31/12/1899", "01/01/1900", "1899", "1900",
    "30/02/1899", "07/03/2021", "08/03/2021", "01/06/2022", "02/06/2022", "11/10/2021",
    "13/10/2021", "2021", "2022", "10/2021", "11/2021",
    "Nguyễn\u00a0Văn", "Nguy\u00e1\u00bb\u0085n", "a\tb", "12\t/10/2021", "12\x0b/10/2021",
    "a\x00b", "\ud800", "\ufffd", "x" * 64,
    "x" * 65, "x" * 120, "x" * 200, "x" * 201, "'x", "'68001", '="x"', "=", "'", "\u200b",
    "\u200b\ufeff", "x\u200b", "’", "５", "68001.0", "1.0",
    "2021-10-11T17:00:00Z", "12/10/21", "TYT 68001", "Lot: FK0041", "12 tháng 10 năm 2021",
    "079*****3456", "1001",
)  # fmt: skip
odd = st.sampled_from(ODD) | st.text(max_size=8)


def changed(row: Raw, changes: dict[str, str]) -> Raw:
    return row._replace(**changes)


rows = st.builds(
    changed, st.just(typed()), st.dictionaries(st.sampled_from(FIELDS), odd, max_size=4)
)


def by_the_tables(raw: Raw, facilities: frozenset[str] | None) -> ParseResult:
    with patch("services.records.domain.parse_row.parse_fast", return_value=None):
        return parse_row(raw, today=TODAY, facilities=facilities)


@given(rows, st.sampled_from([None, LISTED]))
@example(typed(date_of_birth="02/06/2022", date_given="02/06/2022"), None)
def test_a_row_is_told_the_same_whichever_way_it_is_read(
    raw: Raw, facilities: frozenset[str] | None
) -> None:
    assert parse_row(raw, today=TODAY, facilities=facilities) == by_the_tables(raw, facilities)


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_stands_in_one_field_the_row_is_told_the_same(field: str) -> None:
    for text in ODD:
        raw = typed()._replace(**{field: text})
        assert parse_row(raw, today=TODAY, facilities=LISTED) == by_the_tables(raw, LISTED), text


def test_every_rule_is_known_to_the_quick_way() -> None:
    remembered = {rule.error.code for rule in REMEMBERED}
    assert remembered == {"NUMBER_NOT_OF_KIND", "NUMBER_BEYOND_PRODUCT"}
    assert COMPARED | remembered == {rule.error.code for rule in RULES}
    assert not COMPARED & remembered


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"full_name": "NGUYỄN VĂN AN"}, {"date_of_birth": "1950"}, {"date_of_birth": ""},
        {"sex": ""}, {"personal_id": "không có"},
        {"nationality": "Hàn Quốc", "personal_id": "M123"}, {"phone": "+84912000000"},
        {"commune_code": ""}, {"date_given": "2021-10-12"},
    ],
)  # fmt: skip
def test_rows_as_most_are_take_the_quick_way(fields: dict[str, Any]) -> None:
    assert parse_fast(typed(**fields), TODAY, None) == by_the_tables(typed(**fields), None).dose


def test_every_day_typed_day_first_is_read_as_the_one_reader_of_dates_reads_it() -> None:
    for number in range((date(2100, 12, 31) - date(1899, 1, 1)).days):
        day = date(1899, 1, 1) + timedelta(days=number)
        text = f"{day:%d/%m/%Y}"
        birth = read_birth(text)
        assert birth is not None
        known = 1900 <= day.year < 2100 and not text.startswith("29/02")
        assert read_day_first(text) == (birth.text if known else None)


@given(
    st.from_regex(re.compile(r"[0-9]{1,2}[/. -]{1,2}[0-9]{1,2}[/.-][0-9 ]{2,5}"), fullmatch=True)
)
@example("31/04/1980")
@example("29/02/1981")
@example("00/01/1980")
@example("01/13/1980")
@example("01/01/198٠")
def test_what_is_no_real_day_is_left_to_the_one_reader_of_dates(text: str) -> None:
    birth = read_birth(text)
    assert read_day_first(text) in (
        None,
        birth.text if birth and birth.precision == "day" else None,
    )


@pytest.mark.parametrize("field", Raw._fields)
def test_a_cell_as_long_as_somebody_likes_is_not_remembered(field: str) -> None:
    tracemalloc.start()
    try:
        for number in range(20):
            read = parse_row(
                typed()._replace(**{field: f"{number}" + "x" * 500_000}),
                today=date(2022, 6, 1),
                facilities=None,
            )
            assert "TEXT_TOO_LONG" in {error.code for error in read.errors}
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
