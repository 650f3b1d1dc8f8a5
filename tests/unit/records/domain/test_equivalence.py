"""What a spreadsheet makes of digits is the same in another form; what people changed is not."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.domain.dose import ValidDose
from services.records.domain.doubts import with_doubts
from services.records.domain.equivalence import encodings_of, says_the_same
from services.records.domain.parse_row import parse_row
from services.records.domain.spreadsheet_forms import is_form_of_code
from tests.support.files import typed
from vietnamese.encodings import Encoding


def dose(**fields: Any) -> ValidDose:
    read = parse_row(typed(**fields), today=date(2022, 6, 1), facilities=None).dose
    assert read is not None
    return read


WHOLE = {"personal_id": "079085100044", "lot": "00123"}


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({}, True),
        ({"personal_id": "79085100044"}, True),
        ({"personal_id": "7.90851E+10"}, True),
        ({"personal_id": "7,90851E+10"}, True),
        ({"personal_id": "7.90852E+10"}, False),
        ({"personal_id": "79085100045"}, False),
        ({"personal_id": ""}, False),
        ({"personal_id": "079085100045"}, False),
        ({"personal_id": "79085100044", "full_name": "Nguyễn Văn Khác"}, False),
        ({"full_name": "nguyễn thị ví dụ"}, False),
        ({"phone": "912000000"}, True),
        ({"full_name": "NguyÔn ThÞ VÝ Dô"}, True),
        ({"full_name": "Nguyá»…n Thá»‹ VÃ\u00ad Dá»¥"}, True),
        ({"full_name": "NguyÔn ThÞ VÞ Dô"}, False),
    ],
)
def test_only_the_form_of_digits_may_differ(changed: dict[str, str], same: bool) -> None:
    assert says_the_same(dose(**{**WHOLE, **changed}), dose(**WHOLE)) is same


def test_a_number_made_whole_is_a_correction() -> None:
    assert not says_the_same(dose(personal_id="079085100044"), dose(personal_id="79085100044"))


def test_a_right_name_in_place_of_an_encoded_one_is_a_correction() -> None:
    assert not says_the_same(dose(), dose(full_name="NguyÔn ThÞ VÝ Dô"))


@pytest.mark.parametrize(
    ("words", "name", "same"),
    [
        ({"sex": "Nöõ", "dose_kind": "Cô baûn"}, "Phan Thò Oanh", True),
        ({"dose_kind": "Cô baûn"}, "Phan Thò Oanh", True),
        ({}, "Phan Thò Oanh", False),
        ({"sex": "N÷", "dose_kind": "C¬ b¶n"}, "Phan Thò Oanh", False),
        ({"sex": "N÷", "dose_kind": "C¬ b¶n"}, "Phan ThÞ Oanh", True),
        ({"sex": "Nöõ", "dose_kind": "Cô baûn"}, "Phan Thà Oanh", False),
    ],
)
def test_a_name_that_reads_as_it_stands_is_an_encoded_one_where_its_row_is(
    words: dict[str, Any], name: str, same: bool
) -> None:
    row = typed(full_name=name, **words)
    assert (
        says_the_same(
            dose(full_name=name, **words), dose(full_name="Phan Thị Oanh"), encodings_of(row)
        )
        is same
    )


@pytest.mark.parametrize(
    ("words", "encodings"),
    [
        ({}, set()),
        ({"sex": "F", "dose_kind": "primary", "nationality": "VN"}, set()),
        ({"sex": "Nöõ"}, {Encoding.VNI}),
        ({"nationality": "ViÖt Nam"}, {Encoding.TCVN3}),
        ({"dose_kind": "Nha('c la.i"}, {Encoding.VIQR}),
        ({"sex": "Nöõ" * 1_000}, set()),
    ],
)
def test_the_words_of_a_row_tell_its_encoding(
    words: dict[str, Any], encodings: set[Encoding]
) -> None:
    assert encodings_of(typed(**words)) == encodings


def test_a_dose_left_to_people_says_something_else() -> None:
    assert not says_the_same(dose(), with_doubts(dose(), ["SECOND_HAND"]))


@given(st.integers(1, 10**12 - 1), st.integers(1, 11))
def test_a_number_that_a_spreadsheet_rounded_is_known_again_and_none_far_from_it(
    number: int, digits: int
) -> None:
    shown = f"{number:.{digits}E}"
    written = f"{number:012}"
    assert is_form_of_code(shown, written) or len(str(number)) <= digits
    further = number + 10 ** max(len(str(number)) - 1, 1)
    assert not is_form_of_code(shown, f"{further:013}")
