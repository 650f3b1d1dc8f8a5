"""Codes of facilities, areas and lots in every form that spreadsheets and clerks give them; what
may be two codes is none.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.domain.field_parsers import (
    read_area,
    read_facility,
    read_lot,
    read_number,
    read_phone,
)
from services.records.domain.row_error import Unread
from vietnamese.cells import bare_number
from vietnamese.provinces import PROVINCES

FULL_WIDTH = str.maketrans({code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
FORMS = st.sampled_from([
    "{}", "'{}", "’{}", '="{}"', "={}", '"{}"', " {} ", "\u00a0{}", "\u200b{}", "{}\ufeff",
    "\u2060{}\u200e", "\u3000{}\t",
])  # fmt: skip


def hidden(code: str, form: str, wide: bool) -> str:
    return form.format(code.translate(FULL_WIDTH) if wide else code)


@given(st.sampled_from(sorted(PROVINCES)), st.integers(0, 999), FORMS, st.booleans())
def test_a_facilitys_code_is_itself_in_every_form_of_a_cell(
    province: str, number: int, form: str, wide: bool
) -> None:
    code = f"{province}{number:03}"
    for written in (
        code,
        f"{code}.0",
        f"{code[:2]}-{code[2:]}",
        f"{code[:2]} {code[2:]}",
        f"{code[:2]}.{code[2:]}",
        code.lstrip("0"),
    ):
        assert read_facility(hidden(written, form, wide)) == code, written


@pytest.mark.parametrize(
    "written",
    ["TYT 68001", "68001 - Trạm y tế", "68001 – Trạm y tế xã 3", "Trạm y tế xã 3 - 68001",
     "TYT68001", "Mã CSYT: 68001", "(68001)", "68001;",
     "6 8 0 0 1", "68-001 Trạm y tế", "TYT ６８００１"],
)  # fmt: skip
def test_words_around_one_code_are_not_in_its_way(written: str) -> None:
    assert read_facility(written) == "68001"


@pytest.mark.parametrize(
    "written",
    ["68001/68002", "68001, 68002", "68001 và 68002", "68001-01", "68001A", "A68001", "068001",
     "0912345678", "091 23 45678", "1/2021", "68001.5",
     "1001.5", "05/08/2021", "TYT 1001", "3801", "680", "Trạm y tế xã 3", "٦٨٠٠١", "068180000001",
     "6" * 1_000],
)  # fmt: skip
def test_what_may_be_another_code_or_none_is_no_facility(written: str) -> None:
    assert read_facility(written) is Unread.UNREADABLE


def test_a_zero_is_put_back_only_before_a_province_that_there_is() -> None:
    assert (read_facility("1001"), read_facility("1001.0"), read_facility("1.001")) == (
        "01001",
        "01001",
        "01001",
    )
    assert read_facility("3001") is Unread.UNREADABLE
    assert read_facility("99001") is Unread.UNKNOWN
    assert read_facility("\u200b") is read_facility("'") is Unread.MISSING


@given(
    st.from_regex(re.compile(r"[A-Z]{0,3}[0-9]{4,8}[A-Z]?"), fullmatch=True),
    FORMS,
    st.booleans(),
    st.booleans(),
)
def test_a_lot_is_itself_in_every_form_of_a_cell(
    lot: str, form: str, wide: bool, small: bool
) -> None:
    for written in (lot, f"Lot: {lot}", f"Số lô {lot}", f"lô {lot}", f"{lot}.", f"({lot})"):
        assert read_lot(hidden(written.lower() if small else written, form, wide)) == lot, written


@pytest.mark.parametrize(
    ("written", "lot"),
    [("3001234.0", "3001234"), ("FK 0050", "FK0050"), ("FK\u00a00050", "FK0050"),
     ("ABV.0041", "ABV-0041"), ("ABV/0041", "ABV-0041"),
     ("ABV_0041", "ABV-0041"), ("ABV - 0041", "ABV-0041"), ("ABV–0041", "ABV-0041"),
     ("Batch No. FK0050", "FK0050"), ("LOT-0041", "LOT-0041"),
     ("3001 234", "3001234"), ("So\u0302\u0301 lo\u0302: FK0050", "FK0050")],
)  # fmt: skip
def test_a_lots_signs_are_read_where_it_is_clear_what_is_meant(written: str, lot: str) -> None:
    assert read_lot(written) == lot


@pytest.mark.parametrize(
    "written",
    ["FK0050 FK0051", "FK0050/FK0051", "FK0050, FK0051", "Pfizer FK0050", "FK0050 (HSD 12/2021)",
     "05/08/2021", "05 08 2021", "0912 345 678",
     "079 085 123 456", "Pfizer 2", "Mui 2", "KHONG CO", "không có", "ßtest", "А123456", "A1",
     "3E+06", "3.001234E+06", "FK0050+", "L" * 1_000],
)  # fmt: skip
def test_what_may_be_two_lots_a_day_or_words_is_no_lot(written: str) -> None:
    assert read_lot(written) is Unread.UNREADABLE


@pytest.mark.parametrize(
    ("written", "digits", "code"),
    [("1", 2, "01"), ("1.0", 2, "01"), ("'79", 2, "79"), ("７９", 2, "79"),
     ('="24769"', 5, "24769"),
     ("52.0", 5, "00052"),
     ("79 - TP.HCM", 2, "79"), ("Hồ Chí Minh (79)", 2, "79"), ("\u200b", 2, "")],
)  # fmt: skip
def test_an_areas_code_is_read_in_its_forms(written: str, digits: int, code: str) -> None:
    assert read_area(written, digits) == code


@pytest.mark.parametrize(
    ("written", "digits"),
    [("Quận 10", 3), ("Phường 10", 2), ("760 - Quận 1", 3), ("79/80", 2), ("abc", 5)],
)
def test_a_number_in_a_name_is_no_areas_code(written: str, digits: int) -> None:
    assert read_area(written, digits) is Unread.UNREADABLE


@pytest.mark.parametrize(
    "written",
    [
        "2",
        "'2",
        '="2"',
        "2.0",
        "2,0",
        "02",
        "２",
        "\u200b2",
        "Mũi 2",
        "mũi thứ hai",
        "II",
        "2nd",
        "Mũi số 2",
        "thứ 2",
    ],
)
def test_a_dose_number_is_read_in_its_forms(written: str) -> None:
    assert read_number(written) == 2


@pytest.mark.parametrize("written", ["1 0", "10", "1.5", "1/2", "mũi nhắc lại", "2²", "x"])
def test_what_is_no_one_dose_number_is_none(written: str) -> None:
    assert read_number(written) is Unread.UNREADABLE


@pytest.mark.parametrize(
    "written",
    [
        "912345678",
        "912345678.0",
        "'0912345678",
        "０９１２３４５６７８",
        "+84 912 345 678",
        "\u200b0912.345.678",
        '="0912345678"',
    ],
)
def test_a_telephone_number_is_one_in_its_forms(written: str) -> None:
    assert read_phone(written) == "0912345678"


@pytest.mark.parametrize(
    ("written", "number"),
    [("'068180000001", "068180000001"), ('="068180000001"', "068180000001"),
     ("０６８１８０００００01", "068180000001"),
     ("\ufeff068180000001\u200b", "068180000001"), ("68180000001.0", "68180000001"),
     ("\u00a0068180000001\u00a0", "068180000001")],
)  # fmt: skip
def test_the_form_of_a_cell_is_no_part_of_a_persons_number(written: str, number: str) -> None:
    assert bare_number(written) == number


@pytest.mark.parametrize(
    "number",
    [
        "068 180 000 001",
        "068.180.000.001",
        "068-180-000-001",
        "7.90851E+10",
        "68180000001",
        "không có",
        "-",
        "CCCD 068180000001",
        "12.50",
    ],
)
def test_what_somebody_typed_into_a_persons_number_stays(number: str) -> None:
    assert bare_number(number) == number
