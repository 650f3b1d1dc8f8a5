"""`/progress`: how far things are."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request

from contracts.access import STAFF, reach_of
from contracts.words import State
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.records.api import models
from services.records.context import Context
from services.records.store import progress as store

router = APIRouter(tags=["progress"])
staff = Allow(*STAFF)


@router.get("/progress", summary="Doses by state for each area, facility or day", responses=problems(401, 403, 422, 503))
async def progress(
    request: Request,
    caller: Annotated[Principal, Depends(staff)],
    by: Literal["province", "district", "commune", "facility", "day"] = "province",
) -> models.Progress:
    """Within the caller's reach."""
    context: Context = request.app.state.context
    async with context.db.begin() as tx:
        rows = await store.progress(tx, reach_of(caller.roles, caller.claims), by)
    items = [
        models.ProgressLine(group=str(row.group), recorded=row.recorded, repaired=row.repaired, states={s: getattr(row, s) for s in State})
        for row in rows
    ]
    return models.Progress(by=by, items=items)
