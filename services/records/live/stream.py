"""A batch as it moves, told to who watches: events of a stream (server-sent events, HTML Standard
9.2).

The batch is read again and again in short transactions. Nothing is held between two looks.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from hashlib import sha256

from services.records.settings import LiveSettings
from services.records.uploads import models

MEDIA_TYPE = "text/event-stream"
HEADERS = {
    "Cache-Control": "no-store",
    # the proxy in front passes each event on as it comes
    "X-Accel-Buffering": "no",
}
_RETRY = b"retry: 2000\n\n"
_HEARTBEAT = b": still here\n\n"
# a look may take a tenth of the time, so that a large batch costs no more than a small one
_REST, _LONGEST_REST_S = 9, 10.0

Look = Callable[[], Awaitable[models.Batch]]


def event_id(batch: models.Batch) -> str:
    """Names what was told, so that who comes back with it is not told the same again."""
    return sha256(batch.model_dump_json().encode()).hexdigest()[:16]


async def events(
    cfg: LiveSettings, first: models.Batch, look: Look, seen: str | None, stop: asyncio.Event
) -> AsyncIterator[bytes]:
    """The stream's text: `moved` with the batch whenever it has changed, and `settled` at the end.

    `first`: the batch as it is now. `seen`: the id of what the client was told last. It ends as
    well when `stop` is set or its time is over; the client comes back then by itself.
    """
    yield _RETRY
    batch, rest = first, cfg.look_s
    now = time.monotonic()
    ends, told_at = now + cfg.longest_s, now
    while True:
        if (one := event_id(batch)) != seen or batch.settled:
            yield _event("settled" if batch.settled else "moved", one, batch)
            seen, told_at = one, time.monotonic()
        if batch.settled or time.monotonic() > ends:
            return
        if time.monotonic() - told_at > cfg.heartbeat_s:
            yield _HEARTBEAT
            told_at = time.monotonic()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), rest)
            return
        began = time.monotonic()
        batch = await look()
        took = time.monotonic() - began
        rest = min(max(cfg.look_s, took * _REST), max(cfg.look_s, _LONGEST_REST_S))


def _event(kind: str, one: str, batch: models.Batch) -> bytes:
    return f"event: {kind}\nid: {one}\ndata: {batch.model_dump_json()}\n\n".encode()
