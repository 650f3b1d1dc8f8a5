"""`/desk/uploads/{id}/events`: tells a page that its file has moved, so that it looks again."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

import httpx
from fastapi import APIRouter, Header, Request
from starlette.responses import Response, StreamingResponse

from web.asking import answered
from web.desk.routes import Cleaner
from web.desk.upload_routes import BatchId

router = APIRouter()
_MEDIA_TYPE: Final = "text/event-stream"
_QUIET: Final = httpx.Timeout(60, connect=5)
"""Longer than the time after which records says that it is still there."""
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/desk/uploads/{batch_id}/events")
async def watch_upload(
    request: Request,
    session: Cleaner,
    batch_id: BatchId,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> Response:
    """The events of records without their data: the page asks for its part as its reader sees it.

    204 where the file has come to its end, and the page knows.
    """
    client = session.client("records").with_timeout(_QUIET).get_async_httpx_client()
    seen = {"Last-Event-ID": last_event_id} if last_event_id else {}
    asked = client.build_request("GET", f"/records/v1/batches/{batch_id}/events", headers=seen)
    told = await client.send(asked, stream=True)
    if told.status_code != httpx.codes.OK:
        await told.aread()  # which closes it
        if told.is_error:
            answered(told)
        return Response(status_code=204)
    return StreamingResponse(
        _events(told, request.app.state.stopping), media_type=_MEDIA_TYPE, headers=_HEADERS
    )


async def _events(told: httpx.Response, stop: asyncio.Event) -> AsyncIterator[str]:
    """Line by line, until records or this process stops; a browser comes back by itself."""
    lines, stopped = told.aiter_lines(), asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            line = asyncio.ensure_future(anext(lines, None))
            await asyncio.wait({line, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not line.done() or (text := line.result()) is None:
                line.cancel()
                return
            yield "data: moved\n" if text.startswith("data:") else f"{text}\n"
    except httpx.HTTPError:
        return
    finally:
        stopped.cancel()
        await told.aclose()
