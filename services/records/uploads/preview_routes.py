"""`/batches/preview`: what would be understood of a file, before anything of it is taken."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from contracts.access import counted_as
from services.chassis.auth import Principal
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import problems
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.domain.dose import FIELDS
from services.records.domain.parse_row import parse_row
from services.records.domain.row_error import RowError
from services.records.uploads import formats, models
from services.records.uploads.errors import nothing_readable
from services.records.uploads.formats import FileReport, InputRow
from services.records.uploads.formats.dose_columns import HEADERS
from services.records.uploads.formats.file_report import place_of
from services.records.uploads.routes import UPLOAD_BODY, pushers
from services.records.uploads.rows import Sender
from services.records.uploads.spool import spooled
from vietnamese.dates import day_in_viet_nam

router = APIRouter(tags=["batches"])
_SHOWN = 8
"""Rows that are shown."""


@router.post(
    "/batches/preview",
    summary="What would be understood of a file",
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra=UPLOAD_BODY,
    dependencies=[Depends(MaxBody(BodySize.FILE))],
)
async def preview_batch(
    context: Ctx, request: Request, caller: Annotated[Principal, Depends(pushers)]
) -> models.BatchPreview:
    """The same bodies as `POST /batches`, of which nothing is stored. The first rows are read as
    they would be: which column is which field, what is passed over, and what would be rejected.

    What only the records can tell, such as a code that is taken, is told when the file is pushed.
    """
    sender = Sender(*counted_as(caller))
    await context.quotas.require_left(sender.kind("bytes"), sender.who)
    async with spooled(request, context.cfg.max_upload_bytes) as body:
        await context.quotas.take(sender.kind("bytes"), sender.who, body.size)
        report = FileReport()
        chunks = formats.read_rows(
            body.parts(),
            body.media_type,
            max_bytes=context.cfg.max_upload_bytes,
            report=report,
            today=day_in_viet_nam(context.clock()),
        )
        first = await anext(chunks, None) or []
        more = bool(first) and await anext(chunks, None) is not None
    if not first or all(row.holds_nothing for row in first):
        raise nothing_readable()
    wrong = [_errors(context, row) for row in first]
    return models.BatchPreview(
        media_type=body.media_type,
        columns=[
            models.ColumnRead(header=header, field=field, name=HEADERS.get(field, ""))
            for header, field in report.columns
        ],
        unused_columns=report.unused_columns,
        ignored=dict(report.ignored),
        notices=models.messages([notice.as_json() for notice in report.notices]),
        sheets=report.sheets,
        rows=[
            _shown(row, errors, report)
            for row, errors in islice(zip(first, wrong, strict=True), _SHOWN)
        ],
        looked_at=len(first),
        would_be_rejected=sum(map(bool, wrong)),
        more=more,
    )


def _errors(context: Context, row: InputRow) -> Sequence[RowError]:
    if row.errors or row.raw is None:
        return row.errors
    # rows without a code get one of their own when they are taken
    raw = row.raw if row.coded else row.raw._replace(source_id="1")
    return parse_row(raw, today=context.today(), facilities=context.facilities).errors


def _shown(row: InputRow, errors: Sequence[RowError], report: FileReport) -> models.PreviewedRow:
    sheet, number = place_of(row.row, report.sheets)
    texts = zip(FIELDS, row.raw or (), strict=False)
    return models.PreviewedRow(
        row=number,
        sheet=sheet,
        cells={field: text for field, text in texts if text},
        errors=models.messages([error.as_json() for error in errors]),
    )
