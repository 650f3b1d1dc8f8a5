"""Provinces with their people, and made-up districts and communes: where people of a sample live
and were born.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

# number of the province as an ID begins with it (without its zero), and its people in thousands at
# the census of 2019
_THOUSANDS = (
    "01 8054, 02 855, 04 530, 06 314, 08 785, 10 730, 11 599, 12 460, 14 1248, 15 821, 17 854, 19"
    " 1287, 20 782, 22 1320, 24 1804, 25 1463, 26 1155, 27 1369, 30 1892, 31 2029, 33 1253, 34"
    " 1860, 35 853, 36 1780, 37 982, 38 3640, 40 3327, 42 1289, 44 895, 45 632, 46 1129, 48 1134,"
    " 49 1496, 51 1232, 52 1487, 54 872, 56 1231, 58 590, 60 1231, 62 540, 64 1514, 66 1869, 67"
    " 622, 68 1297, 70 995, 72 1169, 74 2427, 75 3097, 77 1148, 79 8993, 80 1689, 82 1764, 83 1288,"
    " 84 1009, 86 1023, 87 1599, 89 1908, 91 1723, 92 1235, 93 733, 94 1200, 95 907, 96 1195"
)
_SOUTH_FROM = 45  # Quảng Trị: from here on Huỳnh and Võ outnumber Hoàng and Vũ

DISTRICTS, COMMUNES = 8, 21
"""In every province and in every district; real ones are 705 and 10,599 in all."""

# share of a province's people whose names have a form of their own
_PEOPLES = {
    "ede": {66: 0.17, 67: 0.04, 64: 0.05, 54: 0.03},
    "kho": {68: 0.14, 60: 0.02, 67: 0.01},
    "hmong": {2: 0.32, 10: 0.25, 11: 0.35, 12: 0.22, 14: 0.14, 15: 0.1, 4: 0.1},
    "thai": {14: 0.53, 11: 0.36, 12: 0.32, 15: 0.07, 38: 0.06, 40: 0.09},
    "khmer": {94: 0.3, 84: 0.31, 91: 0.12, 89: 0.04, 95: 0.07},
}


@cache
def provinces() -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Codes and shares of the people."""
    pairs = [entry.split() for entry in _THOUSANDS.split(", ")]
    codes, people = (
        np.array([int(code) for code, _ in pairs], np.uint8),
        np.array([float(people) for _, people in pairs]),
    )
    return codes, people / people.sum()


def draw(rng: np.random.Generator, count: int) -> NDArray[np.uint8]:
    """Province codes in the shares of the people."""
    codes, shares = provinces()
    return rng.choice(codes, count, p=shares)


def peoples(
    rng: np.random.Generator, province: NDArray[np.uint8], order: list[str]
) -> NDArray[np.uint8]:
    """Whose form of name each one has, as an index into `order`."""
    south = np.where(province >= _SOUTH_FROM, order.index("kinh_south"), order.index("kinh_north"))
    chance = rng.random(len(province))
    reached = np.zeros(len(province))
    drawn = south.astype(np.uint8)
    for name, shares in _PEOPLES.items():
        by_code = np.zeros(100)
        by_code[list(shares)] = list(shares.values())
        here = by_code[province]
        drawn[(chance >= reached) & (chance < reached + here)] = order.index(name)
        reached += here
    return drawn


def district_code(province: int, district: int) -> str:
    """Three digits."""
    return f"{province:02}{district + 1}"


def commune_code(province: int, district: int, commune: int) -> str:
    """Five digits, each used once in the country."""
    rank = int(np.searchsorted(provinces()[0], province))
    return f"{((rank * DISTRICTS + district) * COMMUNES + commune) * 3 + 1:05}"
