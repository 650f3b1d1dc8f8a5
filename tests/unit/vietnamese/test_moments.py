"""A moment is the day it was in Viet Nam, however it is written; what may be two days is none."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vietnamese.dates import VIET_NAM, is_year_cut, read_birth, read_written

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENTS = st.datetimes(datetime(1905, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
OFFSETS = st.integers(-14 * 4, 14 * 4).map(
    lambda quarters: timezone(timedelta(minutes=15 * quarters))
)


def day_of(text: str) -> date | None:
    written = read_written(text)
    return written.real() if written else None


@pytest.mark.parametrize(
    "written",
    [
        "2021-08-04T17:00:00.000Z", "2021-08-04T17:00:00Z", "2021-08-04t17:00:00z",
        "2021-08-04 17:00:00Z", "2021-08-04T17:00Z",
        "2021-08-05T00:00:00+07:00", "2021-08-05T00:00:00+0700", "2021-08-05T00:00:00+07",
        "2021-08-04 17:00:00+00",
        "2021-08-05T23:59:59.999+07:00", "2021-08-04T12:00:00-05:00",
        "2021-08-04T17:00:00,123456789Z", "20210804T170000Z",
        "20210804170000+0000", "2021-08-04 17:00:00 +0000 UTC",
        "2021-08-05T00:00+07:00[Asia/Ho_Chi_Minh]",
        "Wed, 04 Aug 2021 17:00:00 GMT",
        "Wed Aug 04 2021 17:00:00 GMT+0000 (Coordinated Universal Time)",
        "Thu Aug 05 2021 00:00:00 GMT+0700 (Indochina Time)", "Thu Aug 05 00:00:00 ICT 2021",
        "2021-08-04T23:59:60-07:00",
        "04/08/2021 17:00:00Z", "4/8/2021 11:00 PM -05:00",
    ],
)  # fmt: skip
def test_a_moment_with_a_zone_is_the_day_it_was_in_viet_nam(written: str) -> None:
    assert day_of(written) == date(2021, 8, 5)


@pytest.mark.parametrize(
    "written",
    [
        "2021-08-05T23:59:59", "2021-08-05T00:00:00.000", "05/08/2021 08:30 SA",
        "05/08/2021 8:30:00 CH", "05/08/2021 12:00:00 AM",
        "5/8/2021 11:59 PM", "SA 08:30 05/08/2021", "08:30 05/08/2021", "8h30 05/08/2021",
        "05/08/2021 8h", "05/08/2021 14:30 CH",
        "8 giờ 30 phút ngày 5 tháng 8 năm 2021", "08 giờ 05 tháng 8 năm 2021", "44413.5", "44413,5",
        "44413.99998", "44412.9999999",
        "05-Aug-2021", "5 Aug 2021", "Aug 5, 2021", "August 5th, 2021", "Thursday, August 5, 2021",
        "Thu 5 Aug 2021", "2021-Aug-05",
        "5 tháng 8 năm 2021", "ngày 5 tháng 8 năm 2021", "Ngày 05 Tháng Tám năm 2021",
        "Thứ Năm, 05 Tháng Tám, 2021", "thứ 5, 05/08/2021",
        "5 thang 8 nam 2021", "05 Thg 8 2021", "ngày 05/08/2021", "Ngày: 05/08/2021",
        "tiêm ngày 05/08/2021",
        "０５／０８／２０２１", "\u200b05/08/2021\ufeff", "05/08/2021\u00a000:00", "'05/08/2021",
        '="05/08/2021"', "05/08/2021.", "05.08.2021.",
        " 05 / 08 / 2021 ;", "05–08–2021", "2021-08-05Z", "2021-08-05+07:00", "20210805",
        "ngày 5 tháng\u00a08 năm\u00a02021".upper(),
    ],
)  # fmt: skip
def test_a_day_with_a_local_time_or_in_words_is_that_day(written: str) -> None:
    assert day_of(written) == date(2021, 8, 5)
    assert read_birth(written) == read_birth("2021-08-05")


@pytest.mark.parametrize(
    "written",
    [
        "05/08/2021 25:00", "05/08/2021 13:00 SA", "05/08/2021 8:60", "05:08:2021", "8:30 2021",
        "05/08/2021 06/08/2021", "05/08/2021 (?)",
        "05/08/2021 8:30 9:30", "1²/08/2021", "٠٥/٠٨/٢٠٢١", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00Z", "2021-08-04T17:00:00+15:00",
        "2021-08-04T17:00:00 EST", "2021-W31-4", "05/08/2021 T", "khoảng 05/08/2021",
        "5 tháng 13 năm 2021", "ngày 5", "05/08/2021" + " " * 80,
    ],
)  # fmt: skip
def test_what_is_no_date_or_perhaps_another_is_none(written: str) -> None:
    assert day_of(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "05/08/21",
        "5-8-21",
        "21-08-05",
        "05-Aug-21",
        "5 tháng 8 năm 21",
        "05/08/'21",
        "8/5/21 0:00",
        "'05/08/21",
    ],
)
def test_a_year_of_two_digits_is_told_apart_from_what_cannot_be_read(written: str) -> None:
    assert day_of(written) is None
    assert read_birth(written) is None
    assert is_year_cut(written)


@pytest.mark.parametrize(
    "written", ["05/08/2021", "2021", "hồi xưa", "", "3/5", "05/08/202", "1/2/3/21"]
)
def test_other_texts_have_no_cut_year(written: str) -> None:
    assert not is_year_cut(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [("năm 1950", "1950"), ("sinh năm 1950", "1950"), ("1950.0", "1950"), ("'1950", "1950"),
     ("１９５０", "1950"), ("5.1950", "1950-05"),
     ("tháng 5 năm 1950", "1950-05"), ("tháng 5/1950", "1950-05"), ("T5/1950", "1950-05"),
     ("Tháng Năm 1950", "1950-05"),
     ("May 1950", "1950-05"), ("1950-May", "1950-05")],
)  # fmt: skip
def test_a_year_or_month_in_words_keeps_its_precision(written: str, read: str) -> None:
    assert read_birth(written) == read_birth(read)


@pytest.mark.parametrize(
    "written",
    [
        "30/02/1950 00:00",
        "1950-02-30T17:00:00Z",
        "'30/02/1950",
        "30 tháng 2 năm 1950",
        "\u200b30/02/1950",
    ],
)
def test_an_impossible_day_is_one_text_in_every_form(written: str) -> None:
    assert read_birth(written) == read_birth("30/02/1950")


@given(MOMENTS, OFFSETS, st.sampled_from([" ", "T", "t"]), st.booleans())
@example(datetime(1965, 3, 2, 16, tzinfo=UTC), UTC, "T", True)
@example(datetime(1944, 3, 2, 16, tzinfo=UTC), UTC, "T", True)
@example(datetime(1946, 3, 2, 17, tzinfo=UTC), UTC, "T", True)
def test_the_day_is_that_of_the_hour_which_the_country_kept_then(
    moment: datetime, offset: timezone, between: str, ms: bool
) -> None:
    text = moment.astimezone(offset).isoformat(between, "milliseconds" if ms else "seconds")
    there = moment.astimezone(VIET_NAM if offset == VIET_NAM else SAIGON)
    assert day_of(text) == there.date()
    if offset == UTC:
        assert day_of(text.replace("+00:00", "Z")) == there.date()


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_midnight_of_the_country_is_its_day_whichever_zone_a_system_tells_it_in(
    day: date,
) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=SAIGON).astimezone(UTC)
    assert day_of(midnight.strftime("%Y-%m-%dT%H:%M:%S.000Z").zfill(24)) == day


@given(st.text("0123456789/-.: TZSAthángnmgiờ+'", max_size=40))
def test_no_text_is_too_odd_to_be_answered(text: str) -> None:
    for written in (read_written(text), read_birth(text)):
        assert written is None or written
