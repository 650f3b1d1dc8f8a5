"""`POST /complaints` and `/me/complaints`: a citizen complains, and reads the answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from contracts.access import Role
from services.chassis.auth import Allow, Principal, Public
from services.chassis.context import held_context
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.limits import client_address, household
from services.chassis.mail import canonical_mailbox
from services.chassis.paging import (
    Page,
    Pages,
)
from services.records.complaints import errors, models, service, store
from services.records.complaints.rules import MAX_PICTURE, picture_type, standing
from services.records.complaints.service import check_office
from services.records.complaints.store import ComplaintRow
from services.records.complaints.subjects import subject_of
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.schema import MAILBOX_INDEX, PERSON_INDEX

router = APIRouter(tags=["complaints"])
citizens = Allow(Role.CITIZEN)


async def count_ask(request: Request) -> None:
    """Counts what comes from an address, refused or not, before its body is read."""
    context: Context = await held_context(request)
    address = client_address(request, context.cfg.complaint.address_header)
    await context.complaints.admit("ask", household(address))


anybody = Public(
    "people without an account complain too; so many an address and an hour", count_ask
)


@router.post(
    "/complaints",
    status_code=201,
    summary="Say what is wrong or missing",
    responses=problems(401, 409, 413, 422, 429, 503),
    dependencies=[Depends(anybody), Depends(MaxBody(BodySize.ATTACHMENT))],
)
async def file_complaint(
    context: Ctx, request: Request, body: models.NewComplaint, idempotency_key: Key = None
) -> models.ComplaintTaken:
    """With a citizen's token, or without any. It goes to the facility that is named, else to the
    province of residence.

    Where an e-mail address is given, a confirmation is mailed to it, and later the answer.
    """
    signed_in = await _citizen(request)
    citizen = _person(context, signed_in) if signed_in else None
    media_type = _checked(context, body)
    address = client_address(request, context.cfg.complaint.address_header)
    who, kind = (str(citizen), "person") if citizen else (household(address), "address")
    fingerprint = b"%d" % context.sealer.blind(body.model_dump_json())  # it holds a person
    if idempotency_key is not None:
        # a key is looked up in the database before anything is counted as a complaint: what was
        # taken is answered again, however many were; anybody can send keys, so these have a wider
        # limit of their own
        await context.complaints.admit("key_sender", f"{kind}:{who}")
    async with context.idempotency.claim(
        f"{kind}:{who}", "POST /complaints", idempotency_key
    ) as claim:
        if claim is not None and claim.answer is not None:
            return models.ComplaintTaken.model_validate(claim.replay(fingerprint))
        await context.complaints.admit(kind, who)
        contact = body.contact.model_dump(exclude_none=True) if body.contact else {}
        confirmed = await _may_be_confirmed(context, contact.get("email"))
        async with context.db.begin() as tx:
            dose_id, residence = await subject_of(tx, context.sealer, signed_in, body)
        draft = service.ComplaintDraft(
            body.kind,
            body.text,
            body.facility_code or "",
            body.province_code,
            citizen,
            contact,
            body.picture,
            media_type,
            dose_id,
            residence,
        )
        async with context.db.begin() as tx:
            complaint_id, due_at = await service.take_in(
                tx, context.sealer, context.clock(), draft, confirmed=confirmed
            )
            taken = models.ComplaintTaken(complaint_id=complaint_id, due_at=due_at)
            if claim is not None:
                await claim.store(tx, fingerprint, taken.model_dump(mode="json"))
    context.metrics.count("complaints", body.kind)
    return taken


@router.get(
    "/me/complaints", summary="A citizen's own complaints", responses=problems(401, 403, 422, 503)
)
async def list_own_complaints(
    context: Ctx,
    pages: Pages,
    caller: Annotated[Principal, Depends(citizens)],
) -> Page[models.OwnComplaint]:
    """Those that were sent with the citizen's token, and their answers."""
    after = pages.after(int)
    person = _person(context, caller)
    async with context.db.begin() as tx:
        rows = (
            await store.of_person(tx, person, after[0] if after else 0, pages.limit)
            if person is not None
            else []
        )
    return pages.page(
        [
            models.OwnComplaint(**listed_fields(context, row), **said_fields(context, row))
            for row in rows
        ],
        rows,
        lambda row: (row.id,),
    )


async def _may_be_confirmed(context: Context, email: str | None) -> bool:
    """Whether there is an address that did not get too many confirmations.

    Anybody can give anybody's address.
    """
    return email is not None and await context.complaints.count(
        "mailbox", str(MAILBOX_INDEX.of(context.sealer, canonical_mailbox(email)))
    )


async def _citizen(request: Request) -> Principal | None:
    """The citizen who calls; None for anybody else.

    A token that is sent must be a good one.
    """
    authorization = request.headers.get("authorization")
    if authorization is None:
        return None
    principal: Principal = await request.app.state.authenticator.principal(
        authorization.partition(" ")[2].strip()
    )
    return principal if Role.CITIZEN in principal.roles else None


def _person(context: Context, principal: Principal) -> int | None:
    number = principal.claims.get("personal_id")
    return PERSON_INDEX.of(context.sealer, number) if isinstance(number, str) and number else None


def _checked(context: Context, body: models.NewComplaint) -> str | None:
    """The picture's media type, where there is one.

    ServiceError where the office is unknown, or the picture is none that is taken.
    """
    check_office(context.facilities, body.facility_code, body.province_code)
    if body.picture is None:
        return None
    if len(body.picture) > MAX_PICTURE:
        raise errors.picture_too_large()
    media_type = picture_type(body.picture)
    if media_type is None:
        raise errors.picture_unknown()
    return media_type


def listed_fields(context: Context, row: ComplaintRow) -> dict[str, Any]:
    """The fields of `models.ListedComplaint`."""
    names = (
        "kind",
        "office",
        "facility_code",
        "province_code",
        "dose_id",
        "created_at",
        "due_at",
        "answered_at",
    )
    return {
        **{name: getattr(row, name) for name in names},
        "complaint_id": row.id,
        "state": standing(row.answered_at, row.due_at, context.clock()),
        "has_picture": row.picture_type is not None,
    }


def said_fields(context: Context, row: ComplaintRow) -> dict[str, Any]:
    """What was said on both sides, as far as it was not forgotten."""
    text = service.text_of(context.sealer, row)
    return {
        "text": text or "",
        "answer": service.answer_of(context.sealer, row),
        "corrected": (row.corrected or "").split(),
        "forgotten": text is None,
    }
