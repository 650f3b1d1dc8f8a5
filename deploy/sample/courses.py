"""Who was given what and when: courses of one to four doses within the programme, by age and
product.
"""

from bisect import bisect
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

import numpy as np
from numpy.typing import NDArray

from vietnamese.dates import PROGRAMME_BEGAN

PROGRAMME = (PROGRAMME_BEGAN, date(2022, 12, 31))
MOST = 4

_CHILD, _TEENAGER, _ADULT = "child", "teenager", "adult"
_FIVE_BY = np.datetime64("2017-05-31")  # born later: no dose
_TWELVE_BY = np.datetime64("2009-10-15")
_ADULT_BY = np.datetime64("2003-03-08")
_SECOND, _THIRD = 0.93, 0.45


@dataclass(frozen=True, slots=True)
class Use:
    """How one product was used: first doses between two days, days between primary doses, names
    that clinics type, how lots look.
    """

    code: str
    share: float
    first: tuple[date, date]
    interval: tuple[int, int]
    primary: int
    names: tuple[str, ...]
    lot: str
    lots: int


_ADULTS = (
    Use(
        "comirnaty", 49, (date(2021, 7, 7), date(2021, 12, 15)), (21, 30), 2,
        ("Comirnaty", "COMIRNATY (Pfizer)", "Pfizer"), "FK{:04}", 100,
    ),
    Use(
        "vaxzevria", 27, (date(2021, 3, 8), date(2021, 10, 31)), (56, 84), 2,
        ("AZD1222", "AstraZeneca", "Vaxzevria", "COVID-19 Vaccine AstraZeneca"), "ABV{:04}", 100,
    ),
    Use("bbibp-corv", 15, (date(2021, 6, 20), date(2021, 11, 30)), (21, 28), 2, ("Vero Cell",
    "BBIBP-CorV", "Verocell"), "2021{:06}", 100),
    Use("spikevax", 6, (date(2021, 7, 10), date(2021, 12, 15)), (28, 35), 2, ("Spikevax",
    "Moderna"), "047C{:02}A", 90),
    Use("abdala", 1.5, (date(2021, 10, 10), date(2021, 11, 30)), (14, 21), 3, ("Abdala",),
    "E11{:03}", 40),
    Use("sputnik-v", 0.7, (date(2021, 6, 10), date(2021, 9, 30)), (21, 28), 2, ("Sputnik V",
    "Gam-COVID-Vac"), "I-4606{:02}", 20),
    Use("hayat-vax", 0.6, (date(2021, 10, 15), date(2021, 11, 30)), (21, 28), 2, ("Hayat-Vax",),
    "2021{:06}", 40),
    Use("janssen", 0.2, (date(2021, 8, 1), date(2021, 10, 31)), (60, 90), 1, ("Janssen",),
    "21C{:02}-01", 20),
)  # fmt: skip
_YOUNG = {
    _TEENAGER: Use(
        "comirnaty",
        1,
        (date(2021, 11, 1), date(2022, 2, 28)),
        (21, 30),
        2,
        _ADULTS[0].names,
        "FK{:04}",
        100,
    ),
    _CHILD: Use(
        "comirnaty",
        1,
        (date(2022, 6, 1), date(2022, 8, 31)),
        (28, 35),
        2,
        _ADULTS[0].names,
        "FP{:04}",
        60,
    ),
}
_CUMULATED = list(accumulate(use.share for use in _ADULTS))
_BOOSTERS = {"comirnaty": _ADULTS[0], "vaxzevria": _ADULTS[1], "spikevax": _ADULTS[3]}
_BOOSTER_AFTER = (95, 150)
_FIRST_DAY, _LAST_DAY = (day.toordinal() for day in PROGRAMME)


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose as it is typed; dates as `dd/mm/yyyy`."""

    number: int
    kind: str
    product: str
    lot: str
    day: str


def lengths(
    rng: np.random.Generator, birth: NDArray[np.datetime64], wanted: int
) -> NDArray[np.int64]:
    """How many doses each person gets: `wanted` in all, or as many as these people can have (four
    each, three below 12, none below 5).
    """
    most = np.select([birth > _FIVE_BY, birth > _TWELVE_BY], [0, 3], MOST)
    chance = rng.random(len(birth))
    usual = 1 + (chance < _SECOND) + (chance < _SECOND * _THIRD)
    count: NDArray[np.int64] = np.minimum(usual, np.where(birth > _TWELVE_BY, 2, most)) * (most > 0)
    order = rng.permutation(np.flatnonzero(most))
    # too many: whole people are left out; what then lacks, or lacked from the start, is filled up
    # dose by dose
    total = np.cumsum(count[order])
    count[order[np.searchsorted(total, wanted, "right") :]] = 0
    while (lacking := wanted - int(count.sum())) > 0 and len(
        able := order[count[order] < most[order]]
    ):
        count[able[:lacking]] += 1
    return count


def course(rng: Random, birth: date, count: int) -> list[Dose]:
    """`count` doses of one person, or fewer where the programme ends before the last of them."""
    born = birth.toordinal()
    if np.datetime64(birth) > _TWELVE_BY:
        use = _YOUNG[_CHILD]
    elif np.datetime64(birth) > _ADULT_BY:
        use = _YOUNG[_TEENAGER]
    else:
        use = _ADULTS[bisect(_CUMULATED, rng.random() * _CUMULATED[-1], hi=len(_ADULTS) - 1)]
    first, last = use.first[0].toordinal(), use.first[1].toordinal()
    day = first + int(rng.random() * (last - first + 1))
    assert day > born
    doses = []
    for number in range(1, count + 1):
        kind = "Cơ bản" if number <= use.primary else "Nhắc lại"
        given = use
        if number > 1:
            between = use.interval if number <= use.primary else _BOOSTER_AFTER
            day += between[0] + int(rng.random() * (between[1] - between[0] + 1))
            if day > _LAST_DAY:
                break
        if number == use.primary + 1:
            if use.code == "bbibp-corv" and rng.random() < 0.3:
                kind = "Bổ sung"
            given = use = _BOOSTERS.get(use.code, _ADULTS[0]) if rng.random() < 0.6 else _ADULTS[0]
        doses.append(
            Dose(
                number,
                kind,
                rng.choice(given.names),
                given.lot.format(1 + int(rng.random() * given.lots)),
                typed_day(day),
            )
        )
    return doses


_DAYS = {
    day: date.fromordinal(day).strftime("%d/%m/%Y") for day in range(_FIRST_DAY, _LAST_DAY + 1)
}


def typed_day(day: int) -> str:
    """A day of the programme as it is typed."""
    return _DAYS[day]
