"""Vietnamese order: letters of their own, tones after letters."""

from random import Random

import pytest

from vietnamese.province_names import PROVINCE_NAMES
from vietnamese.provinces import PROVINCES
from vietnamese.sorting import sort_key

ORDERED = [
    ["Cao Bằng", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Hà Giang", "Hà Nội", "Hải Dương", "Hậu Giang"],
    ["Bình Dương", "Bình Định", "Bình Phước"],
    ["ma", "mà", "mả", "mã", "má", "mạ"],
    ["Hoa", "Hòa", "Hóa", "Hoà An"],
    ["An Giang", "Ăng", "Ân"],
]


@pytest.mark.parametrize("ordered", ORDERED)
def test_texts_stand_as_in_a_dictionary(ordered: list[str]) -> None:
    shuffled = Random(1).sample(ordered, len(ordered))
    assert sorted(shuffled, key=sort_key) == ordered


def test_every_province_has_a_name_of_its_own() -> None:
    assert PROVINCE_NAMES.keys() == PROVINCES
    assert len(set(PROVINCE_NAMES.values())) == len(PROVINCES)
