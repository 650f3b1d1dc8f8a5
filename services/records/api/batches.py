"""`/batches`: uploads, their rows, and the file given back."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from contracts.access import STAFF, Reach, Role, reach_of
from contracts.words import Grade, State
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.chassis.http import problems
from services.chassis.idempotency import Claim, Key
from services.chassis.paging import Cursor, Limit, Page, link_next, make_cursor, read_cursor
from services.records import desk, export, intake
from services.records.api import models
from services.records.api.body import Spooled, spooled
from services.records.api.files import CSV, XLSX, csv_file, limit_rows, xlsx_file
from services.records.api.looks import BATCH_EXPORT, BATCH_ROWS, Why, scope_of
from services.records.api.masks import Masked, file_masked
from services.records.api.present import guided
from services.records.context import Context
from services.records.domain.guidance import guidance
from services.records.intake.sheet import workbook_file
from services.records.on_record import WITHDRAWN
from services.records.store import batches
from services.records.uploaded import Caller

router = APIRouter(tags=["batches"])
staff = Allow(*STAFF)
pushers = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)
BatchId = Annotated[int, Path(ge=1, lt=1 << 63)]
Wrong = Annotated[bool, Query(description="only the rows that need correction")]

_BODY = {media: {"schema": {"type": "string", "format": "binary"}} for media in intake.MEDIA_TYPES}
_UPLOAD = {"requestBody": {"required": True, "content": _BODY}}


@router.post(
    "/batches",
    status_code=202,
    summary="Push a file of doses",
    responses=problems(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=_UPLOAD,
    max_body_size=1 << 40,  # spooled, and limited by the settings
)
async def push(request: Request, caller: Annotated[Principal, Depends(pushers)], idempotency_key: Key = None) -> models.BatchCreated:
    """CSV (Vietnamese headers or JSON names), XLSX, JSON `{"doses":[…]}`, NDJSON or a FHIR R4 bundle. A bad row never costs a good one.

    A bundle (collection, batch or transaction) holds Immunizations and their Patients as VN Core profiles them; a row is an Immunization,
    numbered by its entry. The facility's code is the identifier `…/sid/provider-code` behind a performer or the location, the kind of the
    dose `protocolApplied.series` (primary, additional, booster), its number the one counted over all kinds.

    A station puts right what is on record of the people of its areas; it adds no dose.

    What a dose held once, before it was corrected, changes nothing: the row is `unchanged`, with a warning. Files given back have a column
    of versions (`version` in JSON): a row made from another version than the current one is rejected, one with the current version may
    hold anything. A withdrawn dose stays withdrawn.
    """
    context: Context = request.app.state.context
    media_type = intake.media_type(request.headers.get("content-type", ""))
    async with (
        spooled(request, media_type, context.cfg.max_upload_bytes) as body,
        context.idempotency.claim(caller.subject, "POST /batches", idempotency_key) as claim,
    ):
        if claim is not None and claim.answer is not None:
            return models.BatchCreated.model_validate(claim.replay(body.fingerprint)[1])
        return await _take_in(context, caller, media_type, body, claim)


async def _take_in(context: Context, caller: Principal, media_type: str, body: Spooled, claim: Claim | None) -> models.BatchCreated:
    ignored: Counter[str] = Counter()

    async def remember(tx: Transaction, taken: desk.Taken) -> None:
        if claim is not None:
            await claim.store(tx, body.fingerprint, 202, _created(taken, ignored).model_dump(mode="json"))

    reach = reach_of(caller.roles, caller.claims)
    rows = intake.rows(body.parts(), media_type, max_bytes=context.cfg.max_upload_bytes, ignored=ignored)
    corrects = reach.residences if Role.STATION in caller.roles else ()
    who = Caller(caller.subject, reach, _own_facility(caller, reach), corrects)
    taken = await desk.take_in(context, who, media_type, rows, remember)
    return _created(taken, ignored)


def _own_facility(caller: Principal, reach: Reach) -> str | None:
    """The one facility that a token may push for, where it is one facility's."""
    if caller.roles & {Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE}:
        return None
    if len(reach.facilities) != 1:
        raise ServiceError(403, "FACILITY_UNKNOWN", "Mã truy cập không nêu cơ sở tiêm.", "The token names no facility.")
    return reach.facilities[0]


