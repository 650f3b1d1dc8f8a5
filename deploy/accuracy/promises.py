"""What was promised of the matching, as a table, and whether a measurement holds to it."""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from deploy.accuracy.measure import Measured


class Promise(NamedTuple):
    """A bound: the text of it, and the measured value with whether it holds."""

    text: str
    check: Callable[[Measured], tuple[str, bool]]


def _none(value: int) -> tuple[str, bool]:
    return f"{value:,}", value == 0


def _share(part: int, whole: int, least: float) -> tuple[str, bool]:
    return (f"{part / whole:.2%}", part / whole >= least) if whole else ("no such rows", True)


def _at_most(part: int, whole: int, most: float) -> tuple[str, bool]:
    return (f"{part / whole:.3%}", part / whole <= most) if whole else ("no such rows", True)


def _unlet(measured: Measured, expect: str) -> int:
    count = measured.total(expect)
    return count.doses - count.eligible


PAGE, SAMPLE, OFFICERS = 50, 5, 2
"""As in bulk runs: rows a page, rows shown singly before, officers who confirm each page."""


def _single(measured: Measured) -> int:
    """Rows that a person must look at singly: left for people, and not certain."""
    total = measured.total()
    return total.doses - total.eligible - total.certain


def _decisions(measured: Measured) -> tuple[str, bool]:
    total = measured.total()
    if not total.wrong_in_2022:
        return "no such rows", True
    pages = sum(OFFICERS * ceil(count / PAGE) for count in measured.kinds.values())
    samples = SAMPLE * len(measured.kinds)
    single = 1000 * _single(measured) / total.wrong_in_2022
    bulk = 1000 * (pages + samples) / total.wrong_in_2022
    return (
        f"{single:.0f} single, and {bulk:.1f} pages and samples"
        f" ({total.certain:,} certain, {_single(measured):,} single of"
        f" {total.wrong_in_2022:,} wrong by the rule of 2022)",
        single <= MOST_SINGLE,
    )


MOST_SINGLE = 65
PROMISES = (
    Promise("rows for people made eligible: 0", lambda m: _none(m.total("people").eligible)),
    Promise("eligible as somebody else: 0", lambda m: _none(m.total().wrong_person)),
    Promise("rows to accept not eligible: 0", lambda m: _none(_unlet(m, "accept"))),
    Promise("exempt rows not eligible: 0", lambda m: _none(_unlet(m, "exempt"))),
    Promise(
        "rows to repair made eligible: at least 99%",
        lambda m: _share(m.total("repair").eligible, m.total("repair").doses, 0.99),
    ),
    Promise(
        "right person eligible or suggested first: at least 97% of rows to suggest",
        lambda m: _share(
            m.total("suggest").first_right + m.total("suggest").eligible,
            m.total("suggest").doses,
            0.97,
        ),
    ),
    Promise(
        "wrong person suggested with high confidence: at most 0.1%",
        lambda m: _at_most(m.total().sure_but_wrong, m.total().doses - m.total().eligible, 0.001),
    ),
    Promise("wrong among the certain: 0", lambda m: _none(m.total().certain_but_wrong)),
    Promise(
        f"people's decisions a thousand wrong rows: at most {MOST_SINGLE} single ones", _decisions
    ),
)
