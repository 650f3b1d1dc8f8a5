"""How far things are: doses on record by state for each area, facility and day."""

from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.sql.elements import ColumnElement

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.schema import dose, dose_status
from services.records.store.reach import within

_CURRENT = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_RESIDENCE = dose.c.province_code + dose.c.district_code + dose.c.commune_code

GROUPS: dict[str, ColumnElement[Any]] = {
    "province": dose.c.province_code,
    "district": dose.c.district_code,
    "commune": dose.c.commune_code,
    "facility": dose.c.facility_code,
    "day": dose.c.date_given,
}


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
        .where(within(reach, dose.c.facility_code, _RESIDENCE))
        .group_by(group)
        .order_by(group)
    )
    return list(await tx.execute(query))