def _created(taken: desk.Taken, ignored: Mapping[str, int]) -> models.BatchCreated:
    counts = taken.counts
    return models.BatchCreated(
        batch_id=taken.batch_id,
        received=counts.received,
        accepted=counts.accepted,
        rejected=counts.rejected,
        unchanged=counts.unchanged,
        corrected=counts.corrected,
        warnings=counts.warnings,
        links=_links(taken.batch_id),
        ignored=dict(ignored),
    )


def _links(batch_id: int) -> models.Links:
    own = f"/records/v1/batches/{batch_id}"
    return models.Links(self=own, rows=f"{own}/rows", rows_csv=f"{own}/rows.csv")


@router.get("/batches", summary="Recent batches, newest first", responses=problems(401, 403, 422, 503))
async def recent(
    request: Request, response: Response, caller: Annotated[Principal, Depends(staff)], cursor: Cursor = None, limit: Limit = 50
) -> Page[models.Batch]:
    """The caller's own, and those of facilities within its reach."""
    context: Context = request.app.state.context
    after = read_cursor(cursor, int)
    reach = reach_of(caller.roles, caller.claims)
    async with context.db.begin() as tx:
        found = await batches.recent(tx, None if reach.everything else reach.facilities, caller.subject, after[0] if after else None, limit)
        items = [await _shown(tx, row) for row in found]
    following = make_cursor(found[-1].id) if len(found) == limit else None
    link_next(request, response, following)
    return Page(items=items, next=following)


@router.get("/batches/{batch_id}", summary="A batch and where its doses stand", responses=problems(401, 403, 404, 422, 503))
async def read(request: Request, batch_id: BatchId, caller: Annotated[Principal, Depends(staff)]) -> models.Batch:
    """Accepted is at any time the sum over states."""
    context: Context = request.app.state.context
    async with context.db.begin() as tx:
        return await _shown(tx, await _visible(tx, batch_id, caller))


async def _visible(tx: Transaction, batch_id: int, caller: Principal) -> Any:
    """The batch, where it exists and the caller may see it; otherwise ServiceError 404, the same for both."""
    row = await batches.one(tx, batch_id)
    reach = reach_of(caller.roles, caller.claims)
    if row is None or not (reach.everything or row.submitted_by == caller.subject or _is_within(row.facility_code, reach)):
        raise ServiceError(404, "BATCH_NOT_FOUND", "Không có lô này trong phạm vi của bạn.", "No such batch within your reach.")
    return row


def _is_within(facility_code: str | None, reach: Reach) -> bool:
    return facility_code is not None and facility_code.startswith(reach.facilities)


async def _shown(tx: Transaction, row: Any) -> models.Batch:
    states = dict.fromkeys(State, 0)
    grades: dict[Grade, int] = {}
    reasons: dict[str, int] = {}
    not_due = 0
    for group in await batches.states(tx, row.id):
        states[State(group.state)] += group.doses
        if group.grade is not None:
            grades[Grade(group.grade)] = grades.get(Grade(group.grade), 0) + group.doses
        for reason, _ in guidance(group.state, group.reasons, group.refusal).to_do:
            reasons[reason] = reasons.get(reason, 0) + group.doses
        if group.refusal is not None and group.state == State.ELIGIBLE:
            not_due += group.doses
    fields = {name: getattr(row, name) for name in ("received", "accepted", "rejected", "unchanged", "corrected", "warnings", "status")}
    return models.Batch(
        **fields,
        batch_id=row.id,
        links=_links(row.id),
        states=states,
        grades=grades,
        reasons=reasons,
        not_due=not_due,
        created_at=row.created_at,
    )


