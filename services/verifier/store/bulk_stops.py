"""Kinds of certain suggestions that are stopped in an area, because one was wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.verifier.schema import bulk_stop


class BulkStopRow(NamedTuple):
    """A stored stop."""

    id: int
    kind: str
    area: str
    run_id: int
    dose_id: DoseId
    stopped_by: str
    at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


_STOPS = select(*(bulk_stop.c[name] for name in BulkStopRow._fields))


async def stopped_kinds(tx: Transaction, areas: Sequence[str] | None) -> set[str]:
    """Kinds that are stopped somewhere in the areas."""
    rows = await tx.execute(
        select(bulk_stop.c.kind).distinct().where(bulk_stop.c.lifted_at.is_(None), _overlaps(areas))
    )
    return {row.kind for row in rows}


def _overlaps(areas: Sequence[str] | None) -> ColumnElement[bool]:
    """Whether a stop's area holds one of the areas, or lies in it."""
    if areas is None:
        return bulk_stop.c.id.is_not(None)
    return or_(
        bulk_stop.c.id.in_([]),
        *(
            or_(func.starts_with(bulk_stop.c.area, area), func.starts_with(area, bulk_stop.c.area))
            for area in areas
        ),
    )


async def is_stopped(tx: Transaction, kind: str, area: str) -> bool:
    """Whether the kind is stopped in the area, or in a part of it."""
    row = await tx.execute(
        select(bulk_stop.c.id)
        .where(bulk_stop.c.kind == kind, bulk_stop.c.lifted_at.is_(None), _overlaps([area]))
        .limit(1)
    )
    return row.one_or_none() is not None


async def add_stop(
    tx: Transaction, kind: str, area: str, run_id: int, dose_id: DoseId, officer: str
) -> None:
    """Stops a run's kind in its area."""
    values = {
        "kind": kind,
        "area": area,
        "run_id": run_id,
        "dose_id": dose_id,
        "stopped_by": officer,
    }
    await tx.execute(insert(bulk_stop).values(values))


async def stops(
    tx: Transaction, areas: Sequence[str] | None, after: int, limit: int
) -> list[BulkStopRow]:
    """Stops that concern the areas, the newest first."""
    query = _STOPS.where(_overlaps(areas))
    if after:
        query = query.where(bulk_stop.c.id < after)
    rows = await tx.execute(query.order_by(bulk_stop.c.id.desc()).limit(limit))
    return [BulkStopRow._make(row) for row in rows]


async def lift(
    tx: Transaction, stop_id: int, areas: Sequence[str] | None, officer: str
) -> BulkStopRow | None:
    """Ends a stop in the areas; one that was ended stays as it is."""
    within = bulk_stop.c.id == stop_id, _within(areas)
    await tx.execute(
        update(bulk_stop)
        .where(*within, bulk_stop.c.lifted_at.is_(None))
        .values(lifted_by=officer, lifted_at=func.now())
    )
    row = (await tx.execute(_STOPS.where(*within))).one_or_none()
    return None if row is None else BulkStopRow._make(row)


def _within(areas: Sequence[str] | None) -> ColumnElement[bool]:
    """Whether a stop lies in one of the areas."""
    if areas is None:
        return bulk_stop.c.id.is_not(None)
    return or_(bulk_stop.c.id.in_([]), *(func.starts_with(bulk_stop.c.area, at) for at in areas))
