"""Search keys: filed and searched alike, whatever one thing was mistyped, and never common."""

import pytest

from contracts.keys import person_keys, search_keys

HOA = person_keys("Nguyễn Thị Hòa", "1980-05-03", "24769")
HEN = person_keys("H'Hen Niê", "1992-05-13", "24769")
OLD = person_keys("Lý Thị Mỹ", "1950", "24769")


@pytest.mark.parametrize(
    ("name", "birth", "commune"),
    [
        ("Nguyễn Thị Hòa", "1980-05-03", ""),
        ("NGUYEN THI HOA", "1980-05-03", ""),
        ("Hòa Nguyễn Thị", "1980-05-03", ""),
        ("Nguyễn Hòa", "1980-05-03", ""),
        ("Ng. T. Hòa", "1980-05-03", ""),
        ("Nguyễn Thị Hoàn", "1980-05-03", ""),
        ("Nguyễn Thị Hòa", "1980-03-05", ""),
        ("Nguyễn Thị Hòa", "1981-05-03", ""),
        ("Nguyễn Thị Hòa", "1980-05-08", "24769"),
        ("Nguyễn Thị Hòa", "1980", "24769"),
        ("Nguyễn Thị Hòa", "", "24769"),
        ("Lê Văn Khác", "1980-05-03", "24769"),
        ("", "1980-05-03", "24769"),
    ],
)
def test_one_mistake_still_finds_the_person(name: str, birth: str, commune: str) -> None:
    assert set(search_keys(name, birth, commune)) & set(HOA)


@pytest.mark.parametrize("name", ["HHen Niê", "H Hen Niê", "Niê H'Hen", "H’Hen Nie"])
def test_minority_names_are_found_however_they_are_spaced(name: str) -> None:
    assert set(search_keys(name, "1992-05-13")) & set(HEN)


@pytest.mark.parametrize("birth", ["1950", "1950-01-01"])
def test_who_is_registered_with_a_year_alone_is_found_by_the_first_of_january(birth: str) -> None:
    assert set(search_keys("Lí Thị Mĩ", birth)) & set(OLD)


@pytest.mark.parametrize(
    ("typed", "registered"),
    [("1950-05-01", "1950-05"), ("1950-01-01", "1950-01"), ("1950-01", "1950")],
)
def test_who_is_registered_with_less_than_a_day_is_found_by_the_first(
    typed: str, registered: str
) -> None:
    assert set(search_keys("Lý Thị Mỹ", typed)) & set(person_keys("Lý Thị Mỹ", registered))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trang", "Chang"),
        ("Sơn", "Xơn"),
        ("Lụa", "Nụa"),
        ("Dương", "Giương"),
        ("Lý", "Lí"),
        ("Đức", "Duc"),
    ],
)
def test_spellings_that_are_confused_have_one_key(one: str, other: str) -> None:
    assert person_keys(f"Lê {one}", "1980-05-03") == person_keys(f"Lê {other}", "1980-05-03")


def test_a_person_has_few_keys_and_each_is_unique() -> None:
    for keys in (HOA, HEN, OLD):
        assert len(keys) == len(set(keys)) <= 6


def test_nothing_is_filed_or_searched_under_a_name_or_a_place_alone() -> None:
    assert search_keys("Nguyễn Thị Hòa", "") == []
    assert search_keys("", "", "24769") == []
    assert not set(search_keys("Nguyễn Thị Hòa", "1971-11-17", "00190")) & set(HOA)
    assert not set(search_keys("Lê Văn Khác", "1980-05-03", "00190")) & set(HOA)


def test_keys_stay_within_the_contract_however_long_the_name() -> None:
    for keys in (
        person_keys("x" * 500, "1980-05-03", "24769"),
        search_keys(" ".join(map(str, range(300))), "1980-01-01", "24769"),
    ):
        assert all(len(key) <= 120 for key in keys)
        assert len(keys) <= 64
