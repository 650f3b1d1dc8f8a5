"""A batch is watched as it moves: what the stream tells, to whom, and when it ends."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI

from contracts.access import Role
from contracts.words import Grade, Reason
from services.records.context import Context
from services.records.live import stream
from services.records.settings import LiveSettings
from services.records.uploads import models
from tests.integration.records.conftest import Records
from tests.integration.records.test_exports import Reader, app  # noqa: F401
from tests.support.files import csv_file, typed
from tests.support.tokens import TestIssuer

_BATCH = models.Batch(
    batch_id=7,
    received=2,
    accepted=2,
    rejected=0,
    unchanged=0,
    corrected=0,
    warnings=0,
    links=models.Links(self="/", rows="/", rows_csv="/", rows_xlsx=None),
    status="complete",
    states={},
    grades={},
    reasons={},
    not_due=0,
    created_at=datetime(2022, 4, 1, tzinfo=UTC),
)
_SETTLED = _BATCH.model_copy(update={"settled": True})
_AT_ONCE = LiveSettings(look_s=0.01, heartbeat_s=0.01)


def _told(text: bytes) -> list[tuple[str, str, Any]]:
    """Kind, id and data of each event."""
    blocks = [block.splitlines() for block in text.decode().split("\n\n")]
    events = [dict(line.split(": ", 1) for line in block) for block in blocks if len(block) == 3]
    return [(one["event"], one["id"], json.loads(one["data"])) for one in events]


async def test_who_watches_a_batch_is_told_each_move_until_every_dose_has_come_to_its_place(
    records: Records,
    app: FastAPI,
    issuer: TestIssuer,
    context: Context,
) -> None:
    service, headers = records.caller(Role.SERVICE), issuer.headers(Role.SERVICE)
    raws = [typed(number, source_id=f"s{number}") for number in (1, 2)]
    batch = await service.upload(csv_file(raws))
    path = f"/batches/{batch['batch_id']}/events"
    held: list[int] = []
    pool: Any = context.db._engine.pool
    reader = Reader(app, path, headers, lambda: held.append(pool.checkedout()))
    await reader.offered(1)
    await reader.take(2)
    verdict = (Grade.MISMATCH, [Reason.NAME_DIFFERS])
    await records.judge({raw.source_id: verdict for raw in raws})
    events = _told(await reader.rest())
    assert [kind for kind, _, _ in events] == ["moved", "settled"]
    assert [one["states"]["pending"] for _, _, one in events] == [2, 0]
    assert events[-1][2] == await service.get(f"/batches/{batch['batch_id']}")
    assert reader.headers[b"x-accel-buffering"] == b"no"
    assert set(held) == {0}
    assert context.live._taken == {}

    again = await service.ask("GET", path, headers={"Last-Event-ID": events[-1][1]})
    assert again.status_code == 204


async def test_a_caller_watches_a_few_batches_at_a_time_and_none_that_it_may_not_see(
    records: Records,
    app: FastAPI,
    issuer: TestIssuer,
    context: Context,
) -> None:
    service, headers = records.caller(Role.SERVICE), issuer.headers(Role.SERVICE)
    batch = await service.upload(csv_file([typed(1)]))
    path = f"/batches/{batch['batch_id']}/events"
    readers = [Reader(app, path, headers) for _ in range(context.cfg.live.per_caller)]
    for reader in readers:
        await reader.offered(1)
    refused = await service.ask("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_STREAMS")
    for reader in readers:
        await reader.leave()
    assert context.live._taken == {}
    other = records.caller(Role.FACILITY, facility="79001")
    assert (await other.ask("GET", path)).status_code == 404


async def _stream(*looks: models.Batch, seen: str | None = None, **set_to: Any) -> list[bytes]:
    first, *later = looks
    stop, rest = asyncio.Event(), iter(later)

    async def look() -> models.Batch:
        batch = next(rest, None)
        if batch is None:
            stop.set()
        return batch or first

    cfg = _AT_ONCE.model_copy(update=set_to)
    return [part async for part in stream.events(cfg, first, look, seen, stop)]


@pytest.mark.parametrize(
    ("looks", "seen", "kinds"),
    [
        ((_BATCH, _BATCH, _SETTLED), None, ["moved", "settled"]),
        ((_BATCH, _SETTLED), stream.event_id(_BATCH), ["settled"]),
        ((_BATCH,), None, ["moved"]),
        ((_SETTLED,), None, ["settled"]),
    ],
    ids=["until it is settled", "nothing twice", "until the process ends", "at once"],
)
async def test_a_stream_tells_what_is_new(
    looks: tuple[models.Batch, ...], seen: str | None, kinds: list[str]
) -> None:
    events = _told(b"".join(await _stream(*looks, seen=seen, heartbeat_s=60)))
    assert [kind for kind, _, _ in events] == kinds


async def test_a_stream_gives_a_sign_of_life_and_ends_after_its_time() -> None:
    assert b": still here\n\n" in await _stream(*[_BATCH] * 5)
    parts = await _stream(*[_BATCH] * 5, longest_s=0)
    assert [kind for kind, _, _ in _told(b"".join(parts))] == ["moved"]
