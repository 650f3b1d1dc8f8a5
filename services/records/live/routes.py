"""`/batches/{batch_id}/events`: tells how a batch moves, as it does."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.responses import StreamingResponse

from contracts.access import sender_of
from services.chassis.auth import Principal
from services.chassis.http import problems
from services.records.dependencies import Ctx
from services.records.live import stream
from services.records.uploads import models
from services.records.uploads.routes import BatchIdPath, shown, staff, visible

router = APIRouter(tags=["batches"])
_EVENT = {
    "type": "object",
    "description": "One event of the stream.",
    "properties": {
        "event": {"type": "string", "enum": ["moved", "settled"]},
        "id": {"type": "string", "description": "for `Last-Event-ID`"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/Batch"},
        },
        "retry": {"type": "integer"},
    },
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The stream, until the batch is settled",
        "content": {stream.MEDIA_TYPE: {"schema": _EVENT}},
    },
    204: {"description": "It is settled, and the client knows: it need not ask again"},
}


async def watching(
    context: Ctx, caller: Annotated[Principal, Depends(staff)]
) -> AsyncIterator[Principal]:
    """The caller, with a place held until the stream ends."""
    with context.live.hold(sender_of(caller)):
        yield caller


@router.get(
    "/batches/{batch_id}/events",
    summary="How a batch moves, as it does",
    response_class=Response,
    responses={**_STREAM, **problems(401, 403, 404, 422, 429, 503)},
)
async def watch_batch(
    context: Ctx,
    request: Request,
    batch_id: BatchIdPath,
    caller: Annotated[Principal, Depends(watching)],
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> Response:
    """Server-sent events: `moved` with the batch whenever its counts have changed, and `settled`
    when every dose has come to where it stays. The data of both is what `GET /batches/{batch_id}`
    answers.

    A comment comes where nothing has changed for a while. The stream ends by itself after some
    minutes; a client comes back with `Last-Event-ID`, and is told nothing twice. 204: the batch was
    settled then, and is as it was.
    """

    async def look() -> models.Batch:
        async with context.live.looking, context.db.begin() as tx:
            return await shown(tx, await visible(tx, batch_id, caller))

    first = await look()
    if first.settled and last_event_id == stream.event_id(first):
        return Response(status_code=204)
    told = stream.events(context.live.cfg, first, look, last_event_id, request.app.state.stopping)
    return StreamingResponse(told, media_type=stream.MEDIA_TYPE, headers=stream.HEADERS)
