"""Progress by area, facility and day: doses reported, doses on record, and their states.

Counted from the doses at every request: 200,000 take a fraction of a second, a facility's own far
less. For the whole country these counts would be kept in a table by facility, day, commune, state
and grade. The chunks of `history_news` would bring it up to date, as they do findings.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from contracts.access import Reach
from contracts.words import Grade, Mark, State
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.schema import RESIDENCE, daily_report, dose, dose_status, problem
from services.records.worklist.store import REFUSED, STILL

_CURRENT = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_STATE = func.coalesce(dose_status.c.state, State.PENDING.value)
_NOT_WITHDRAWN = dose_status.c.state.is_distinct_from(State.WITHDRAWN.value)

GROUPS: Mapping[str, ColumnElement[Any]] = MappingProxyType(
    {
        "province": dose.c.province_code,
        "district": dose.c.district_code,
        "commune": dose.c.commune_code,
        "facility": dose.c.facility_code,
        "day": dose.c.date_given,
    }
)
REPORTED: Mapping[str, ColumnElement[Any]] = MappingProxyType(
    {
        "province": func.left(daily_report.c.facility_code, 2),
        "facility": daily_report.c.facility_code,
        "day": daily_report.c.day,
    }
)
"""A facility's code tells its province, and no smaller area."""

# what could not be sent to the registry: the ministry counts these apart from the wrong ones
_NOT_SENDABLE = (Grade.MISSING_ID.value, Grade.ILL_FORMED_ID.value)


def _graded(*grades: Grade) -> ColumnElement[int]:
    return func.count().filter(
        _NOT_WITHDRAWN, dose_status.c.grade.in_([grade.value for grade in grades])
    )


_COUNTS = (
    func.count().label("recorded"),
    func.count()
    .filter(_NOT_WITHDRAWN, func.coalesce(dose_status.c.grade, "").not_in(_NOT_SENDABLE))
    .label("sent"),
    _graded(Grade.EXACT, Grade.EQUIVALENT).label("right"),
    _graded(Grade.REPAIRED).label("repaired"),
    _graded(Grade.EXEMPT).label("exempt"),
    func.count()
    .filter(_NOT_WITHDRAWN, dose.c.doubts.contains(Mark.SUPPLEMENTED.value))
    .label("supplemented"),
    *(func.count().filter(_STATE.in_([state.value])).label(state.value) for state in State),
)


class ProgressRow(NamedTuple):
    """Doses on record of one group, by grade, and by state under the state's name."""

    group: str | date
    recorded: int
    sent: int
    right: int
    repaired: int
    exempt: int
    supplemented: int
    pending: int
    eligible: int
    issued: int
    needs_correction: int
    in_review: int
    withdrawn: int


class WaitingRow(NamedTuple):
    """Doses of one group that wait for people for one reason.

    `refused`: the reason is the code with which the signer refused them.
    """

    group: str | date
    reason: str
    refused: bool
    doses: int


class ReportedRow(NamedTuple):
    """Daily totals of one group, and how many of these doses are not on record."""

    group: str | date
    administered: int
    missing: int


async def progress(tx: Transaction, reach: Reach, by: str) -> list[ProgressRow]:
    """Doses on record within reach, by province, district, commune, facility or day."""
    group = GROUPS[by].label("group")
    query = (
        select(group, *_COUNTS)
        .select_from(dose)
        .outerjoin(dose_status, _CURRENT)
        .where(_within(reach))
    )
    rows = await tx.execute(query.group_by(group).order_by(group))
    return [ProgressRow._make(row) for row in rows]


async def waiting(tx: Transaction, reach: Reach, by: str) -> list[WaitingRow]:
    """The doses that wait for people; one with two reasons is counted under both."""
    group, reason = GROUPS[by].label("group"), func.unnest(problem.c.reasons).label("reason")
    here = (problem.c.dose_id == dose.c.id) & (problem.c.version == dose.c.version)
    wanted = select(group, reason, REFUSED.label("refused")).select_from(problem).join(dose, here)
    each = wanted.where(STILL, _within(reach)).subquery()
    counts = select(each, func.count().label("doses")).group_by(
        each.c.group, each.c.reason, each.c.refused
    )
    return [WaitingRow._make(row) for row in await tx.execute(counts)]


async def reported(tx: Transaction, reach: Reach, by: str) -> list[ReportedRow]:
    """The daily totals; what one day lacks is never made up by another day's surplus."""
    recorded = _on_record().group_by(dose.c.facility_code, dose.c.date_given).subquery()
    day = (recorded.c.facility_code == daily_report.c.facility_code) & (
        recorded.c.date_given == daily_report.c.day
    )
    lacking = func.greatest(daily_report.c.administered - func.coalesce(recorded.c.recorded, 0), 0)
    group = REPORTED[by].label("group")
    query = (
        select(
            group,
            func.sum(daily_report.c.administered).label("administered"),
            func.sum(lacking).label("missing"),
        )
        .select_from(daily_report)
        .outerjoin(recorded, day)
        .group_by(group)
    )
    if not reach.everything:
        # a daily total has no residence: those who see people's areas alone see none of it
        query = query.where(
            within(
                Reach(facilities=reach.facilities),
                daily_report.c.facility_code,
                daily_report.c.facility_code,
            )
        )
    return [
        ReportedRow(row.group, int(row.administered), int(row.missing))
        for row in await tx.execute(query)
    ]


def _on_record() -> Select[Any]:
    # withdrawn doses are few: an anti-join with them alone is far cheaper than every dose's status
    withdrawn = (
        select(dose_status.c.dose_id)
        .where(_CURRENT, dose_status.c.state == State.WITHDRAWN.value)
        .exists()
    )
    return select(dose.c.facility_code, dose.c.date_given, func.count().label("recorded")).where(
        ~withdrawn
    )


async def report(
    tx: Transaction, facility_code: str, day: date, administered: int, reported_by: str
) -> int:
    """Stores a facility's total of one day, in place of an older one.

    Answers how many of these doses are on record.
    """
    values = {"administered": administered, "reported_by": reported_by, "reported_at": func.now()}
    kept = insert(daily_report).values(facility_code=facility_code, day=day, **values)
    await tx.execute(
        kept.on_conflict_do_update(index_elements=["facility_code", "day"], set_=values)
    )
    here = _on_record().where(dose.c.facility_code == facility_code, dose.c.date_given == day)
    row = (await tx.execute(here.group_by(dose.c.facility_code, dose.c.date_given))).one_or_none()
    return 0 if row is None else int(row.recorded)


def _within(reach: Reach) -> ColumnElement[bool]:
    return within(reach, dose.c.facility_code, RESIDENCE)
