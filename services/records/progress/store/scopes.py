"""What progress comes to in an area or at a facility: now, day by day, and unit by unit.

Nothing here counts doses: all is summed of what the worker counted last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from services.chassis.db import Transaction
from services.records.schema import (
    PROGRESS_COUNTS,
    progress_day,
    progress_reason,
    progress_tally,
)

Level = Literal["province", "district", "commune", "facility"]
UnitOrder = Literal["waiting", "slowness", "recorded", "oldest", "code"]
DIGITS: dict[str, int] = {"province": 2, "district": 5, "commune": 10}
"""Digits of an area's whole code at each level."""
NO_WORK = 10**15
"""The slowness of a unit where doses wait and nobody worked."""
_FAR = 10**11


@dataclass(frozen=True, slots=True)
class ProgressScope:
    """Whose doses are meant: those of residents of areas, or one facility's own.

    The country is the area with an empty code.
    """

    areas: tuple[str, ...] = ()
    facility: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """As days are kept: of one kind."""
        return self.areas if self.facility is None else (self.facility,)


class DayRow(NamedTuple):
    """What a day came to; None where it is not known of a past day, or not counted there."""

    day: date
    recorded: int
    withdrawn: int | None
    pending: int | None
    not_sendable: int | None
    confirmed: int | None
    repaired: int | None
    exempt: int | None
    waiting: int | None
    issued: int | None
    worked: int | None
    reported: int | None
    missing: int | None


class ReasonRow(NamedTuple):
    """Doses that wait for one reason; `refused`: it is the signer's code."""

    reason: str
    refused: bool
    doses: int


class UnitRow(NamedTuple):
    """One unit of a level, with the key by which the list is ordered.

    `before`: doses that waited at the end of the day before; None where that is not known.
    """

    code: str
    recorded: int
    withdrawn: int
    pending: int
    not_sendable: int
    confirmed: int
    repaired: int
    exempt: int
    waiting: int
    issued: int
    worked: int
    oldest: datetime | None
    reported: int | None
    missing: int | None
    before: int | None
    key: int


class CountMoment(NamedTuple):
    """When the tally was counted last, for which day, and the last day before that."""

    at: datetime
    day: date
    day_before: date | None


_KIND, _CODE, _DAY = progress_day.c.kind, progress_day.c.code, progress_day.c.day


async def last_count(tx: Transaction) -> CountMoment | None:
    """The last count; None where nothing was counted yet."""
    query = (
        select(progress_day.c.counted_at, _DAY)
        .where(_KIND == "area", _CODE == "")
        .order_by(_DAY.desc())
        .limit(2)
    )
    rows = list(await tx.execute(query))
    if not rows:
        return None
    return CountMoment(rows[0].counted_at, rows[0].day, rows[1].day if len(rows) > 1 else None)


async def days(tx: Transaction, scope: ProgressScope, first: date, last: date) -> list[DayRow]:
    """The days from `first` to `last` that are known, in their order."""
    names = (*PROGRESS_COUNTS, "reported", "missing")
    sums = [cast(func.sum(progress_day.c[name]), BigInteger).label(name) for name in names]
    query = (
        select(_DAY, *sums)
        .where(
            literal("area" if scope.facility is None else "facility") == _KIND,
            _CODE.in_(scope.codes),
            _DAY.between(first, last),
        )
        .group_by(_DAY)
        .order_by(_DAY)
    )
    return [DayRow._make(row) for row in await tx.execute(query)]


async def reasons(tx: Transaction, scope: ProgressScope) -> list[ReasonRow]:
    """Why doses of the scope wait, the most frequent reason first."""
    doses = cast(func.sum(progress_reason.c.doses), BigInteger).label("doses")
    reason = (progress_reason.c.reason, progress_reason.c.refused)
    query = (
        select(*reason, doses)
        .where(_in_scope(scope, progress_reason.c.residence, progress_reason.c.facility_code))
        .group_by(*reason)
        .order_by(doses.desc(), *reason)
    )
    return [ReasonRow._make(row) for row in await tx.execute(query)]


