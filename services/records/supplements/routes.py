"""`/supplements`: doses that stations record from slips, and what the facilities say of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from contracts.access import Reach, Role, callers_reach
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.paging import Page, Pages
from services.chassis.volume import Look, counted
from services.records.complaints.errors import picture_too_large, picture_unknown
from services.records.complaints.rules import MAX_PICTURE, picture_type
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import (
    SUPPLEMENT_ANSWER,
    SUPPLEMENT_PICTURE,
    SUPPLEMENT_READ,
    SUPPLEMENT_RECORD,
    SUPPLEMENTS,
    Why,
    scope_of,
)
from services.records.disclosure.visibility import Masked, list_masked, single_masked
from services.records.doses.models import Dose
from services.records.schema import SUPPLEMENT_PICTURE as PICTURE
from services.records.schema import SUPPLEMENT_WORDS as WORDS
from services.records.supplements import answers, errors, models, store
from services.records.supplements.recording import Slip, read_supplement, record_dose
from services.records.supplements.rules import SupplementState
from services.records.supplements.store import SupplementWithDose
from services.records.worklist.serializers import dose_fields

router = APIRouter(tags=["supplements"])
stations = Allow(Role.STATION)
facilities = Allow(Role.FACILITY)
provinces = Allow(Role.PROVINCE, Role.MINISTRY)
offices = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY)
Station = Annotated[Principal, Depends(stations)]
FacilityCaller = Annotated[Principal, Depends(counted(facilities))]
Ruler = Annotated[Principal, Depends(counted(provinces))]
Looking = Annotated[Principal, Depends(counted(offices))]
SupplementId = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.post(
    "/supplements",
    status_code=201,
    summary="Record a dose given elsewhere from its slip",
    responses=problems(401, 403, 409, 413, 422, 503),
    dependencies=[Depends(MaxBody(BodySize.ATTACHMENT))],
)
async def record_supplement(
    context: Ctx,
    body: models.NewSupplement,
    caller: Station,
    why: Why = None,
    idempotency_key: Key = None,
) -> models.Supplement:
    """For a person who lives in the station's area. The dose stands under the code of the facility
    that gave it, and says that it was supplemented.

    It is verified at once. No certificate follows before the facility has confirmed it, or has let
    the time to contest pass; and none while it is contested.
    """
    slip = _slip(body)
    dose = read_supplement(context, body)
    reach = callers_reach(caller)
    fingerprint = b"%d" % context.sealer.blind(body.model_dump_json())
    async with (
        context.idempotency.claim(caller.subject, "POST /supplements", idempotency_key) as claim,
        context.db.begin() as tx,
    ):
        if claim is not None and claim.answer is not None:
            supplement_id = int(claim.replay(fingerprint))
        else:
            recorded = await record_dose(context, tx, reach, dose, slip, caller.subject)
            supplement_id = recorded.supplement_id
            if claim is not None:
                await claim.store(tx, fingerprint, supplement_id)
        found = await _visible(tx, supplement_id, reach)
        await audit.note(tx, caller, SUPPLEMENT_RECORD, [found.dose.id], why=why)
        shown = _shown(context, found, reach, hidden=False)
    context.metrics.count("supplements", "recorded")
    return shown


@router.get(
    "/supplements",
    summary="Supplemented doses",
    responses=problems(401, 403, 422, 429, 503),
)
async def list_supplements(
    context: Ctx,
    pages: Pages,
    caller: Annotated[Principal, Depends(offices)],
    state: SupplementState | None = None,
    masked: Masked = None,
    why: Why = None,
) -> Page[models.Supplement]:
    """A facility sees those that it is said to have given, a station those of its people.

    They see them whole, to be compared with their books. Every look is kept in the audit.
    """
    hidden = list_masked(caller, masked, why)
    after = pages.after(int)
    reach = callers_reach(caller)
    async with context.db.begin() as tx:
        rows = await store.listed(tx, reach, state, after[0] if after else 0, pages.limit)
        await context.volumes.admit(caller, Look.LISTED, len(rows))
        dose_ids = [row.dose.id for row in rows]
        await audit.note(
            tx, caller, SUPPLEMENTS, dose_ids, why=why, scope=scope_of(hidden, state=state)
        )
    shown = [_shown(context, row, reach, hidden=hidden) for row in rows]
    return pages.page(shown, rows, lambda row: (row.supplement.id,))


@router.get(
    "/supplements/{supplement_id}",
    summary="A supplemented dose",
    responses=problems(401, 403, 404, 422, 429, 503),
)
async def read_one_supplement(
    context: Ctx,
    supplement_id: SupplementId,
    caller: Looking,
    masked: Masked = None,
    why: Why = None,
) -> models.Supplement:
    """Every look is kept in the audit."""
    hidden = single_masked(caller, masked, why)
    reach = callers_reach(caller)
    async with context.db.begin() as tx:
        found = await _visible(tx, supplement_id, reach)
        await audit.note(
            tx, caller, SUPPLEMENT_READ, [found.dose.id], why=why, scope=scope_of(hidden)
        )
    return _shown(context, found, reach, hidden=hidden)


@router.get(
    "/supplements/{supplement_id}/picture",
    summary="The slip of a supplemented dose",
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
async def show_supplement_picture(
    context: Ctx, supplement_id: SupplementId, caller: Looking, why: Why = None
) -> Response:
    """The access is kept in the audit."""
    async with context.db.begin() as tx:
        found = await _visible(tx, supplement_id, callers_reach(caller))
        picture = await store.picture(tx, supplement_id)
        await audit.note(tx, caller, SUPPLEMENT_PICTURE, [found.dose.id], why=why)
        if not picture.sealed:
            raise errors.slip_forgotten()
    content = PICTURE.unseal(context.sealer, picture.sealed, found.dose.id)
    headers = {"Cache-Control": "no-store"}
    return Response(content, media_type=picture.media_type, headers=headers)


@router.post(
    "/supplements/{supplement_id}/confirm",
    summary="Say that the facility gave the dose",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def confirm_supplement(
    context: Ctx, supplement_id: SupplementId, caller: FacilityCaller, why: Why = None
) -> models.Supplement:
    """The certificate follows where the person is verified. It also takes a contest back; saying it
    twice is saying it once.
    """
    async with context.db.begin() as tx:
        locked = await answers.lock_supplement(tx, supplement_id, callers_reach(caller))
        await answers.confirm(context, tx, locked, caller.subject)
        return await _answered(context, tx, supplement_id, caller, why, "confirm")


@router.post(
    "/supplements/{supplement_id}/contest",
    summary="Say that the dose is not right",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def contest_supplement(
    context: Ctx,
    supplement_id: SupplementId,
    said: models.Contest,
    caller: FacilityCaller,
    why: Why = None,
) -> models.Supplement:
    """Within the days of the setting. No certificate follows until a province rules; one that was
    issued is revoked.
    """
    async with context.db.begin() as tx:
        locked = await answers.lock_supplement(tx, supplement_id, callers_reach(caller))
        await answers.contest(context, tx, locked, said, caller.subject)
        return await _answered(context, tx, supplement_id, caller, why, "contest")


@router.post(
    "/supplements/{supplement_id}/ruling",
    summary="Rule on a contested supplement",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def rule_on_supplement(
    context: Ctx,
    supplement_id: SupplementId,
    ruling: models.Ruling,
    caller: Ruler,
    why: Why = None,
) -> models.Supplement:
    """Upheld, the dose is withdrawn for good; otherwise it stands like any other."""
    async with context.db.begin() as tx:
        locked = await answers.lock_supplement(tx, supplement_id, callers_reach(caller))
        await answers.rule(context, tx, locked, caller.subject, upheld=ruling.upheld)
        return await _answered(context, tx, supplement_id, caller, why, "ruling")


def _slip(body: models.NewSupplement) -> Slip:
    """The picture of a body; ServiceError where it is too large, or none that is taken."""
    if len(body.picture) > MAX_PICTURE:
        raise picture_too_large()
    media_type = picture_type(body.picture)
    if media_type is None:
        raise picture_unknown()
    return Slip(body.picture, media_type)


async def _visible(tx: Transaction, supplement_id: int, reach: Reach) -> SupplementWithDose:
    """The supplement; ServiceError 404 where there is none within reach."""
    found = await store.one(tx, supplement_id, reach)
    if found is None:
        raise errors.supplement_not_found()
    return found


async def _answered(
    context: Context,
    tx: Transaction,
    supplement_id: int,
    caller: Principal,
    why: str | None,
    said: str,
) -> models.Supplement:
    """The supplement as it stands after an answer, which is written down."""
    reach = callers_reach(caller)
    found = await _visible(tx, supplement_id, reach)
    await audit.note(tx, caller, SUPPLEMENT_ANSWER, [found.dose.id], why=why, scope=said)
    context.metrics.count("supplements", said)
    return _shown(context, found, reach, hidden=single_masked(caller, None, None))


def _shown(
    context: Context, found: SupplementWithDose, reach: Reach, *, hidden: bool
) -> models.Supplement:
    row = found.supplement
    words = None
    if row.words is not None:
        words = WORDS.unseal(context.sealer, row.words, row.dose_id).decode()
    # it was recorded by the same facility, so whoever sees that sees it too
    sees_own = reach.everything or row.facility_code.startswith(reach.facilities)
    return models.Supplement(
        supplement_id=row.id,
        state=row.state,
        recorded_at=row.recorded_at,
        contest_until=row.contest_until,
        dose=Dose(**dose_fields(context.sealer, found.dose, hidden)),
        answered_at=row.answered_at,
        reason=row.reason,
        words=words,
        ruled_at=row.ruled_at,
        own_dose_id=row.own_dose_id if sees_own else None,
    )
