"""How far things are, by area, facility and day: what was reported, what is on record, and where it
stands.

Counted from the doses at every ask: 200,000 take a fraction of a second, a facility's own far less.
For the whole country these counts would be kept: a table of (facility, day, commune, state, grade)
with its number of doses, brought up to date from the chunks of `history_news` as findings are, and
asked instead of `dose`.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from contracts.access import Reach
from contracts.words import Grade, State
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.schema import daily_report, dose, dose_status, problem
from services.records.worklist.store import REFUSED, STILL

_CURRENT = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_RESIDENCE = dose.c.province_code + dose.c.district_code + dose.c.commune_code
_STATE = func.coalesce(dose_status.c.state, State.PENDING.value)
_LIVES = dose_status.c.state.is_distinct_from(State.WITHDRAWN.value)

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

# what could not be sent to the registry: the dispatches count these apart from the wrong ones
_NOT_SENDABLE = (Grade.MISSING_ID.value, Grade.ILL_FORMED_ID.value)


def _graded(*grades: Grade) -> ColumnElement[int]:
    return func.count().filter(_LIVES, dose_status.c.grade.in_([grade.value for grade in grades]))


_COUNTS = (
    func.count().label("recorded"),
    func.count()
    .filter(_LIVES, func.coalesce(dose_status.c.grade, "").not_in(_NOT_SENDABLE))
    .label("sent"),
    _graded(Grade.EXACT, Grade.EQUIVALENT).label("right"),
    _graded(Grade.REPAIRED).label("repaired"),
    _graded(Grade.EXEMPT).label("exempt"),
    *(func.count().filter(_STATE.in_([state.value])).label(state.value) for state in State),
)


async def progress(tx: Transaction, reach: Reach, by: str) -> list[Row[Any]]:
    """Doses on record by grade and state for each province, district, commune, facility or day,
    within the caller's reach.
    """
    group = GROUPS[by].label("group")
    query = (
        select(group, *_COUNTS)
        .select_from(dose)
        .outerjoin(dose_status, _CURRENT)
        .where(_within(reach))
    )
    return list(await tx.execute(query.group_by(group).order_by(group)))


async def waiting(tx: Transaction, reach: Reach, by: str) -> list[Row[Any]]:
    """(group, reason, refused, doses) of the doses that wait for people; one with two reasons is
    counted under both.

    `refused`: the reason is the code with which the signer refused them.
    """
    group, reason = GROUPS[by].label("group"), func.unnest(problem.c.reasons).label("reason")
    here = (problem.c.dose_id == dose.c.id) & (problem.c.version == dose.c.version)
    wanted = select(group, reason, REFUSED.label("refused")).select_from(problem).join(dose, here)
    each = wanted.where(STILL, _within(reach)).subquery()
    return list(
        await tx.execute(
            select(each, func.count().label("doses")).group_by(
                each.c.group, each.c.reason, each.c.refused
            )
        )
    )


async def reported(tx: Transaction, reach: Reach, by: str) -> list[Row[Any]]:
    """(group, administered, missing) of daily totals; what one day lacks is never made up by
    another day's surplus.
    """
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
    return list(await tx.execute(query))


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
    """Keeps a facility's total of one day, in place of an older one; answers how many of these
    doses are on record.
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
    return within(reach, dose.c.facility_code, _RESIDENCE)
