"""Which two doses of one person cannot both be right, as a table.

A finding is a hint for people. It never changes the state of a dose, so that the innocent one of
the two is not held up.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple

from rapidfuzz.fuzz import token_set_ratio

from contracts.ids import DoseId
from contracts.products import PRODUCTS
from vietnamese.normalize import fold

Severity = Literal["error", "warning"]

MANY_NAMES = 3
"""Different names on one typed number that are a finding: two are one typing error, three are a
habit (assumed).
"""


class FindingKind(StrEnum):
    """What is impossible, or nearly so."""

    TWO_PROVINCES_ONE_DAY = "TWO_PROVINCES_ONE_DAY"
    ORDER_REVERSED = "ORDER_REVERSED"
    DUPLICATE_DOSE = "DUPLICATE_DOSE"
    INTERVAL_TOO_SHORT = "INTERVAL_TOO_SHORT"
    ONE_ID_MANY_NAMES = "ONE_ID_MANY_NAMES"
    PERSON_CHANGED = "PERSON_CHANGED"


class Code(StrEnum):
    """The rule that is broken, finer than its kind; there may be more of them in time."""

    TWO_PROVINCES_ONE_DAY = "TWO_PROVINCES_ONE_DAY"
    ORDER_REVERSED = "ORDER_REVERSED"
    DUPLICATE_DOSE = "DUPLICATE_DOSE"
    SAME_NUMBER_AGAIN = "SAME_NUMBER_AGAIN"
    INTERVAL_TOO_SHORT = "INTERVAL_TOO_SHORT"
    FURTHER_DOSE_TOO_SOON = "FURTHER_DOSE_TOO_SOON"
    ONE_ID_MANY_NAMES = "ONE_ID_MANY_NAMES"
    PERSON_CHANGED = "PERSON_CHANGED"
    BEYOND_REACH = "BEYOND_REACH"
    """Told in place of the rule to who may not see both doses; never stored."""


class HistoryDose(NamedTuple):
    """One dose of a history."""

    dose_id: DoseId
    facility_code: str
    product: str
    dose_number: int
    dose_kind: str
    date_given: date


class Spacing(NamedTuple):
    """Days that an additional dose and a booster keep from the dose before them, whatever that
    was.
    """

    additional: int
    booster: int

    def of(self, dose_kind: str) -> int:
        """By the kind of the later dose; 0 for a primary one, whose interval is a product's."""
        return {"additional": self.additional, "booster": self.booster}.get(dose_kind, 0)


class FindingMeaning(NamedTuple):
    """The kind of a rule, how grave it is, and what people are told."""

    kind: FindingKind
    severity: Severity
    vi: str
    en: str


MEANINGS = MappingProxyType(
    {
        Code.TWO_PROVINCES_ONE_DAY: FindingMeaning(
            FindingKind.TWO_PROVINCES_ONE_DAY,
            "error",
            "Một người được ghi tiêm ở hai tỉnh trong cùng một ngày.",
            "One person is recorded in two provinces on the same day.",
        ),
        Code.ORDER_REVERSED: FindingMeaning(
            FindingKind.ORDER_REVERSED,
            "error",
            "Mũi sau được ghi tiêm trước mũi trước; hãy xem lại ngày tiêm và số thứ tự mũi.",
            "A later dose is dated before an earlier one; check the dates and the dose numbers.",
        ),
        Code.DUPLICATE_DOSE: FindingMeaning(
            FindingKind.DUPLICATE_DOSE,
            "error",
            "Một mũi tiêm có thể đã được ghi hai lần; hãy rút bản ghi thừa.",
            "One dose may have been recorded twice; withdraw the superfluous record.",
        ),
        Code.SAME_NUMBER_AGAIN: FindingMeaning(
            FindingKind.DUPLICATE_DOSE,
            "error",
            "Cùng một số thứ tự mũi được ghi ở hai ngày khác nhau; hãy xem lại số thứ tự và ngày "
            "tiêm,"
            " hoặc rút bản ghi thừa.",
            "The same dose number is recorded on two days; check the number and the dates, or "
            "withdraw"
            " the superfluous record.",
        ),
        Code.INTERVAL_TOO_SHORT: FindingMeaning(
            FindingKind.INTERVAL_TOO_SHORT,
            "warning",
            "Khoảng cách giữa hai mũi ngắn hơn quy định của vắc xin.",
            "The interval between two doses is shorter than the vaccine's.",
        ),
        Code.FURTHER_DOSE_TOO_SOON: FindingMeaning(
            FindingKind.INTERVAL_TOO_SHORT,
            "warning",
            "Mũi bổ sung hoặc nhắc lại được tiêm sớm hơn khoảng cách quy định kể từ mũi trước.",
            "An additional dose or a booster was given sooner after the dose before it than is"
            " prescribed.",
        ),
        Code.ONE_ID_MANY_NAMES: FindingMeaning(
            FindingKind.ONE_ID_MANY_NAMES,
            "warning",
            "Một số định danh được gõ cho nhiều họ tên khác nhau.",
            "One ID number was typed for many different names.",
        ),
        Code.PERSON_CHANGED: FindingMeaning(
            FindingKind.PERSON_CHANGED,
            "error",
            "Một bản sửa chuyển mũi tiêm đã cấp hộ chiếu sang người khác; cần hai cán bộ xác nhận.",
            "A correction gives a certified dose to another person; two officers must confirm it.",
        ),
        # of the kinds of v1 the one that asks for no more than a look
        Code.BEYOND_REACH: FindingMeaning(
            FindingKind.INTERVAL_TOO_SHORT,
            "warning",
            "Mũi tiêm này mâu thuẫn với một mũi tiêm khác ngoài phạm vi của bạn; hãy kiểm tra ngày,"
            " số thứ tự mũi và người tiêm. Tỉnh hoặc Bộ xem được cả hai.",
            "This dose contradicts another one beyond your reach; check its date, number and"
            " person. The province or the ministry sees both.",
        ),
    }
)
"""Every code has its meaning; a test holds this complete."""

