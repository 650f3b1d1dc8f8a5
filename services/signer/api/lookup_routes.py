"""`/lookups`: a passport by e-mail, for people without a smartphone; `/lookup-codes`: an office's
help where others tried too often.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from contracts.access import Role
from services.chassis import audit
from services.chassis.auth import Allow, Principal, Public
from services.chassis.context import held_context
from services.chassis.http import problems
from services.chassis.limits import client_address
from services.signer.api import models
from services.signer.api.audit_acts import LOOKUP_CODE, Why
from services.signer.api.dependencies import Ctx
from services.signer.context import Context
from services.signer.domain.lookup_match import LookupDetails
from services.signer.domain.office_code import RANDOM_BYTES, new_code, read_code
from services.signer.lookup_queue import QueuedLookup
from services.signer.store import lookup_codes
from services.signer.store.intents import indexes_of_number
from services.signer.store.lookup_codes import code_index


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
codes = APIRouter(tags=["lookups"])
station = Allow(Role.STATION)


@router.post(
    "/lookups",
    status_code=202,
    summary="Have one's passport mailed",
    responses=problems(422, 429, 503),
)
async def ask_lookup(
    request: Request, context: Ctx, body: models.LookupRequest
) -> models.LookupTaken:
    """Always the same answer, before anything is looked up.

    An e-mail follows only if all details match.
    """
    persons = indexes_of_number(context.sealer, body.personal_id)
    await context.lookups.admit_person(
        client_address(request, context.cfg.lookup.address_header),
        persons[0],
        has_code=bool(body.code),
    )
    context.lookups.keep(
        QueuedLookup(
            persons,
            LookupDetails(body.full_name, body.date_of_birth, body.sex, body.last_dose_date),
            body.email,
            body.personal_id,
            code_index(context.sealer, persons[0], read_code(body.code)) if body.code else None,
        )
    )
    return models.LookupTaken()


@codes.post(
    "/lookup-codes",
    status_code=201,
    summary="A code for somebody who stands before an office",
    responses=problems(401, 403, 422, 429, 503),
)
async def give_lookup_code(
    context: Ctx,
    response: Response,
    body: models.LookupCodeRequest,
    caller: Annotated[Principal, Depends(station)],
    why: Why = None,
) -> models.LookupCode:
    """Look at the person's card first. With the code one look-up goes through however often others
    tried the number; all details must match all the same.

    The answer tells nothing of the person, who need not exist.
    """
    person = indexes_of_number(context.sealer, body.personal_id)[0]
    await context.lookups.admit_code(caller.subject, person)
    code = new_code(context.random(RANDOM_BYTES))
    expires_at = context.clock() + timedelta(hours=context.cfg.lookup.code_hours)
    async with context.db.begin() as tx:
        await lookup_codes.add(tx, code_index(context.sealer, person, read_code(code)), expires_at)
        await audit.note(tx, caller, LOOKUP_CODE, [person], why=why)
    response.headers["Cache-Control"] = "no-store"
    return models.LookupCode(code=code, expires_at=expires_at)