async def units(
    tx: Transaction,
    scope: ProgressScope,
    level: Level,
    order: UnitOrder,
    moment: CountMoment,
    after: tuple[int, str] | None,
    limit: int,
) -> list[UnitRow]:
    """The units of a level, each with its sums, those first that the order is about.

    Facilities of the country or of provinces are those on the ground, with all their doses. Within
    smaller areas they are those that gave doses to residents, with these doses alone.
    """
    unit, counted = _units(scope, level, moment).subquery(), None
    key = _ORDERS[order](unit.c)
    counted = select(unit, cast(key, BigInteger).label("key")).subquery()
    place = (-counted.c.key, counted.c.code)
    query = select(*(counted.c[name] for name in UnitRow._fields)).order_by(*place).limit(limit)
    if after is not None:
        key_after, code_after = after
        query = query.where(tuple_(*place) > tuple_(literal(-key_after), literal(code_after)))
    return [UnitRow._make(row) for row in await tx.execute(query)]


def _units(scope: ProgressScope, level: Level, moment: CountMoment) -> Select[Any]:
    code: ColumnElement[str] = progress_tally.c.facility_code
    where = _in_scope(scope, progress_tally.c.residence, progress_tally.c.facility_code)
    # the days of a facility hold all its doses: beside a part of them they would say nothing
    has_days = True
    if level != "facility":
        code = func.left(progress_tally.c.residence, DIGITS[level])
    elif all(len(area) <= DIGITS["province"] for area in scope.areas):
        where = _begins(progress_tally.c.facility_code, scope.areas)
    else:
        has_days = False
    sums = [
        cast(func.sum(progress_tally.c[name]), BigInteger).label(name) for name in PROGRESS_COUNTS
    ]
    summed = (
        select(code.label("code"), *sums, func.min(progress_tally.c.oldest).label("oldest"))
        .where(where)
        .group_by(code)
        .subquery()
    )
    if not has_days:
        nothing = (
            cast(null(), BigInteger).label(name) for name in ("reported", "missing", "before")
        )
        return select(summed, *nothing)
    kind = "facility" if level == "facility" else "area"
    today, before = progress_day.alias("today"), progress_day.alias("day_before")

    def of_day(table: Any, day: date | None) -> ColumnElement[bool]:
        # a code that is shorter than its level is of people whose unit is not known
        whole = func.length(summed.c.code) == DIGITS.get(level, 5)
        return and_(table.c.kind == kind, table.c.code == summed.c.code, table.c.day == day, whole)

    return (
        select(summed, today.c.reported, today.c.missing, before.c.waiting.label("before"))
        .outerjoin(today, of_day(today, moment.day))
        .outerjoin(before, of_day(before, moment.day_before))
    )


def _slowness(sums: Any) -> ColumnElement[int]:
    """Thousandths of a dose that wait for each dose worked on in the last days."""
    return case(
        (sums.waiting == 0, 0),
        (sums.worked == 0, literal(NO_WORK, BigInteger) + sums.waiting),
        else_=sums.waiting * 1000 / sums.worked,
    )


def _age(sums: Any) -> ColumnElement[int]:
    epoch = cast(func.extract("epoch", sums.oldest), BigInteger)
    return case((sums.oldest.is_(None), 0), else_=literal(_FAR, BigInteger) - epoch)


_ORDERS: dict[UnitOrder, Any] = {
    "waiting": lambda sums: sums.waiting,
    "slowness": _slowness,
    "recorded": lambda sums: sums.recorded,
    "oldest": _age,
    "code": lambda _: literal(0),
}


def _in_scope(
    scope: ProgressScope, residence: ColumnElement[str], facility: ColumnElement[str]
) -> ColumnElement[bool]:
    return _begins(residence, scope.areas) if scope.facility is None else facility == scope.facility


def _begins(column: ColumnElement[str], codes: Sequence[str]) -> ColumnElement[bool]:
    return or_(false(), *(cast(column, String).startswith(code) for code in codes))
