"""The map and the chart of progress: where tiles stand, which colour they have, what is drawn."""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vietnamese.provinces import PROVINCES
from web.progress import line_chart, tile_map

TODAY = date(2022, 6, 1)
# west to east, and north to south: what nobody would draw the other way round
WEST_OF = [("11", "22"), ("89", "79"), ("91", "94"), ("40", "48"), ("67", "68"), ("01", "31")]
NORTH_OF = [("02", "01"), ("01", "38"), ("38", "40"), ("44", "46"), ("48", "79"), ("79", "96")]


def test_every_province_has_one_tile_and_no_two_share_a_place() -> None:
    assert tile_map.PLACES.keys() == PROVINCES
    assert len(set(tile_map.PLACES.values())) == len(PROVINCES)
    for column, row in tile_map.PLACES.values():
        assert 0 <= column < tile_map.COLUMNS and 0 <= row < tile_map.ROWS


def test_tiles_lie_about_where_their_provinces_lie() -> None:
    for west, east in WEST_OF:
        assert tile_map.PLACES[west][0] < tile_map.PLACES[east][0], (west, east)
    for north, south in NORTH_OF:
        assert tile_map.PLACES[north][1] < tile_map.PLACES[south][1], (north, south)


def test_a_tile_tells_the_share_that_waits_and_nothing_where_nothing_is_on_record() -> None:
    unit = SimpleNamespace(code="68", funnel=SimpleNamespace(recorded=200, waiting=50))
    tiles = {tile.code: tile for tile in tile_map.tiles_of([unit])}
    assert len(tiles) == 63
    assert (tiles["68"].share, tiles["68"].step, tiles["68"].name) == (0.25, 3, "Lâm Đồng")
    assert (tiles["01"].share, tiles["01"].step) == (None, None)


@given(st.floats(0, 1))
def test_more_that_waits_never_has_a_lighter_colour(share: float) -> None:
    assert 0 <= tile_map.step_of(share) <= 4
    assert tile_map.step_of(share) <= tile_map.step_of(min(1.0, share + 0.05))


def _day(ago: int, waiting: int | None) -> Any:
    return SimpleNamespace(day=TODAY - timedelta(days=ago), waiting=waiting)


def _forecast(**told: Any) -> Any:
    nothing = {"gone_on": None, "earliest": None, "latest": None, "waiting": 10}
    return SimpleNamespace(**{"from_day": TODAY, **nothing, **told})


def _points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", text)]


def test_one_day_is_no_chart_and_a_gap_ends_a_line() -> None:
    assert line_chart.draw([_day(0, 3)], _forecast(), ["waiting"]) is None
    days = [_day(9, 5), _day(8, None), _day(7, 4), _day(6, 3), _day(2, 2), _day(0, 1)]
    chart = line_chart.draw(days, _forecast(), ["waiting"])
    assert chart is not None
    assert [len(_points(part)) for part in chart.lines[0].parts] == [1, 2, 1, 1]
    assert (chart.foretold, chart.band, chart.today) == ("", "", None)


@given(
    st.lists(st.integers(0, 10**8), min_size=2, max_size=40),
    st.floats(0.1, 10**6),
    st.floats(0, 1),
    st.floats(1, 20),
)
def test_everything_is_drawn_within_the_frame(
    waiting: list[int], pace: float, slower: float, faster: float
) -> None:
    days = [_day(len(waiting) - at, doses) for at, doses in enumerate(waiting, 1)]
    told = _forecast(
        waiting=waiting[-1],
        gone_on=TODAY + timedelta(days=min(3650, int(waiting[-1] / pace) + 1)),
        pace=pace,
        slow_pace=pace * slower,
        fast_pace=pace * faster,
    )
    chart = line_chart.draw(days, told, ["waiting"])
    assert chart is not None
    drawn = " ".join([*chart.lines[0].parts, chart.foretold, chart.band])
    for x, y in _points(drawn):
        assert 0 <= x <= line_chart.WIDTH and 0 <= y <= line_chart.HEIGHT
    assert bool(chart.band) == bool(waiting[-1])
