"""`/batches`: pushes a file of doses, and shows where its doses stand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from contracts.acceptance import acting_role
from contracts.access import STAFF, Reach, Role, callers_reach, counted_as
from contracts.ids import BatchId
from contracts.words import Grade, State
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import problems
from services.chassis.idempotency import Claim, Key
from services.chassis.paging import (
    Page,
    PageRequest,
    page_request,
)
from services.chassis.representations import KEPT_BY_CALLER
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.visibility import covers_batch
from services.records.domain.guidance import guidance
from services.records.suggestions.service import Accepting
from services.records.uploads import dose_schema, formats, models, store
from services.records.uploads.errors import batch_not_found, facility_unknown
from services.records.uploads.formats.file_report import place_of
from services.records.uploads.formats.xlsx_writer import MAX_ROWS
from services.records.uploads.ingest import IngestedBatch, ingest_upload
from services.records.uploads.rows import Sender, Uploader
from services.records.uploads.spool import Spooled, spooled
from services.records.uploads.store import BatchRecord
from vietnamese.dates import day_in_viet_nam

router = APIRouter(tags=["batches"])
staff = Allow(*STAFF)
pushers = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)
BatchIdPath = Annotated[BatchId, Path(ge=1, lt=1 << 63)]

_BINARY = {"type": "string", "format": "binary"}
_FORM = {"type": "object", "required": ["file"], "properties": {"file": _BINARY}}
_BODY = {
    **{media: {"schema": _BINARY} for media in formats.DECLARED},
    formats.MULTIPART: {"schema": _FORM},
    **dose_schema.contents(),
}
UPLOAD_BODY = {"requestBody": {"required": True, "content": _BODY}}


@router.post(
    "/batches",
    status_code=202,
    summary="Push a file of doses",
    responses=problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
    openapi_extra=UPLOAD_BODY,
    dependencies=[Depends(MaxBody(BodySize.FILE))],
)
async def push_batch(
    context: Ctx,
    request: Request,
    caller: Annotated[Principal, Depends(pushers)],
    idempotency_key: Key = None,
) -> models.BatchCreated:
    """CSV (Vietnamese headers or JSON names), a workbook (XLSX, XLS, XLSB, ODS), JSON
    `{"doses":[…]}`, NDJSON or a FHIR R4 bundle.

    A bad row never costs a good one. The file is the body, or the one file of a form
    (`multipart/form-data`). What it is, its bytes tell; the declared type decides only where they
    leave it open. It may be packed: `Content-Encoding: gzip` or `deflate`, a `.gz`, or alone in a
    `.zip`; what it unpacks to is bounded like a body.

    Of a workbook every visible sheet with a header is read, rows hidden by a filter too; `ignored`
    names the sheets that were not.

    A bundle (collection, batch, transaction, searchset or document) holds Immunizations and their
    Patients as VN Core profiles them. So does a bulk export (`application/fhir+ndjson`, one
    resource a line). A row is an Immunization, numbered by its entry or line. The facility's code
    is the identifier `…/sid/provider-code` behind a performer or the location. The kind of the dose
    is `protocolApplied.series` (primary, additional, booster), its number the one counted over all
    kinds. The record code is the Immunization's identifier, or else its id. Where the identifier
    has a system, a digest of it follows (`17@3f9a1c2e77b0`). The id of a POST means nothing: such a
    dose is recognised by who was injected, when and with which dose.

    A station puts right what is on record of the people of its areas; it adds no dose.

    A file that holds more empty or unreadable rows than others, beyond a hundred, is read up to
    there: `not_read_from`. Rows that were read stay, and nothing is stored of a file that begins
    so. 429 where a sender had too many rows rejected, or sent too many bytes, within a day.

    What a dose held once, before it was corrected, changes nothing: the row is `unchanged`, with a
    warning.

    Files given back have columns of the dose's version and id (`version` and `dose_id` in JSON). By
    these a row is found whose code a spreadsheet has changed; what it did to the form of other
    cells does not count. A row made from another version than the current one is rejected, one with
    the current version may hold anything. 422 `DATES_DAMAGED`: nearly all dates have day and month
    changed over, nothing was taken. A withdrawn dose stays withdrawn.
    """
    sender = Sender(*counted_as(caller))
    for what in ("bytes", "rejected"):
        await context.quotas.require_left(sender.kind(what), sender.who)
    async with (
        spooled(request, context.cfg.max_upload_bytes) as body,
        context.idempotency.claim(caller.subject, "POST /batches", idempotency_key) as claim,
    ):
        if claim is not None and claim.answer is not None:
            return models.BatchCreated.model_validate(claim.replay(body.fingerprint))
        await context.quotas.take(sender.kind("bytes"), sender.who, body.size)
        return await _ingest(context, caller, sender, body, claim)


async def _ingest(
    context: Context, caller: Principal, sender: Sender, body: Spooled, claim: Claim | None
) -> models.BatchCreated:
    report = formats.FileReport()

    async def remember(tx: Transaction, batch: IngestedBatch) -> None:
        if claim is not None:
            answer = _created(batch, report).model_dump(mode="json")
            await claim.store(tx, body.fingerprint, answer)

    reach = callers_reach(caller)
    uploader = Uploader(
        caller.subject,
        sender,
        reach,
        own_facility=_own_facility(caller, reach),
        corrects=reach.residences if Role.STATION in caller.roles else (),
        accepts=Accepting(caller.subject, role) if (role := acting_role(caller.roles)) else None,
    )
    chunks = formats.read_rows(
        body.parts(),
        body.media_type,
        max_bytes=context.cfg.max_upload_bytes,
        report=report,
        today=day_in_viet_nam(context.clock()),
    )
    batch = await ingest_upload(context, uploader, body.media_type, chunks, report, remember)
    return _created(batch, report)


def _own_facility(caller: Principal, reach: Reach) -> str | None:
    """The one facility that a token may push for, where it is one facility's."""
    if caller.roles & {Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE}:
        return None
    if len(reach.facilities) != 1:
        raise facility_unknown()
    return reach.facilities[0]


