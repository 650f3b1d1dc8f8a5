"""When nobody waits any more, if the work goes on as it did in the last weeks.

The pace is the median of the seven-day changes of the last 28 days. A week has its working days
and its Sundays in every one of them, and a single large upload is in at most a third.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from statistics import median
from typing import Final

WEEK: Final = 7
LOOKED_AT: Final = 28
"""Days before the last one that the pace is taken from."""
LEAST_CHANGES: Final = 7
"""Seven-day changes without which nothing is foretold: two weeks of days."""
BAND: Final = (0.1, 0.9)
"""Shares of the changes below which the slow and the fast pace lie."""
FURTHEST: Final = 3650
"""Days beyond which no day is named."""


class Outlook(StrEnum):
    """What a forecast says."""

    DONE = "done"  # nobody waits
    SHRINKS = "shrinks"  # a day is named
    GROWS = "grows"  # as many come as go, or more: no day
    TOO_FAR = "too_far"  # it shrinks, but not within ten years
    TOO_FEW_DAYS = "too_few_days"  # less than two weeks are known


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day on which nobody waits any more, and its band.

    Paces are doses a day by which those that wait become fewer; below zero they become more.
    `latest` is None where the slow pace never ends.
    """

    outlook: Outlook
    from_day: date
    waiting: int
    days_known: int
    pace: float | None = None
    slow_pace: float | None = None
    fast_pace: float | None = None
    gone_on: date | None = None
    earliest: date | None = None
    latest: date | None = None


def forecast(waiting: Mapping[date, int], today: date) -> Forecast:
    """The forecast by how many doses waited at the end of each day, `today` so far.

    Days may be missing. A day that is not seven days after a known one tells no pace.
    """
    now = waiting.get(today, 0)
    first = today - timedelta(days=LOOKED_AT)
    known = {day: doses for day, doses in waiting.items() if first <= day <= today}
    changes = sorted(
        (known[before] - doses) / WEEK
        for day, doses in known.items()
        if (before := day - timedelta(days=WEEK)) in known
    )
    if not now:
        return Forecast(Outlook.DONE, today, 0, len(known), gone_on=today)
    if len(changes) < LEAST_CHANGES:
        return Forecast(Outlook.TOO_FEW_DAYS, today, now, len(known))
    pace, slow, fast = median(changes), *(_quantile(changes, share) for share in BAND)
    gone_on = _gone_on(now, pace, today)
    outlook = Outlook.GROWS if pace <= 0 else Outlook.SHRINKS if gone_on else Outlook.TOO_FAR
    return Forecast(
        outlook,
        today,
        now,
        len(known),
        pace,
        slow,
        fast,
        gone_on,
        earliest=_gone_on(now, fast, today),
        latest=_gone_on(now, slow, today),
    )


def _gone_on(waiting: int, pace: float, today: date) -> date | None:
    if pace <= 0 or waiting / pace > FURTHEST:
        return None
    return today + timedelta(days=ceil(waiting / pace))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of the ordered values lies, between two of them in a line."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
