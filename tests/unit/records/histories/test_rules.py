"""Which two doses contradict each other, by the table."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ids import DoseId
from contracts.products import PRODUCTS
from services.records.histories.rules import (
    INTERVALS,
    MEANINGS,
    Code,
    FindingKind,
    HistoryDose,
    Spacing,
    contradictions,
    different_names,
)

SPACING = Spacing(additional=28, booster=90)
FIRST = HistoryDose(DoseId(1), "68001", "comirnaty", 1, "primary", date(2021, 7, 1))


def _second(**changes: Any) -> HistoryDose:
    second = FIRST._replace(dose_id=DoseId(2), dose_number=2, date_given=date(2021, 7, 22))
    return second._replace(**changes)


@pytest.mark.parametrize(
    ("second", "kinds"),
    [
        (_second(), []),
        (_second(date_given=date(2021, 7, 21)), [Code.INTERVAL_TOO_SHORT]),
        (_second(date_given=date(2021, 7, 21), dose_kind="booster"), [Code.FURTHER_DOSE_TOO_SOON]),
        (_second(date_given=date(2021, 9, 28), dose_kind="booster"), [Code.FURTHER_DOSE_TOO_SOON]),
        (_second(date_given=date(2021, 9, 29), dose_kind="booster"), []),
        (
            _second(date_given=date(2021, 7, 28), dose_kind="additional"),
            [Code.FURTHER_DOSE_TOO_SOON],
        ),
        (_second(date_given=date(2021, 7, 29), dose_kind="additional"), []),
        (_second(date_given=date(2021, 8, 15), dose_number=1), [Code.SAME_NUMBER_AGAIN]),
        (
            _second(date_given=date(2021, 8, 15), dose_number=1, facility_code="79001"),
            [Code.SAME_NUMBER_AGAIN],
        ),
        (
            _second(date_given=date(2021, 7, 2), dose_number=1),
            [Code.SAME_NUMBER_AGAIN, Code.INTERVAL_TOO_SHORT],
        ),
        (_second(date_given=date(2021, 6, 1)), [Code.ORDER_REVERSED]),
        (_second(date_given=FIRST.date_given, facility_code="68002"), [Code.DUPLICATE_DOSE]),
        (_second(date_given=FIRST.date_given, facility_code="68002", product="spikevax"), []),
        (
            _second(date_given=FIRST.date_given, dose_number=1, product="spikevax"),
            [Code.DUPLICATE_DOSE],
        ),
        (
            _second(date_given=FIRST.date_given, facility_code="79001", product="spikevax"),
            [Code.TWO_PROVINCES_ONE_DAY],
        ),
        (
            _second(date_given=FIRST.date_given, facility_code="79001"),
            [Code.TWO_PROVINCES_ONE_DAY, Code.DUPLICATE_DOSE],
        ),
    ],
)
def test_two_doses_contradict_each_other_as_the_table_says_in_either_order(
    second: HistoryDose, kinds: list[Code]
) -> None:
    assert contradictions(FIRST, second, SPACING) == contradictions(second, FIRST, SPACING) == kinds


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_an_interval_is_that_of_the_product_given_first(product: str) -> None:
    interval = PRODUCTS[product].min_interval_days
    first = FIRST._replace(product=product, date_given=date(2021, 7, 1))
    second = _second(
        product="abdala", date_given=date.fromordinal(first.date_given.toordinal() + interval)
    )
    if interval:
        assert contradictions(first, second, SPACING) == []
        assert contradictions(
            first,
            second._replace(date_given=date.fromordinal(second.date_given.toordinal() - 1)),
            SPACING,
        ) == ([Code.INTERVAL_TOO_SHORT] if interval > 1 else [])


_DOSE = st.builds(
    HistoryDose,
    st.integers(1, 9),
    st.sampled_from(["68001", "68002", "79001"]),
    st.sampled_from(sorted(PRODUCTS)),
    st.integers(1, 4),
    st.sampled_from(["primary", "additional", "booster"]),
    st.dates(date(2021, 7, 1), date(2021, 9, 30)),
)


@given(_DOSE, _DOSE)
def test_doses_in_order_and_as_far_apart_as_the_interval_never_contradict(
    one: HistoryDose, other: HistoryDose
) -> None:
    first, second = sorted(
        (one, other), key=lambda dose: (dose.date_given, dose.dose_number, dose.dose_id)
    )
    apart = max(1, INTERVALS[first.product], SPACING.of(second.dose_kind))
    if (
        second.date_given - first.date_given
    ).days >= apart and first.dose_number < second.dose_number:
        assert contradictions(one, other, SPACING) == []


def test_a_booster_follows_its_booster_too_soon_and_twice_on_two_days_is_one_too_many() -> None:
    third = _second(dose_number=3, dose_kind="booster", date_given=date(2022, 1, 5))
    assert contradictions(
        third, third._replace(dose_id=DoseId(3), date_given=date(2022, 1, 6)), SPACING
    ) == [Code.SAME_NUMBER_AGAIN]
    assert contradictions(
        third,
        third._replace(dose_id=DoseId(3), dose_number=4, date_given=date(2022, 1, 6)),
        SPACING,
    ) == [Code.FURTHER_DOSE_TOO_SOON]
    additional = third._replace(
        dose_id=DoseId(3), dose_kind="additional", date_given=date(2022, 1, 4)
    )
    assert contradictions(third, additional, SPACING) == [Code.FURTHER_DOSE_TOO_SOON]


def test_every_code_says_what_it_means_in_both_languages_under_a_kind_of_v1() -> None:
    assert set(MEANINGS) == set(Code)
    assert {meaning.kind for meaning in MEANINGS.values()} == set(FindingKind)
    assert all(one.vi and one.en for one in MEANINGS.values())


@pytest.mark.parametrize(
    ("names", "people"),
    [
        (["Nguyễn Thị Hoà", "NGUYEN THI HOA", "Hòa Nguyễn Thị", "Nguyễn Hoà"], 1),
        (["Nguyễn Thị Hoà", "Trần Văn Hùng"], 2),
        (["Nguyễn Thị Hoà", "Trần Văn Hùng", "Lê Đức Anh", "le duc anh"], 3),
        ([], 0),
    ],
)
def test_another_spelling_of_a_name_is_not_another_person(names: list[str], people: int) -> None:
    assert different_names(names) == people
