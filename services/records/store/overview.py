"""What is left to do: the worklist."""

from typing import Any

from sqlalchemy import Row, case, null, select

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.schema import dose, problem
from services.records.store.reach import within


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
    query = query.where(within(reach, problem.c.facility_code, problem.c.residence))
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