@router.get("/batches/{batch_id}/rows", summary="Every row of a batch with its answer", responses=problems(401, 403, 404, 422, 503))
async def rows(
    request: Request,
    response: Response,
    batch_id: BatchId,
    caller: Annotated[Principal, Depends(staff)],
    state: Annotated[str | None, Query(pattern=f"^({'|'.join([*State, 'rejected'])})$")] = None,
    grade: Grade | None = None,
    wrong: Wrong = False,
    cursor: Cursor = None,
    limit: Limit = 100,
    why: Why = None,
) -> Page[models.Row]:
    """In file order; `state=rejected` for the rows that were not taken."""
    context: Context = request.app.state.context
    after = read_cursor(cursor, int)
    async with context.db.begin() as tx:
        await _visible(tx, batch_id, caller)
        found = await batches.rows(tx, batch_id, after=after[0] if after else 0, limit=limit, state=state, grade=grade, wrong=wrong)
        scope = scope_of(None, state=state, grade=grade, wrong=wrong)
        await audit.note(tx, caller, BATCH_ROWS, [batch_id], why=why, scope=scope, shown=len(found))
    following = make_cursor(found[-1].row) if len(found) == limit else None
    link_next(request, response, following)
    return Page(items=[_row(row) for row in found], next=following)


def _row(row: Any) -> models.Row:
    rejected = row.outcome == "rejected"
    found = guided(row)
    ended = [WITHDRAWN.as_json()] if not rejected and row.state == State.WITHDRAWN else []
    return models.Row(
        row=row.row,
        source_id=row.typed_source_id if rejected else row.source_id,
        dose_id=row.dose_id,
        version=row.version,
        state=None if rejected else State(row.state or State.PENDING),
        grade=row.grade,
        errors=[*models.messages([*(row.errors or ()), *ended]), *found["errors"]],
        explanation=found["explanation"],
    )


@router.get(
    "/batches/{batch_id}/rows.csv",
    summary="The file back, with its errors",
    responses={**CSV, **problems(401, 403, 404, 422, 503)},
    response_class=StreamingResponse,
)
async def rows_csv(
    request: Request,
    batch_id: BatchId,
    caller: Annotated[Principal, Depends(staff)],
    wrong: Wrong = False,
    masked: Masked = None,
    why: Why = None,
) -> StreamingResponse:
    """Edited, it can be posted again: rows that were not changed are answered `unchanged`.

    Province and ministry take it masked: such a file corrects nothing, its masked cells are refused.
    """
    context: Context = request.app.state.context
    hidden = file_masked(caller, masked)
    await _begun(context, caller, batch_id, wrong, hidden, why)
    return csv_file(export.as_csv(_answers(context, batch_id, wrong, hidden)), _name(batch_id, hidden))


@router.get(
    "/batches/{batch_id}/rows.xlsx",
    summary="The same as XLSX",
    responses={**XLSX, **problems(401, 403, 404, 413, 422, 503)},
    response_class=StreamingResponse,
)
async def rows_xlsx(
    request: Request,
    batch_id: BatchId,
    caller: Annotated[Principal, Depends(staff)],
    wrong: Wrong = False,
    masked: Masked = None,
    why: Why = None,
) -> StreamingResponse:
    """Every cell is a text, so nothing is lost when it is edited; 413 for more rows than could be posted again."""
    context: Context = request.app.state.context
    hidden = file_masked(caller, masked)
    await _begun(context, caller, batch_id, wrong, hidden, why, limited=True)
    return xlsx_file(workbook_file(_answers(context, batch_id, wrong, hidden)), _name(batch_id, hidden))


async def _begun(
    context: Context, caller: Principal, batch_id: int, wrong: bool, masked: bool, why: str | None, *, limited: bool = False
) -> None:
    """Writes down an export before its first byte leaves: one that breaks off was seen too."""
    async with context.db.begin() as tx:
        row = await _visible(tx, batch_id, caller)
        if limited:
            limit_rows(row.received)
        shown = await batches.count_wrong(tx, batch_id) if wrong else row.received
        await audit.note(tx, caller, BATCH_EXPORT, [batch_id], why=why, scope=scope_of(masked, wrong=wrong), shown=shown)


def _name(batch_id: int, masked: bool) -> str:
    return f"batch-{batch_id}-masked" if masked else f"batch-{batch_id}"


async def _answers(context: Context, batch_id: int, wrong: bool, masked: bool) -> export.Answers:
    async with context.db.begin() as tx:
        async for part in export.of_batch(context.sealer, batch_id, batches.every_row(tx, batch_id, wrong=wrong), masked=masked):
            yield part
