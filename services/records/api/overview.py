"""`/worklist`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from contracts.access import STAFF, reach_of
from contracts.words import Grade, Reason
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.chassis.paging import Cursor, Limit, Page, link_next, make_cursor, read_cursor
from services.records.api import models
from services.records.api.present import dose_fields
from services.records.context import Context
from services.records.store import overview

router = APIRouter(tags=["worklist"])
staff = Allow(*STAFF)
Code = Annotated[str | None, Query(pattern=r"^\d{2,5}$")]


@router.get("/worklist", summary="Doses that people must put right", responses=problems(401, 403, 422, 503))
async def worklist(
    request: Request,
    response: Response,
    caller: Annotated[Principal, Depends(staff)],
    province: Code = None,
    district: Code = None,
    commune: Code = None,
    facility: Code = None,
    grade: Grade | None = None,
    reason: Reason | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[models.WorklistItem]:
    """Within the caller's reach: a facility sees its own doses, a station and the police the people of their areas."""
    context: Context = request.app.state.context
    after = read_cursor(cursor, int)
    async with context.db.begin() as tx:
        rows = await overview.worklist(
            tx,
            reach_of(caller.roles, caller.claims),
            province=province,
            district=district,
            commune=commune,
            facility=facility,
            grade=grade,
            reason=reason,
            after=after[0] if after else 0,
            limit=limit,
        )
    items = [models.WorklistItem(dose=models.Dose(**dose_fields(context.sealer, row)), since=row.since) for row in rows]
    following = make_cursor(rows[-1].id) if len(rows) == limit else None
    link_next(request, response, following)
    return Page(items=items, next=following)