INTERVALS = MappingProxyType(
    {product.code: product.min_interval_days for product in PRODUCTS.values()}
)
"""Days by the product given first: a later dose at least so far away, with numbers in order, breaks
no rule.
"""

Broken = Callable[[HistoryDose, HistoryDose, Spacing], bool]


def _same_day(first: HistoryDose, second: HistoryDose) -> bool:
    return first.date_given == second.date_given


def _same_number(first: HistoryDose, second: HistoryDose) -> bool:
    return (first.dose_number, first.dose_kind) == (second.dose_number, second.dose_kind)


def _days(first: HistoryDose, second: HistoryDose) -> int:
    return (second.date_given - first.date_given).days


# fmt: off
RULES: Sequence[tuple[Code, Broken]] = (
    (Code.TWO_PROVINCES_ONE_DAY, lambda first, second, spacing:
        _same_day(first, second) and first.facility_code[:2] != second.facility_code[:2]),
    (Code.DUPLICATE_DOSE, lambda first, second, spacing:
        _same_day(first, second) and (
            first.dose_number == second.dose_number
            or (first.product == second.product and first.facility_code != second.facility_code))),
    (Code.SAME_NUMBER_AGAIN, lambda first, second, spacing:
        not _same_day(first, second) and _same_number(first, second)),
    (Code.ORDER_REVERSED, lambda first, second, spacing:
        not _same_day(first, second) and first.dose_number > second.dose_number),
    (Code.INTERVAL_TOO_SHORT, lambda first, second, spacing:
        not _same_day(first, second) and first.dose_kind == second.dose_kind == "primary"
        and _days(first, second) < INTERVALS[first.product]),
    # also on the same day: so a dose that follows any other too soon follows its neighbour too
    # soon, or is the same dose as that
    (Code.FURTHER_DOSE_TOO_SOON, lambda first, second, spacing:
        not _same_number(first, second) and not (_same_day(first,
        second) and first.dose_number == second.dose_number)
        and _days(first, second) < spacing.of(second.dose_kind)),
)
# fmt: on
"""`first` was given before `second`, or on the same day.

Intervals are those of the product that was given first.
"""


def contradictions(dose: HistoryDose, other: HistoryDose, spacing: Spacing) -> list[Code]:
    """The rules that two doses of the same person break."""
    first, second = sorted(
        (dose, other), key=lambda each: (each.date_given, each.dose_number, each.dose_id)
    )
    return [code for code, broken in RULES if broken(first, second, spacing)]


_SAME_NAME = 85  # of 100


def different_names(names: Iterable[str]) -> int:
    """How many people the names may be of.

    Another spelling, another order or a part left out is the same person.
    """
    people: list[str] = []
    for name in sorted(
        {" ".join(sorted(fold(typed_name).split())) for typed_name in names}, key=len, reverse=True
    ):
        if not any(token_set_ratio(name, person) >= _SAME_NAME for person in people):
            people.append(name)
    return len(people)