def _created(batch: IngestedBatch, report: formats.FileReport) -> models.BatchCreated:
    counts = batch.counts
    return models.BatchCreated(
        batch_id=batch.batch_id,
        received=counts.received,
        accepted=counts.accepted,
        rejected=counts.rejected,
        unchanged=counts.unchanged,
        corrected=counts.corrected,
        warnings=counts.warnings,
        links=_links(batch.batch_id, counts.received),
        sheets=report.sheets,
        not_read_from=report.ended_at and place_of(report.ended_at, report.sheets)[1],
        **store.report_json(report),
    )


def _links(batch_id: int, received: int) -> models.Links:
    own = f"/records/v1/batches/{batch_id}"
    workbook = f"{own}/rows.xlsx" if received <= MAX_ROWS else None
    return models.Links(
        self=own, rows=f"{own}/rows", rows_csv=f"{own}/rows.csv", rows_xlsx=workbook
    )


@router.get(
    "/batches",
    summary="Recent batches, newest first",
    responses=problems(401, 403, 422, 503),
    dependencies=[Depends(KEPT_BY_CALLER)],
)
async def list_batches(
    context: Ctx,
    pages: Annotated[PageRequest, Depends(page_request(50))],
    caller: Annotated[Principal, Depends(staff)],
) -> Page[models.Batch]:
    """Those of facilities within the caller's reach, and its own as far as its reach still covers
    what it covered when they were sent.
    """
    after = pages.after(int)
    reach = callers_reach(caller)
    async with context.db.begin() as tx:
        recent_batches = await store.recent_batches(
            tx,
            None if reach.everything else reach.tokens,
            caller.subject,
            after[0] if after else None,
            pages.limit,
        )
        items = [await shown(tx, batch) for batch in recent_batches]
    return pages.page(items, recent_batches, lambda row: (row.id,))


@router.get(
    "/batches/{batch_id}",
    summary="A batch and where its doses stand",
    responses=problems(401, 403, 404, 422, 503),
    dependencies=[Depends(KEPT_BY_CALLER)],
)
async def read_batch(
    context: Ctx, batch_id: BatchIdPath, caller: Annotated[Principal, Depends(staff)]
) -> models.Batch:
    """Accepted is at any time the sum over states."""
    async with context.db.begin() as tx:
        return await shown(tx, await visible(tx, batch_id, caller))


async def visible(tx: Transaction, batch_id: BatchId, caller: Principal) -> BatchRecord:
    """Reads a batch; ServiceError 404 where it does not exist, or the caller may not see it."""
    batch = await store.read_batch(tx, batch_id)
    if batch is None or not covers_batch(callers_reach(caller), caller.subject, batch):
        raise batch_not_found()
    return batch


async def shown(tx: Transaction, batch: BatchRecord) -> models.Batch:
    """A batch with where its doses stand now."""
    states = dict.fromkeys(State, 0)
    grades: dict[Grade, int] = {}
    reasons: dict[str, int] = {}
    not_due = 0
    for group in await store.count_states(tx, batch.id):
        states[State(group.state)] += group.doses
        if group.grade is not None:
            grades[Grade(group.grade)] = grades.get(Grade(group.grade), 0) + group.doses
        for reason, _ in guidance(group.state, group.reasons, group.refusal).to_do:
            reasons[reason] = reasons.get(reason, 0) + group.doses
        if group.refusal is not None and group.state == State.ELIGIBLE:
            not_due += group.doses
    return models.Batch(
        batch_id=batch.id,
        received=batch.received,
        accepted=batch.accepted,
        rejected=batch.rejected,
        unchanged=batch.unchanged,
        corrected=batch.corrected,
        warnings=batch.warnings,
        status=batch.status,
        links=_links(batch.id, batch.received),
        states=states,
        grades=grades,
        reasons=reasons,
        not_due=not_due,
        settled=states[State.PENDING] == 0 and states[State.ELIGIBLE] == not_due,
        created_at=batch.created_at,
        sheets=batch.sheets or [],
        **(batch.report or {}),
    )
