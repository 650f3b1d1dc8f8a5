"""Reads a time of day as it is written, and tells which day a moment was in Viet Nam.

An hour before midnight in Greenwich it is tomorrow here.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

_HOURS = timedelta(hours=1)
# what the time was in Saigon, by IANA's tz database (Asia/Ho_Chi_Minh): browsers and servers reckon
# with it, and whoever was born at a midnight of 1965 stands in their files at 16:00 UTC
_OTHER_HOURS = (
    (
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1911, 4, 30, 16, 53, 30, tzinfo=UTC),
        timedelta(hours=7, seconds=390),
    ),
    (datetime(1942, 12, 31, 16, tzinfo=UTC), datetime(1945, 3, 14, 15, tzinfo=UTC), 8 * _HOURS),
    (datetime(1945, 3, 14, 15, tzinfo=UTC), datetime(1945, 9, 1, 15, tzinfo=UTC), 9 * _HOURS),
    (datetime(1947, 3, 31, 17, tzinfo=UTC), datetime(1955, 6, 30, 17, tzinfo=UTC), 8 * _HOURS),
    (datetime(1959, 12, 31, 16, tzinfo=UTC), datetime(1975, 6, 12, 16, tzinfo=UTC), 8 * _HOURS),
)

_HALF = r"(?P<{}>sa|ch|a\.?m\.?|p\.?m\.?|sang|trua|chieu|toi)"
_ZONE = (
    r"(?P<zone>z|(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|utc|gmt|ict)(?:"
    r" (?:utc|gmt|ict|[+-]07))?(?:\[[a-z_/]+\]| \([a-z ]+\))?"
)
CLOCK = re.compile(
    r"(?:(?<=[0-9])t|(?<![0-9a-z:./+-]))"
    rf"(?:{_HALF.format('before')} ?)?"
    r"(?P<hour>[0-9]{1,2})(?:"
    r" ?: ?(?P<minute>[0-9]{2})(?: ?: ?(?P<second>[0-9]{2})(?:[.,][0-9]{1,12})?)?"
    r"| ?(?:h|g|gio)(?: ?(?P<minutes>[0-9]{2})(?! ?thang))?(?: ?(?:ph|p)(?:ut)?)?"
    rf")(?: ?{_HALF.format('after')})?(?: ?{_ZONE})?"
    # what goes on is no clock's end: 05:08:2021 is none, and the -05 of 17:00 -05/08/2021 no zone
    r"(?![0-9a-z:/]|[.,-][0-9])"
)
"""A time of day in small letters without accents, with its half of the day and its zone,
wherever it stands in a text.
"""

_OFFSET = re.compile(r"(?:utc|gmt)?(?:([+-])([0-9]{1,2})(?::?([0-9]{2}))?)?")
_LARGEST = 14 * _HOURS


class Clock(NamedTuple):
    """A time of day; `ahead`: how far its zone is ahead of UTC, None where it says none and is
    local.
    """

    hour: int
    minute: int
    second: int
    ahead: timedelta | None


def clock_of(said: re.Match[str]) -> Clock | None:
    """What a match of `CLOCK` says; None for what no clock shows."""
    hour, half = int(said["hour"]), (said["before"] or said["after"] or "").replace(".", "")
    if half in ("sa", "am", "sang"):
        hour = 0 if hour == 12 else hour if hour < 12 else 24
    elif half in ("ch", "pm", "chieu", "toi") and hour < 12:
        hour += 12
    return clock(
        hour, int(said["minute"] or said["minutes"] or 0), int(said["second"] or 0), said["zone"]
    )


def clock(hour: int, minute: int, second: int, zone: str | None) -> Clock | None:
    """A time of day in a zone, written in small letters; None for what no clock shows."""
    ahead = _ahead(zone)
    # the sixtieth second is a leap second
    if hour > 23 or minute > 59 or second > 60 or (ahead is not None and abs(ahead) > _LARGEST):
        return None
    return Clock(hour, minute, min(second, 59), ahead)


def _ahead(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    if zone in ("z", "ict"):
        return timedelta() if zone == "z" else 7 * _HOURS
    offset = _OFFSET.fullmatch(zone)
    assert offset is not None
    size = timedelta(hours=int(offset[2] or 0), minutes=int(offset[3] or 0))
    return -size if offset[1] == "-" else size


def in_viet_nam(day: date, time: Clock) -> date | None:
    """The day in Viet Nam at a time of a day; None where no calendar has it."""
    # a time of ours is of the day that is written, whatever the hour was by law in that year
    if time.ahead is None or time.ahead == 7 * _HOURS:
        return day
    try:
        moment = datetime(
            day.year, day.month, day.day, *time[:3], tzinfo=timezone(time.ahead)
        ).astimezone(UTC)
        return (moment + _ahead_then(moment)).date()
    except OverflowError:
        return None


def _ahead_then(moment: datetime) -> timedelta:
    return next(
        (ahead for since, until, ahead in _OTHER_HOURS if since <= moment < until), 7 * _HOURS
    )
