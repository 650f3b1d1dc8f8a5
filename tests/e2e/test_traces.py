"""One trace from the upload to the certificates: every event that follows from a request tells of
the request's trace.
"""

import asyncio
import json
from pathlib import Path
from secrets import token_hex

import asyncpg

from services.chassis.db import plain_dsn
from services.records.domain.dose import Raw
from tests.support.files import CSV, csv_file, read
from tests.support.stack import System

_EVENTS = (
    "SELECT topic, headers::text AS headers FROM event WHERE headers->>'traceparent' LIKE '00-' ||"
    " $1 || '-%'"
)
_EXPRESS = {
    "doses.recorded.express.v1",
    "doses.verified.express.v1",
    "certificates.issued.express.v1",
}


async def test_every_event_that_follows_from_a_request_tells_of_its_trace(
    with_made_up_people: System, made_up: Path
) -> None:
    raws = [row.raw for row in await read((made_up / "doses.csv").read_bytes()) if row.raw][:200]
    ids = [token_hex(16) for _ in range(5)]
    await _push(with_made_up_people, ids[0], raws[0::5][:40])
    # the others together, so that a worker has events of several traces in hand
    await asyncio.gather(
        *(
            _push(with_made_up_people, trace_id, raws[n::5][:40])
            for n, trace_id in enumerate(ids[1:], 1)
        )
    )
    bus = await asyncpg.connect(plain_dsn(with_made_up_people.stack.databases["bus"]))
    try:
        found = {trace_id: await bus.fetch(_EVENTS, trace_id) for trace_id in ids}
        untold = await bus.fetchval(
            "SELECT count(*) FROM event WHERE headers->>'traceparent' IS NULL"
        )
    finally:
        await bus.close()
    assert untold == 0
    for trace_id, events in found.items():
        assert {row["topic"] for row in events} == _EXPRESS, trace_id
        steps = {json.loads(row["headers"])["traceparent"] for row in events}
        assert len(steps) >= len(_EXPRESS), "each step has an id of its own"


async def _push(system: System, trace_id: str, raws: list[Raw]) -> None:
    content = csv_file(raw._replace(source_id=f"traced-{raw.source_id}") for raw in raws)
    async with system.client() as client:
        headers = {"Content-Type": CSV, "traceparent": f"00-{trace_id}-{token_hex(8)}-01"}
        created = await client.post("/records/v1/batches", content=content, headers=headers)
        assert created.status_code == 202, created.text
        await system.settled(created.json()["batch_id"])
