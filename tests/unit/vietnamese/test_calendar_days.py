from datetime import UTC, date, datetime

import pytest

from services.signer.domain.claims import Eligibility
from vietnamese.calendar_days import first_day, in_viet_nam, months_after, real_date


@pytest.mark.parametrize(
    "text", ["2021-02-30", "20210301", "2021-3-1", "2021-W01-1", "", "x", "2021-03-01T00:00:00"]
)
def test_what_is_no_whole_iso_date_is_no_day(text: str) -> None:
    assert real_date(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1980", date(1980, 1, 1)),
        ("1980-05", date(1980, 5, 1)),
        ("1980-05-03", date(1980, 5, 3)),
        ("1880", None),
        ("1980-13", None),
        ("198", None),
    ],
)
def test_the_first_day_that_a_birth_date_can_mean(text: str, day: date | None) -> None:
    assert first_day(text) == day


def test_a_day_in_viet_nam_begins_seven_hours_before_greenwichs() -> None:
    assert in_viet_nam(datetime(2021, 7, 1, 16, 59, tzinfo=UTC)) == date(2021, 7, 1)
    assert in_viet_nam(datetime(2021, 7, 1, 17, 0, tzinfo=UTC)) == date(2021, 7, 2)


def test_twelve_months_after_a_leap_day_is_the_last_of_february() -> None:
    assert months_after(datetime(2024, 2, 29, 8, tzinfo=UTC), 12) == datetime(
        2025, 2, 28, 8, tzinfo=UTC
    )
    assert months_after(datetime(2021, 12, 31, tzinfo=UTC), 2) == datetime(2022, 2, 28, tzinfo=UTC)


def test_a_passport_is_due_from_the_fifth_birthday() -> None:
    assert Eligibility().latest_birth(date(2022, 4, 1)) == "2017-04-01"
    assert Eligibility().latest_birth(date(2024, 2, 29)) == "2019-02-29", (
        "who was born on 1 March 2019 is not five yet"
    )
    assert Eligibility().latest_birth(date(2022, 1, 1)) >= "2017", (
        "a year alone counts from its first day"
    )
    assert Eligibility().passport_due(1)
    assert not Eligibility(min_doses=2).passport_due(1)
