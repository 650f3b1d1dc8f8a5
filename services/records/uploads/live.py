"""A batch as it moves, told to who watches: events of a stream (server-sent events, HTML Standard
9.2).

The batch is read again and again in short transactions. Nothing is held between two looks.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

from services.chassis.errors import ServiceError
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


class LivePlaces:
    """The streams that this process tells, and how many of them look at a time."""

    def __init__(self, cfg: LiveSettings) -> None:
        self.cfg = cfg
        self._taken: Counter[str] = Counter()
        self.looking = asyncio.Semaphore(cfg.looks_at_once)

    @contextmanager
    def hold(self, who: str) -> Iterator[None]:
        """Takes a place for the block; ServiceError 429 where the caller, or everybody, has too
        many.
        """
        if self._taken[who] >= self.cfg.per_caller or self._taken.total() >= self.cfg.at_once:
            raise _too_many_streams(self.cfg.per_caller)
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]


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


def _too_many_streams(per_caller: int) -> ServiceError:
    return ServiceError(
        429,
        "TOO_MANY_STREAMS",
        f"Đang theo dõi quá nhiều lô cùng lúc (mỗi bên tối đa {per_caller}); hãy đóng bớt.",
        f"Too many batches are watched at the same time (at most {per_caller} a caller); close"
        " some.",
        headers={"Retry-After": "10"},
    )
