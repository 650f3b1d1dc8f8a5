"""`/complaints` as the offices see them: facilities and provinces answer within 48 hours, and
stations those of their people.

Every access is kept in the audit.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from contracts.access import Role, callers_reach
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.paging import (
    Page,
    Pages,
)
from services.chassis.volume import counted
from services.records.complaints import errors, models, service, store
from services.records.complaints.routes import listed_fields, said_fields
from services.records.complaints.rules import Standing
from services.records.complaints.settling import settle
from services.records.complaints.store import WholeComplaint
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import (
    COMPLAINT_ANSWER,
    COMPLAINT_FORWARD,
    COMPLAINT_PICTURE,
    COMPLAINT_READ,
    Why,
)
from vietnamese.visible_text import visible

router = APIRouter(tags=["complaints"])
offices = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY)
Office = Annotated[Principal, Depends(offices)]
Looking = Annotated[Principal, Depends(counted(offices))]
ComplaintId = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get(
    "/complaints",
    summary="Complaints that an office must answer",
    responses=problems(401, 403, 422, 503),
)
async def list_complaints(
    context: Ctx,
    pages: Pages,
    caller: Office,
    state: Annotated[
        Standing | None,
        Query(description="open ones are all that are not answered, overdue or not"),
    ] = None,
) -> Page[models.ListedComplaint]:
    """At the caller's own facility; a province sees its own, and those of its facilities.

    A station sees those about doses of its people, whichever office must answer them.
    """
    after = pages.after(int)
    reach = callers_reach(caller)
    async with context.db.begin() as tx:
        rows = await store.of_offices(
            tx, reach, state, context.clock(), after[0] if after else 0, pages.limit
        )
    return pages.page(
        [models.ListedComplaint(**listed_fields(context, row)) for row in rows],
        rows,
        lambda row: (row.id,),
    )


@router.get(
    "/complaints/{complaint_id}",
    summary="Open a complaint",
    responses=problems(401, 403, 404, 422, 429, 503),
)
async def read_complaint(
    context: Ctx, complaint_id: ComplaintId, caller: Looking, why: Why = None
) -> models.Complaint:
    """What it says, and who can be reached. The access is kept in the audit."""
    async with context.db.begin() as tx:
        whole = await _visible(tx, complaint_id, caller)
        await audit.note(tx, caller, COMPLAINT_READ, [complaint_id], why=why)
    return _shown(context, whole)


@router.get(
    "/complaints/{complaint_id}/picture",
    summary="The picture of a complaint",
    response_class=Response,
    responses={
        200: {
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("image/jpeg", "image/png", "image/webp")
            }
        },
        **problems(401, 403, 404, 422, 429, 503),
    },
)
async def download_complaint_picture(
    context: Ctx, complaint_id: ComplaintId, caller: Looking, why: Why = None
) -> Response:
    """The access is kept in the audit."""
    async with context.db.begin() as tx:
        whole = await _visible(tx, complaint_id, caller)
        content = service.picture_of(context.sealer, whole)
        if content is None:
            raise errors.no_picture()
        await audit.note(tx, caller, COMPLAINT_PICTURE, [complaint_id], why=why)
    headers = {"Cache-Control": "no-store"}
    return Response(content, media_type=whole.row.picture_type, headers=headers)


@router.post(
    "/complaints/{complaint_id}/answer",
    summary="Answer a complaint",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def answer_complaint(
    context: Ctx,
    complaint_id: ComplaintId,
    body: models.Answer,
    caller: Office,
    why: Why = None,
) -> models.Complaint:
    """The first answer stops the clock; a later one takes its place. It is mailed to whoever left
    an e-mail address.

    With a correction the dose gets a new version, by the rules of `PATCH /doses/{dose_id}`. Both
    are done, or neither.
    """
    async with context.db.begin() as tx:
        whole = await _visible(tx, complaint_id, caller, lock=True)
        if body.correction is not None:
            await settle(context, tx, caller, whole.row, body, why)
        await service.answer(
            tx,
            context.sealer,
            context.clock(),
            whole,
            body.text,
            caller.subject,
            corrected=body.correction is not None,
        )
        await audit.note(tx, caller, COMPLAINT_ANSWER, [complaint_id], why=why)
        whole = await _visible(tx, complaint_id, caller)
    return _shown(context, whole)


@router.post(
    "/complaints/{complaint_id}/forward",
    summary="Hand a complaint on",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def forward_complaint(
    context: Ctx,
    complaint_id: ComplaintId,
    to: models.Forwarding,
    caller: Office,
    why: Why = None,
    idempotency_key: Key = None,
) -> models.ListedComplaint:
    """To a facility or a province. The 48 hours go on, since the citizen has waited for them
    already.
    """
    service.check_office(context.facilities, to.facility_code, to.province_code)
    office, body = to.facility_code or to.province_code or "", to.model_dump_json().encode()
    async with (
        context.idempotency.claim(
            caller.subject, f"POST /complaints/{complaint_id}/forward", idempotency_key
        ) as claim,
        context.db.begin() as tx,
    ):
        # by now it may be beyond the caller's reach
        if claim is not None and claim.answer is not None:
            return models.ListedComplaint.model_validate(claim.replay(body))
        whole = await _visible(tx, complaint_id, caller, lock=True)
        if whole.row.answered_at is not None:
            raise errors.complaint_answered()
        await store.set_office(tx, complaint_id, office)
        await audit.note(
            tx, caller, COMPLAINT_FORWARD, [complaint_id], why=why, scope=f"office={office}"
        )
        forwarded_row = whole.row._replace(office=office)
        forwarded = models.ListedComplaint(**listed_fields(context, forwarded_row))
        if claim is not None:
            await claim.store(tx, body, forwarded.model_dump(mode="json"))
    return forwarded


async def _visible(
    tx: Transaction, complaint_id: int, caller: Principal, *, lock: bool = False
) -> WholeComplaint:
    """The complaint, where the caller's office must answer it; otherwise ServiceError 404."""
    reach = callers_reach(caller)
    whole = await store.one(tx, complaint_id, reach, lock=lock)
    if whole is None:
        raise errors.complaint_not_found()
    return whole


def _shown(context: Context, whole: WholeComplaint) -> models.Complaint:
    contact = service.contact_of(context.sealer, whole.row.id, whole.contact)
    said = said_fields(context, whole.row)
    return models.Complaint(
        **listed_fields(context, whole.row),
        **{**said, "text": "\n".join(map(visible, said["text"].splitlines()))},
        contact=models.Contact.model_validate(contact) if contact else None,
    )
