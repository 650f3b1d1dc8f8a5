"""`/me/doses`: the citizen's own doses, and where each stands."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.access import Role
from contracts.standing import NOTHING_RECORDED
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.records.dependencies import Ctx
from services.records.own_doses import models, serializers, service
from services.records.own_doses.errors import token_without_person

router = APIRouter(tags=["doses"])
citizens = Allow(Role.CITIZEN)


@router.get(
    "/me/doses",
    summary="The caller's own doses, and where each stands",
    responses=problems(401, 403, 503),
)
async def list_own_doses(
    context: Ctx, response: Response, caller: Annotated[Principal, Depends(citizens)]
) -> models.OwnDoses:
    """Who holds a dose, since when, what to bring, what comes next, in words.

    A dose that merely bears the caller's number is shown only where its name and birth date are
    the caller's, or a slip of these. One without that number is shown once the registry leaves
    nobody else whom it can mean; until then only a station finds it.
    """
    number = caller.claims.get("personal_id")
    if not isinstance(number, str) or not number:
        raise token_without_person()
    async with context.db.begin() as tx:
        found = await service.doses_of_person(
            tx, context.sealer, number, service.identity_in_token(caller.claims)
        )
    response.headers["Cache-Control"] = "no-store"
    return models.OwnDoses(
        items=[serializers.own_dose(row) for row in found.own],
        others=found.others,
        note=None if found.own else serializers.both(NOTHING_RECORDED),
    )
