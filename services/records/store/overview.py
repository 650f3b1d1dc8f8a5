"""What is left to do and how far things are: the worklist, and progress by area, facility and day."""

from typing import Any

from sqlalchemy import Row, case, false, func, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.schema import dose, dose_status, problem

_CURRENT = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_RESIDENCE = dose.c.province_code + dose.c.district_code + dose.c.commune_code

GROUPS: dict[str, ColumnElement[Any]] = {
    "province": dose.c.province_code,
    "district": dose.c.district_code,
    "commune": dose.c.commune_code,
    "facility": dose.c.facility_code,
    "day": dose.c.date_given,
}


def _within(reach: Reach, facility: ColumnElement[str], residence: ColumnElement[str]) -> ColumnElement[bool] | None:
    if reach.everything:
        return None
    facilities = [facility.startswith(prefix, autoescape=True) for prefix in reach.facilities]
    residences = [residence.startswith(prefix, autoescape=True) for prefix in reach.residences]
    return or_(false(), *facilities, *residences)


async def worklist(
    tx: Transaction,
    reach: Reach,
    *,
    province: str | None,
    district: str | None,
    commune: str | None,
    facility: str | None,
    grade: str | None,
    reason: str | None,
    after: int,
    limit: int,
) -> list[Row[Any]]:
    """Doses that people must put right, within the caller's reach, in the order of their ids."""
    query = (
        select(
            dose,
            case((problem.c.in_review, "in_review"), else_="needs_correction").label("state"),
            problem.c.grade,
            problem.c.reasons,
            problem.c.since,
            null().label("uvci"),
            null().label("refusal"),
        )
        .join(dose, (dose.c.id == problem.c.dose_id) & (dose.c.version == problem.c.version))
        .where(problem.c.dose_id > after)
        .order_by(problem.c.dose_id)
        .limit(limit)
    )
    within = _within(reach, problem.c.facility_code, problem.c.residence)
    if within is not None:
        query = query.where(within)
    for column, value in ((dose.c.province_code, province), (dose.c.district_code, district), (dose.c.commune_code, commune)):
        if value is not None:
            query = query.where(column == value)
    if facility is not None:
        query = query.where(problem.c.facility_code == facility)
    if grade is not None:
        query = query.where(problem.c.grade == grade)
    if reason is not None:
        query = query.where(problem.c.reasons.any(reason))
    return list(await tx.execute(query))


async def progress(tx: Transaction, reach: Reach, by: str) -> list[Row[Any]]:
    """Doses on record by state for each province, district, commune, facility or day, within the caller's reach."""
    state = func.coalesce(dose_status.c.state, "pending")
    group = GROUPS[by]
    counts = [
        func.count().filter(state == name).label(name)
        for name in ("pending", "eligible", "issued", "needs_correction", "in_review", "withdrawn")
    ]
    repaired = func.count().filter(dose_status.c.grade == "repaired").label("repaired")
    query = (
        select(group.label("group"), func.count().label("recorded"), *counts, repaired)
        .select_from(dose)
        .outerjoin(dose_status, _CURRENT)
        .group_by(group)
        .order_by(group)
    )
    within = _within(reach, dose.c.facility_code, _RESIDENCE)
    return list(await tx.execute(query if within is None else query.where(within)))
