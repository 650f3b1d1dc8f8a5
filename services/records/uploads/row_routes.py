"""`/batches/{id}/rows`: lists an upload's rows with their answers, or gives the file back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from contracts.ids import BatchId
from contracts.words import Grade, State
from services.chassis import audit
from services.chassis.auth import Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.paging import (
    Page,
    Pages,
)
from services.chassis.volume import Look
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import BATCH_EXPORT, BATCH_ROWS, Why, scope_of
from services.records.disclosure.visibility import Masked, file_masked, is_own, row_shown
from services.records.domain.guidance import WAITING
from services.records.domain.masking import Disclosure
from services.records.doses.versions import person_of
from services.records.exports import service as exports
from services.records.exports.places import PAGE, exporting
from services.records.exports.responses import CSV, XLSX, csv_file, limit_rows, xlsx_file
from services.records.exports.service import Beside
from services.records.suggestions import store as suggestions
from services.records.suggestions.models import Suggestions
from services.records.suggestions.serializers import suggestions_out
from services.records.told_cases import store as told_cases
from services.records.told_cases.serializers import case_out, unheld_out
from services.records.told_cases.store import StoredCase
from services.records.uploads import models, store
from services.records.uploads.errors import WITHDRAWN
from services.records.uploads.formats.file_report import place_of
from services.records.uploads.formats.xlsx_writer import workbook_file
from services.records.uploads.routes import BatchIdPath, staff, visible
from services.records.uploads.store import BatchRow
from services.records.worklist.serializers import guided

router = APIRouter(tags=["batches"])
taker = exporting(staff)
Wrong = Annotated[bool, Query(description="only the rows that need correction")]


@router.get(
    "/batches/{batch_id}/rows",
    summary="Every row of a batch with its answer",
    responses=problems(401, 403, 404, 422, 503),
)
async def list_batch_rows(
    context: Ctx,
    pages: Pages,
    batch_id: BatchIdPath,
    caller: Annotated[Principal, Depends(staff)],
    state: Annotated[str | None, Query(pattern=f"^({'|'.join([*State, 'rejected'])})$")] = None,
    grade: Grade | None = None,
    wrong: Wrong = False,
    why: Why = None,
) -> Page[models.Row]:
    """In file order; `state=rejected` for the rows that were not taken."""
    after = pages.after(int)
    async with context.db.begin() as tx:
        batch = await visible(tx, batch_id, caller)
        batch_rows = await store.batch_rows(
            tx,
            batch_id,
            after=after[0] if after else 0,
            limit=pages.limit,
            state=state,
            grade=grade,
            wrong=wrong,
        )
        scope = scope_of(None, state=state, grade=grade, wrong=wrong)
        await audit.note(
            tx, caller, BATCH_ROWS, [batch_id], why=why, scope=scope, shown=len(batch_rows)
        )
        suggested = await suggestions.of_doses(tx, [row.dose_id for row in batch_rows])
        cases = await told_cases.of_doses(tx, [row.dose_id for row in batch_rows])
        await context.volumes.admit(caller, Look.LISTED, len(suggested))
    shown = row_shown(caller, batch_id, file_masked(caller, None, own=is_own(caller, batch)))

    def suggested_for(row: BatchRow) -> Suggestions | None:
        stored = suggested.get((row.dose_id, row.version)) if row.dose_id else None
        disclosure = shown(row) if stored else Disclosure.CODES
        if stored is None or disclosure is Disclosure.CODES or row.state not in WAITING:
            return None
        typed = person_of(context.sealer, row)
        return suggestions_out(
            context.sealer, stored, typed, caller, disclosure is Disclosure.MASKED
        )

    def case_of(row: BatchRow) -> StoredCase | None:
        if row.dose_id is None or row.state not in WAITING:
            return None
        return cases.get((row.dose_id, row.version))

    return pages.page(
        [_row(row, batch.sheets, suggested_for(row), case_of(row)) for row in batch_rows],
        batch_rows,
        lambda row: (row.row,),
    )


def _row(
    row: BatchRow,
    sheets: list[str] | None,
    suggested: Suggestions | None,
    case: StoredCase | None,
) -> models.Row:
    sheet, number = place_of(row.row, sheets)
    rejected = row.outcome == "rejected"
    guidance = guided(row)
    withdrawn = [WITHDRAWN.as_json()] if not rejected and row.state == State.WITHDRAWN else []
    # what the row was told when it came may be why its dose still waits
    messages = [*models.messages([*(row.errors or ()), *withdrawn]), *guidance["errors"]]
    return models.Row(
        row=number,
        sheet=sheet,
        source_id=(row.typed_source_id or "") if rejected else row.source_id,
        dose_id=row.dose_id,
        version=row.version,
        state=None if rejected else State(row.state or State.PENDING),
        grade=row.grade,
        errors=list({(message.code, message.field): message for message in messages}.values()),
        explanation=guidance["explanation"],
        suggestions=suggested,
        case=case_out(case),
        unheld=unheld_out(case),
    )


@router.get(
    "/batches/{batch_id}/rows.csv",
    summary="The file back, with its errors",
    responses={**CSV, **problems(401, 403, 404, 422, 429, 503)},
    response_class=StreamingResponse,
)
async def download_batch_rows_csv(
    context: Ctx,
    batch_id: BatchIdPath,
    caller: Annotated[Principal, Depends(taker)],
    wrong: Wrong = False,
    masked: Masked = None,
    why: Why = None,
) -> StreamingResponse:
    """Edited, it can be posted again: rows that were not changed are answered `unchanged`.

    Province and ministry take what others sent masked: such a file corrects nothing, its masked
    cells are refused. Of a dose that others changed since, its sender gets what a list would show.
    That is masked, or `***` in every cell where the dose is no longer within its reach.
    """
    hidden = await _note_export(context, caller, batch_id, wrong, masked, why)
    return csv_file(
        exports.as_csv(_answers(context, caller, batch_id, wrong, hidden)), _name(batch_id, hidden)
    )


@router.get(
    "/batches/{batch_id}/rows.xlsx",
    summary="The same as XLSX",
    responses={**XLSX, **problems(401, 403, 404, 413, 422, 429, 503)},
    response_class=StreamingResponse,
)
async def download_batch_rows_xlsx(
    context: Ctx,
    batch_id: BatchIdPath,
    caller: Annotated[Principal, Depends(taker)],
    wrong: Wrong = False,
    masked: Masked = None,
    why: Why = None,
) -> StreamingResponse:
    """Every cell is a text, so nothing is lost when it is edited; 413 for more rows than could be
    posted again.
    """
    hidden = await _note_export(context, caller, batch_id, wrong, masked, why, limited=True)
    return xlsx_file(
        workbook_file(_answers(context, caller, batch_id, wrong, hidden)), _name(batch_id, hidden)
    )


async def _note_export(
    context: Context,
    caller: Principal,
    batch_id: BatchId,
    wrong: bool,
    masked: bool | None,
    why: str | None,
    *,
    limited: bool = False,
) -> bool:
    """Audits an export before its first byte leaves, and answers whether it is masked.

    An export that breaks off was seen too.
    """
    async with context.db.begin() as tx:
        row = await visible(tx, batch_id, caller)
        hidden = file_masked(caller, masked, own=is_own(caller, row))
        if limited:
            limit_rows(row.received)
        shown = await store.count_wrong(tx, batch_id) if wrong else row.received
        await context.volumes.admit(caller, Look.EXPORTED, shown)
        await audit.note(
            tx,
            caller,
            BATCH_EXPORT,
            [batch_id],
            why=why,
            scope=scope_of(hidden, wrong=wrong),
            shown=shown,
        )
    return hidden


def _name(batch_id: BatchId, masked: bool) -> str:
    return f"batch-{batch_id}-masked" if masked else f"batch-{batch_id}"


def _answers(
    context: Context, caller: Principal, batch_id: BatchId, wrong: bool, masked: bool
) -> exports.Answers:
    shown = row_shown(caller, batch_id, masked)

    async def page(tx: Transaction, after: int) -> list[tuple[BatchRow, Beside]]:
        rows = await store.batch_rows(tx, batch_id, after=after, limit=PAGE, wrong=wrong)
        beside = await exports.beside(tx, [(row.dose_id, row.version) for row in rows])
        return list(zip(rows, beside, strict=True))

    rows = context.exports.rows(context.db, page, lambda pair: pair[0].row)
    return exports.of_batch(context.sealer, batch_id, caller, rows, masked=masked, shown=shown)
