"""`/lookups`: a passport by e-mail, for people without a smartphone."""

from fastapi import APIRouter, Depends, Request

from services.chassis.auth import Public
from services.chassis.context import held_context
from services.chassis.http import problems
from services.chassis.limits import client_address
from services.signer.api import models
from services.signer.api.dependencies import Ctx
from services.signer.context import Context
from services.signer.domain.lookup_match import LookupDetails
from services.signer.lookup_queue import QueuedLookup
from services.signer.store.intents import indexes_of_number


async def count_ask(request: Request) -> None:
    """Counts a look-up of an address, refused or not, before its body is read."""
    context: Context = await held_context(request)
    address = client_address(request, context.cfg.lookup.address_header)
    await context.lookups.admit_address(address)


router = APIRouter(
    tags=["lookups"],
    dependencies=[
        Depends(
            Public("people without a smartphone have no token; every answer is the same", count_ask)
        )
    ],
)


@router.post(
    "/lookups",
    status_code=202,
    summary="Have one's passport mailed",
    responses=problems(422, 429, 503),
)
async def ask(context: Ctx, body: models.LookupRequest) -> models.LookupTaken:
    """Always the same answer, before anything is looked up.

    An e-mail follows only if all details match.
    """
    persons = indexes_of_number(context.sealer, body.personal_id)
    await context.lookups.admit_person(persons[0])
    context.lookups.keep(
        QueuedLookup(
            persons,
            LookupDetails(body.full_name, body.date_of_birth, body.sex, body.last_dose_date),
            body.email,
        )
    )
    return models.LookupTaken()
