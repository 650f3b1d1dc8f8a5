"""The forecast of the day on which nobody waits any more, by properties and by examples."""

from datetime import date, timedelta
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from services.records.progress.rules import FURTHEST, LOOKED_AT, Outlook, forecast

TODAY = date(2022, 6, 1)
_waits = st.integers(0, 50_000_000)


def _days(waiting: list[int]) -> dict[date, int]:
    """The waiting doses of the days up to today, the last of them today's."""
    last = len(waiting) - 1
    return {TODAY - timedelta(days=last - at): doses for at, doses in enumerate(waiting)}


@given(st.lists(_waits, min_size=1, max_size=60), st.sets(st.integers(1, 59)))
def test_a_named_day_lies_in_its_band_and_is_not_past(waiting: list[int], lost: set[int]) -> None:
    known = {day: doses for day, doses in _days(waiting).items() if (TODAY - day).days not in lost}
    told = forecast(known, TODAY)
    assert told.waiting == waiting[-1]
    assert (told.gone_on is not None) == (told.outlook in (Outlook.DONE, Outlook.SHRINKS))
    if told.outlook is Outlook.SHRINKS:
        assert told.gone_on is not None and told.earliest is not None
        assert TODAY < told.earliest <= told.gone_on
        assert told.latest is None or told.gone_on <= told.latest
    if told.pace is not None:
        assert told.slow_pace is not None and told.fast_pace is not None
        assert told.slow_pace <= told.pace <= told.fast_pace


@given(st.integers(1, 10_000), st.integers(1, 1_000_000))
def test_steady_work_ends_on_the_day_that_division_says(a_day: int, left: int) -> None:
    told = forecast(_days([left + a_day * ago for ago in range(LOOKED_AT, -1, -1)]), TODAY)
    if ceil(left / a_day) > FURTHEST:
        assert told.outlook is Outlook.TOO_FAR and told.gone_on is None
    else:
        assert told.gone_on == TODAY + timedelta(days=ceil(left / a_day))
        assert told.earliest == told.latest == told.gone_on


@given(st.lists(st.integers(0, 1000), min_size=7, max_size=7).filter(any))
def test_a_week_counts_as_a_whole_whatever_its_days_are_like(week: list[int]) -> None:
    waiting = [1_000_000]
    for day in range(LOOKED_AT):
        waiting.append(waiting[-1] - week[day % 7])
    told = forecast(_days(waiting), TODAY)
    assert told.pace == told.slow_pace == told.fast_pace == sum(week) / 7


@given(st.integers(0, LOOKED_AT - 1), st.integers(1, 40_000_000))
def test_one_large_upload_does_not_change_the_pace(when: int, came: int) -> None:
    steady = [1_000_000 - 100 * day for day in range(LOOKED_AT + 1)]
    jumped = [doses + (came if day > when else 0) for day, doses in enumerate(steady)]
    told = forecast(_days(jumped), TODAY)
    assert told.pace == 100
    assert told.fast_pace == 100


@given(st.lists(st.integers(0, 1000), min_size=LOOKED_AT, max_size=LOOKED_AT))
def test_no_day_is_named_for_what_does_not_become_less(more: list[int]) -> None:
    waiting = [5]
    for doses in more:
        waiting.append(waiting[-1] + doses)
    told = forecast(_days(waiting), TODAY)
    assert (told.outlook, told.gone_on, told.latest) == (Outlook.GROWS, None, None)


def test_less_than_two_weeks_foretell_nothing() -> None:
    told = forecast(_days(list(range(113, 100, -1))), TODAY)
    assert (told.outlook, told.gone_on, told.days_known) == (Outlook.TOO_FEW_DAYS, None, 13)
    assert forecast(_days(list(range(114, 100, -1))), TODAY).outlook is Outlook.SHRINKS


def test_where_nobody_waits_it_is_done_today() -> None:
    told = forecast(_days([3, 0]), TODAY)
    assert (told.outlook, told.gone_on) == (Outlook.DONE, TODAY)


def test_days_beyond_the_last_four_weeks_do_not_count() -> None:
    recent = [1000 - 10 * day for day in range(28 + 1)]
    assert forecast(_days([10**6, *recent]), TODAY) == forecast(_days(recent), TODAY)
