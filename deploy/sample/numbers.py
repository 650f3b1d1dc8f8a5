"""Personal numbers `PPP G YY NNNNNN` and CMND numbers for a population, with the irregularities
that real ones have.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_SERIAL = 1_000_000
_LOWEST_CARD, _HIGHEST_CARD = 100_000_000, 400_000_000

UNREGISTERED_CARDS = (400_000_000, 500_000_000)
"""CMND numbers from here on are in no registry."""


def prefix(
    province: NDArray[np.uint8], female: NDArray[np.bool_], year: NDArray[np.int64]
) -> Numbers:
    """`PPP G YY` as a number: province of birth registration, century and sex, year."""
    return (province.astype(np.int64) * 10 + (year // 100 - 19) * 2 + female) * 100 + year % 100


def _collisions(values: Numbers) -> NDArray[np.int64]:
    """Positions of values that occur earlier already."""
    order: NDArray[np.int64] = np.argsort(values, kind="stable")
    repeated: NDArray[np.int64] = order[1:][values[order[1:]] == values[order[:-1]]]
    return repeated


def draw(
    rng: np.random.Generator,
    province: NDArray[np.uint8],
    female: NDArray[np.bool_],
    year: NDArray[np.int64],
) -> Numbers:
    """A personal number of their own for everyone."""
    front = prefix(province, female, year) * _SERIAL
    number = front + rng.integers(0, _SERIAL, len(front))
    while len(again := _collisions(number)):
        number[again] = front[again] + rng.integers(0, _SERIAL, len(again))
    return number


def put_apart(
    rng: np.random.Generator,
    number: Numbers,
    pairs: Sequence[tuple[NDArray[np.int64], NDArray[np.int64] | int]],
) -> Numbers:
    """Gives the rows of each pair numbers one digit of the serial apart; a partner of -1 is the row
    before. Clashes stay as they were.
    """
    apart = number.copy()
    for one, other in pairs:
        changed, kept = (one, one - 1) if isinstance(other, int) else (other, one)
        place = 10 ** rng.integers(0, 6, len(kept))
        digit = number[kept] // place % 10
        apart[changed] = (
            number[kept] + ((digit + rng.integers(1, 10, len(kept))) % 10 - digit) * place
        )
    clashing = _collisions(apart)
    apart[clashing] = number[clashing]
    return apart if not len(_collisions(apart)) else number


def cards(rng: np.random.Generator, count: int) -> Numbers:
    """CMND numbers, each once."""
    card = rng.integers(_LOWEST_CARD, _HIGHEST_CARD, count)
    while len(again := _collisions(card)):
        card[again] = rng.integers(_LOWEST_CARD, _HIGHEST_CARD, len(again))
    return card


def issue_twice(rng: np.random.Generator, card: Numbers, share: float) -> Numbers:
    """The same cards, but a share of them carries the number of another card (at least one pair
    where there are two cards).
    """
    held = rng.permutation(np.flatnonzero(card))
    pairs = max(1, int(len(held) * share / 2)) if len(held) > 1 else 0
    doubled = card.copy()
    doubled[held[:pairs]] = card[held[pairs : 2 * pairs]]
    return doubled


def superseded(rng: np.random.Generator, number: Numbers, rows: NDArray[np.int64]) -> Numbers:
    """The number that some rows had before their sex or birth year was corrected; 0 for all
    others.
    """
    before = np.zeros(len(number), np.int64)
    sex = np.where(number[rows] // 100_000_000 % 2 == 0, 1, -1) * 100_000_000
    year = np.where(number[rows] // _SERIAL % 100 < 50, 1, -1) * _SERIAL
    wrong = np.where(rng.random(len(rows)) < 0.4, sex, year)
    before[rows] = (number[rows] + wrong) // _SERIAL * _SERIAL + rng.integers(0, _SERIAL, len(rows))
    clashing = rows[np.isin(before[rows], number)]
    before[clashing] = 0
    clashing = rows[_collisions(before[rows])]
    before[clashing] = 0
    return before
