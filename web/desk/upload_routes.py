"""`/desk/uploads`: a file looked at, sent, watched to its end, and given back."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast
from urllib.parse import quote
from uuid import uuid4

import httpx
from fastapi import APIRouter, Depends, File, Path, Query, Request, UploadFile
from starlette.responses import JSONResponse, Response

from services.chassis.errors import ServiceError
from services.chassis.gate import BodySize, MaxBody
from web.asking import answered
from web.clients.records.api.batches import (
    download_batch_rows_csv,
    download_batch_rows_xlsx,
    list_batches,
    preview_batch,
    push_batch,
    read_batch,
)
from web.clients.records.api.worklist import download_worklist_csv, download_worklist_xlsx
from web.clients.records.types import UNSET
from web.clients.records.types import File as SentFile
from web.context import Ctx
from web.desk import asked
from web.desk.asked import ChosenRows
from web.desk.job_views import job_view
from web.desk.passed_on import PassedOn
from web.desk.routes import Cleaner, SentKey, chosen_rows
from web.desk.words import FIELDS
from web.errors import SignInNeededError
from web.rendering import go_to, page
from web.sessions.session import Session

router = APIRouter()
_PATIENCE: Final = httpx.Timeout(900, connect=5)
"""A file of a million rows is read before its answer."""
_MOST_BYTES: Final = 181_000_000
"""What records takes, and the form around it."""
BatchId = Annotated[int, Path(ge=1, lt=1 << 63)]
Sent = Annotated[UploadFile, File()]
Ending = Annotated[str, Path(pattern="^(csv|xlsx)$")]
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def _bounded(request: Request) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _MOST_BYTES:
        raise ServiceError(
            413,
            "FILE_TOO_LARGE",
            "Tệp quá lớn (tối đa 180 MB); hãy chia thành nhiều tệp.",
            "The file is too large (180 MB at most); send it in several.",
        )


_FILE: Final = [Depends(_bounded), Depends(MaxBody(BodySize.FILE))]


@router.get("/desk/uploads")
async def show_uploads(
    request: Request,
    context: Ctx,
    session: Cleaner,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Where a file goes in, and all that went in before."""
    return await _uploads(request, context, session, cursor)


@router.post("/desk/uploads/preview", dependencies=_FILE)
async def preview_upload(request: Request, context: Ctx, session: Cleaner, file: Sent) -> Response:
    """What would be understood of a file; nothing of it is taken."""
    try:
        found = answered(
            await preview_batch.asyncio_detailed(
                client=session.client("records").with_timeout(_PATIENCE), body=_sent(file)
            )
        ).to_dict()
    except SignInNeededError:
        raise
    except ServiceError as error:
        if error.status in (403, 429, 503):
            raise
        return await _uploads(request, context, session, None, error=error, name=file.filename)
    return await _uploads(request, context, session, None, found=found, name=file.filename)


@router.post("/desk/uploads", dependencies=_FILE)
async def take_upload(
    request: Request, context: Ctx, session: Cleaner, file: Sent, key: SentKey
) -> Response:
    """Takes a file in; sent twice with one key it is taken once."""
    try:
        batch = answered(
            await push_batch.asyncio_detailed(
                client=session.client("records").with_timeout(_PATIENCE),
                body=_sent(file),
                idempotency_key=key,
            )
        )
    except SignInNeededError:
        raise
    except ServiceError as error:
        if asked.wants_json(request):
            return asked.as_json(error)
        return await _uploads(request, context, session, None, error=error, name=file.filename)
    target = f"/desk/uploads/{batch.batch_id}"
    return JSONResponse({"to": target}) if asked.wants_json(request) else go_to(target)


@router.get("/desk/uploads/{batch_id}")
async def show_upload(
    request: Request,
    context: Ctx,
    session: Cleaner,
    batch_id: BatchId,
    part: Annotated[str | None, Query(pattern="^job$")] = None,
) -> Response:
    """A file on its way: its four stages, and at the end what people must do; `part=job` alone."""
    batch = answered(
        await read_batch.asyncio_detailed(client=session.client("records"), batch_id=batch_id)
    ).to_dict()
    return page(
        request,
        "desk/job.html" if part else "desk/upload.html",
        job=job_view(batch, context.clock()),
    )


@router.get("/desk/uploads/{batch_id}/rows.{ending}")
async def download_rows(
    session: Cleaner,
    batch_id: BatchId,
    ending: Ending,
    wrong: bool = False,
) -> Response:
    """The file back, with its errors and suggestions."""
    call = download_batch_rows_csv if ending == "csv" else download_batch_rows_xlsx
    found = answered(
        await call.asyncio_detailed(
            client=session.client("records").with_timeout(_PATIENCE),
            batch_id=batch_id,
            wrong=wrong,
        )
    )
    return _file(found, f"batch-{batch_id}.{ending}", ending)


@router.get("/desk/worklist.{ending}")
async def download_worklist(
    session: Cleaner,
    chosen: Annotated[ChosenRows, Depends(chosen_rows)],
    ending: Ending,
) -> Response:
    """The worklist as a file, to be mended elsewhere and sent back."""
    call: Any = download_worklist_csv if ending == "csv" else download_worklist_xlsx
    found = answered(
        await call.asyncio_detailed(
            client=session.client("records").with_timeout(_PATIENCE), **chosen.filters
        )
    )
    return _file(found, f"worklist.{ending}", ending)


async def _uploads(
    request: Request,
    context: Ctx,
    session: Session,
    cursor: str | None,
    *,
    found: Mapping[str, Any] | None = None,
    error: ServiceError | None = None,
    name: str | None = None,
) -> Response:
    views: dict[str, Any] = {"found": found, "error": error, "name": name, "field_words": FIELDS}
    if request.headers.get("x-part") == "preview":
        return page(request, "desk/preview.html", **views)
    batches = answered(
        await list_batches.asyncio_detailed(
            client=session.client("records"), cursor=cursor or UNSET, limit=20
        )
    ).to_dict()
    after = batches.get("next")
    return page(
        request,
        "desk/uploads.html",
        status=error.status if error else 200,
        jobs=[job_view(batch, context.clock()) for batch in batches["items"]],
        next_page=f"/desk/uploads?cursor={quote(after)}" if after else None,
        key=str(uuid4()),
        **views,
    )


def _sent(file: UploadFile) -> SentFile:
    # a browser guesses the type by the name; records looks at the bytes
    return SentFile(payload=cast(Any, PassedOn(file)), mime_type="application/octet-stream")


def _file(found: Any, name: str, ending: str) -> Response:
    content = found if isinstance(found, str | bytes) else found.payload.read()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[ending], headers=headers)
