"""The 63 provinces of 2022 as tiles, each about where it lies.

A drawing of our own, which needs nobody's borders. A small province is seen as well as a large
one, and each tile can be reached by keyboard.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from vietnamese.province_names import PROVINCE_NAMES

# rows from north to south; a dot is sea or another country
_ROWS: Final = """
.. .. .. .. 02 04 .. ..
.. .. 12 10 08 06 20 ..
.. 11 14 15 25 19 24 22
.. .. .. 17 26 27 30 31
.. .. .. .. 01 33 34 ..
.. .. .. .. 35 36 .. ..
.. .. .. 38 37 .. .. ..
.. .. .. 40 .. .. .. ..
.. .. .. .. 42 .. .. ..
.. .. .. .. 44 .. .. ..
.. .. .. .. .. 45 .. ..
.. .. .. .. .. 46 48 ..
.. .. .. .. .. 49 51 ..
.. .. .. .. .. 62 52 ..
.. .. .. .. .. 64 54 ..
.. .. .. .. .. 66 56 ..
.. .. .. 70 67 68 58 ..
.. .. 72 74 75 60 .. ..
.. 87 80 79 77 .. .. ..
89 92 86 82 83 .. .. ..
91 93 94 84 .. .. .. ..
96 95 .. .. .. .. .. ..
"""
PLACES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        code: (column, row)
        for row, line in enumerate(_ROWS.split("\n")[1:-1])
        for column, code in enumerate(line.split())
        if code != ".."
    }
)
"""Column and row of each province."""
COLUMNS: Final = 8
ROWS: Final = 22
STEPS: Final = (0.05, 0.10, 0.20, 0.35)
"""Shares of doses that wait at which the next colour begins."""
WIDTH: Final = 66
HEIGHT: Final = 46
_GAP: Final = 4
_SHORT: Final = {
    "01": "Hà Nội", "46": "Huế", "77": "BR-VT", "79": "TP HCM", "08": "T. Quang",
    "19": "T. Nguyên", "51": "Q. Ngãi", "22": "Q. Ninh", "44": "Q. Bình", "49": "Q. Nam",
    "38": "Th. Hóa", "60": "B. Thuận", "58": "N. Thuận", "74": "B. Dương", "70": "B. Phước",
    "56": "Kh. Hòa", "91": "K. Giang", "82": "T. Giang", "93": "H. Giang", "31": "H. Phòng",
    "30": "H. Dương", "33": "H. Yên", "87": "Đ. Tháp", "36": "N. Định", "26": "V. Phúc",
    "86": "V. Long", "11": "Đ. Biên", "24": "B. Giang", "20": "L. Sơn", "45": "Q. Trị",
    "52": "B. Định", "68": "L. Đồng", "89": "An Giang", "27": "B. Ninh", "67": "Đ. Nông",
    "37": "N. Bình", "34": "T. Bình", "75": "Đ. Nai", "66": "Đ. Lắk", "72": "T. Ninh",
    "94": "S. Trăng", "80": "Long An", "84": "Trà Vinh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MapTile:
    """One province: where its tile stands, and the step of its colour (0 to 4; None: no doses)."""

    code: str
    name: str
    short: str
    x: int
    y: int
    share: float | None
    step: int | None
    waiting: int


def tiles_of(units: Iterable[Any]) -> list[MapTile]:
    """The map of all provinces in the order of reading, with what is told of each."""
    told = {unit.code: unit.funnel for unit in units}
    return [
        _tile(code, told.get(code))
        for code in sorted(PLACES, key=lambda code: (PLACES[code][1], PLACES[code][0]))
    ]


def _tile(code: str, funnel: Any) -> MapTile:
    column, row = PLACES[code]
    recorded = funnel.recorded if funnel else 0
    share = funnel.waiting / recorded if recorded else None
    name = PROVINCE_NAMES[code]
    return MapTile(
        code=code,
        name=name,
        short=_SHORT.get(code, name),
        x=column * WIDTH,
        y=row * HEIGHT,
        share=share,
        step=None if share is None else step_of(share),
        waiting=funnel.waiting if funnel else 0,
    )


def step_of(share: float) -> int:
    """Which of the five colours a share has."""
    return sum(share >= step for step in STEPS)


def size() -> tuple[int, int]:
    """Width and height of the whole drawing."""
    return COLUMNS * WIDTH - _GAP, ROWS * HEIGHT - _GAP


def tile_size() -> tuple[int, int]:
    """Width and height of one tile."""
    return WIDTH - _GAP, HEIGHT - _GAP
