"""Which two doses of one person cannot both be right, as a table; and how many names one number may be typed on.

A finding is a hint for people: it never changes the state of a dose, so that the innocent one of the two is not held up.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple

from rapidfuzz.fuzz import token_set_ratio

from contracts.products import PRODUCTS
from services.records.domain.fold import fold

Severity = Literal["error", "warning"]

MANY_NAMES = 3
"""Different names on one typed number that are a finding: two are one typing error, three are a habit (assumed)."""


class Kind(StrEnum):
    """What is impossible, or nearly so."""

    TWO_PROVINCES_ONE_DAY = "TWO_PROVINCES_ONE_DAY"
    ORDER_REVERSED = "ORDER_REVERSED"
    DUPLICATE_DOSE = "DUPLICATE_DOSE"
    INTERVAL_TOO_SHORT = "INTERVAL_TOO_SHORT"
    ONE_ID_MANY_NAMES = "ONE_ID_MANY_NAMES"


class Given(NamedTuple):
    """One dose of a history."""

    dose_id: int
    facility_code: str
    product: str
    dose_number: int
    dose_kind: str
    date_given: date


class Meaning(NamedTuple):
    """How grave a kind is, and what people are told."""

    severity: Severity
    vi: str
    en: str


MEANINGS = MappingProxyType(
    {
        Kind.TWO_PROVINCES_ONE_DAY: Meaning(
            "error",
            "Một người được ghi tiêm ở hai tỉnh trong cùng một ngày.",
            "One person is recorded in two provinces on the same day.",
        ),
        Kind.ORDER_REVERSED: Meaning(
            "error",
            "Mũi sau được ghi tiêm trước mũi trước; hãy xem lại ngày tiêm và mũi thứ.",
            "A later dose is dated before an earlier one; check the dates and the dose numbers.",
        ),
        Kind.DUPLICATE_DOSE: Meaning(
            "error",
            "Một mũi tiêm có thể đã được ghi hai lần; hãy rút bản ghi thừa.",
            "One dose may have been recorded twice; withdraw the superfluous record.",
        ),
        Kind.INTERVAL_TOO_SHORT: Meaning(
            "warning",
            "Khoảng cách giữa hai mũi ngắn hơn quy định của vắc xin.",
            "The interval between two doses is shorter than the vaccine's.",
        ),
        Kind.ONE_ID_MANY_NAMES: Meaning(
            "warning",
            "Một số định danh được gõ cho nhiều họ tên khác nhau.",
            "One ID number was typed for many different names.",
        ),
    }
)
"""Every kind has its meaning; a test holds this complete."""

INTERVALS = MappingProxyType({product.code: product.min_interval_days for product in PRODUCTS.values()})
"""Days by the product given first: a later dose at least so far away, with numbers in order, breaks no rule."""

Broken = Callable[[Given, Given], bool]


def _same_day(first: Given, second: Given) -> bool:
    return first.date_given == second.date_given


# fmt: off
RULES: Sequence[tuple[Kind, Broken]] = (
    (Kind.TWO_PROVINCES_ONE_DAY, lambda first, second:
        _same_day(first, second) and first.facility_code[:2] != second.facility_code[:2]),
    (Kind.DUPLICATE_DOSE, lambda first, second:
        _same_day(first, second) and (
            first.dose_number == second.dose_number
            or (first.product == second.product and first.facility_code != second.facility_code))),
    (Kind.ORDER_REVERSED, lambda first, second:
        not _same_day(first, second) and first.dose_number > second.dose_number),
    (Kind.INTERVAL_TOO_SHORT, lambda first, second:
        not _same_day(first, second) and first.dose_kind == second.dose_kind == "primary"
        and (second.date_given - first.date_given).days < INTERVALS[first.product]),
)
# fmt: on
"""`first` was given before `second`, or on the same day. Intervals are those of the product that was given first."""


def contradictions(one: Given, other: Given) -> list[Kind]:
    """What two doses of the same person contradict each other in."""
    first, second = sorted((one, other), key=lambda dose: (dose.date_given, dose.dose_number, dose.dose_id))
    return [kind for kind, broken in RULES if broken(first, second)]


_NO_DIGITS = re.compile("[^0-9]+")
_NUMBER = re.compile("[0-9]{9}|[0-9]{11,12}")
_FILLER = re.compile(r"(.)\1*")
_SAME_NAME = 85  # of 100


def number_key(personal_id: str) -> str:
    """The digits of a typed ID, one lost zero put back; empty where it has not an ID's length, or is a filler such as 000000000000."""
    digits = _NO_DIGITS.sub("", personal_id)
    if not _NUMBER.fullmatch(digits) or _FILLER.fullmatch(digits):
        return ""
    return digits if len(digits) == 9 else digits.zfill(12)


def different_names(names: Iterable[str]) -> int:
    """How many people the names may be of: another spelling, order or a part left out is the same person."""
    people: list[str] = []
    for name in sorted({" ".join(sorted(fold(one).split())) for one in names}, key=len, reverse=True):
        if not any(token_set_ratio(name, known) >= _SAME_NAME for known in people):
            people.append(name)
    return len(people)
