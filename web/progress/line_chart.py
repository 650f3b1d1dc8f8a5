"""A chart of days, drawn on the server for browsers without scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Any, Final

WIDTH: Final = 800
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 16, 16, 36
_LONGEST: Final = 365
"""Days of the future that a chart shows at most."""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One number over the days: the points of its lines, a gap wherever days are not known."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A value or a day beside an axis, and where it stands."""

    place: float
    value: int | date


@dataclass(frozen=True, slots=True)
class DayChart:
    """What a template draws; `foretold` and `band` are empty where nothing is foretold."""

    lines: tuple[DrawnLine, ...]
    values: tuple[AxisMark, ...]
    days: tuple[AxisMark, ...]
    foretold: str
    band: str
    today: float | None


def draw(days: Sequence[Any], forecast: Any, names: Sequence[str]) -> DayChart | None:
    """The chart of these numbers of each day; None where fewer than two days are known."""
    if len(days) < 2:
        return None
    first: date = days[0].day
    last: date = days[-1].day
    until = max(last, _until(forecast, last))
    most = max((getattr(day, name) or 0 for day in days for name in names), default=0)
    top = _round_up(max(most, 1))

    def x(day: date) -> float:
        wide = WIDTH - _LEFT - _RIGHT
        return _LEFT + wide * (day - first).days / max((until - first).days, 1)

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)

    def point(day: date, value: float) -> str:
        return f"{x(day):.1f},{y(value):.1f}"

    lines = tuple(
        DrawnLine(
            name,
            tuple(
                " ".join(point(day.day, getattr(day, name)) for day in part)
                for part in _parts(days, name)
            ),
        )
        for name in names
    )
    foretold, band = _foretold(forecast, until, point)
    return DayChart(
        lines=lines,
        values=tuple(AxisMark(y(top * part / 4), round(top * part / 4)) for part in range(5)),
        days=tuple(AxisMark(x(day), day) for day in _marked_days(first, until)),
        foretold=foretold,
        band=band,
        today=x(last) if until > last else None,
    )


def _until(forecast: Any, last: date) -> date:
    """How far into the future the chart goes: to the end of the band, but a year at most."""
    if forecast.gone_on is None or forecast.waiting == 0:
        return last
    gone_on: date = forecast.gone_on
    end: date = forecast.latest or gone_on + (gone_on - last)
    return min(end, last + timedelta(days=_LONGEST))


def _foretold(forecast: Any, until: date, point: Callable[[date, float], str]) -> tuple[str, str]:
    if forecast.gone_on is None or forecast.waiting == 0 or forecast.gone_on <= forecast.from_day:
        return "", ""
    start: date = forecast.from_day
    waiting: int = forecast.waiting

    def end(pace: float) -> str:
        if pace > 0 and (days := waiting / pace) <= (until - start).days:
            return point(start + timedelta(days=ceil(days)), 0)
        return point(until, max(0.0, waiting - pace * (until - start).days))

    begin = point(start, waiting)
    # along the fast pace to the end, and back along the slow one
    corners = [begin, end(forecast.fast_pace), point(until, 0), end(forecast.slow_pace)]
    return f"{begin} {end(forecast.pace)}", " ".join(corners)


def _parts(days: Sequence[Any], name: str) -> list[list[Any]]:
    parts: list[list[Any]] = []
    before: date | None = None
    for day in days:
        if getattr(day, name) is None:
            before = None
            continue
        if before is None or (day.day - before).days > 1:
            parts.append([])
        parts[-1].append(day)
        before = day.day
    return parts


def _round_up(value: int) -> int:
    """The next round number: 1, 2, 4, 6 or 8 and noughts."""
    size: int = 10 ** floor(log10(value))
    return next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= value)


def _marked_days(first: date, last: date) -> list[date]:
    step = max(1, ceil((last - first).days / 5))
    return [first + timedelta(days=at) for at in range(0, (last - first).days + 1, step)]
