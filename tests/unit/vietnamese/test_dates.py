"""Dates as people type them: read alike whatever the way of writing, and refused where they say
nothing sure.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese.dates import NO_BIRTH, Birth, read_birth, read_written

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    "typed",
    ["03/05/1980", "3/5/1980", "03-05-1980", "03.05.1980", "3 / 5 / 1980", "03/05/1980 00:00:00",
    "03/05/1980 0:00",
     "1980-05-03", "1980/5/3", "1980-05-03T00:00:00Z", "1980-05-03 00:00:00.000", "29344",
     "29344.0"],
)  # fmt: skip
def test_one_day_in_every_way_of_writing(typed: str) -> None:
    assert read_birth(typed) == Birth("1980-05-03", "day", date(1980, 5, 3))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", NO_BIRTH),
        ("1980", Birth("1980", "year", date(1980, 1, 1))),
        ("05/1980", Birth("1980-05", "month", date(1980, 5, 1))),
        ("5-1980", Birth("1980-05", "month", date(1980, 5, 1))),
        ("1980-05", Birth("1980-05", "month", date(1980, 5, 1))),
        ("30/02/1980", Birth("30/02/1980", "impossible", date(1980, 2, 1))),
        ("1980-02-30", Birth("1980-02-30", "impossible", date(1980, 2, 1))),
        ("05/13/1980", Birth("05/13/1980", "impossible", date(1980, 1, 1))),
    ],
)
def test_what_is_less_than_a_real_day_keeps_its_precision(typed: str, read: Birth) -> None:
    assert read_birth(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "hồi xưa",
        "03/05/80",
        "03 05 1980",
        "03051980",
        "13/1980",
        "01/01/0000",
        "3/5",
        "0980",
        "٣/٥/١٩٨٠",
        "03/05/1980 25h",
    ],
)
def test_what_says_nothing_sure_is_not_read(typed: str) -> None:
    assert read_birth(typed) is None


@given(
    DAYS, st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d . %m . %Y", "%Y-%m-%d", "%Y/%m/%d 00:00:00"])
)
def test_every_day_is_read_back(day: date, way: str) -> None:
    assert read_birth(day.strftime(way)) == Birth(day.isoformat(), "day", day)


@given(st.dates(date(1927, 5, 19), date(2099, 12, 31)))
def test_a_spreadsheets_serial_number_is_its_day(day: date) -> None:
    written = read_written(str((day - date(1899, 12, 31) + timedelta(days=1)).days))
    assert written is not None
    assert written.real() == day
