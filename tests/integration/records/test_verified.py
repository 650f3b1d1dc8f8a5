"""What the verifier's events say of one dose several times: the newest version stands, and of that the last word."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select

from contracts.events import DosesVerified, VerifiedDose
from contracts.topics import VERIFIED
from contracts.words import Grade
from services.chassis.bus import Event
from services.records import schema
from services.records.consumer import subscriptions
from services.records.context import Context


def told(*doses: tuple[int, int, Grade]) -> Event:
    chunk = DosesVerified(batch_id=1, algorithm="test", doses=[VerifiedDose(*dose) for dose in doses])
    return Event(uuid4().hex, VERIFIED.name, VERIFIED.name, "verifier", "1", datetime.now(UTC), chunk.model_dump_json().encode())


async def stands(context: Context) -> list[tuple[int, int, str]]:
    status = schema.dose_status.c
    async with context.db.begin() as tx:
        rows = await tx.execute(select(status.dose_id, status.version, status.grade).order_by(status.dose_id))
        return [(row.dose_id, row.version, row.grade) for row in rows]


async def test_of_one_dose_the_newest_version_stands_and_of_that_the_last_word(context: Context) -> None:
    handler = next(one.handler for one in subscriptions(context) if one.topic == VERIFIED.name)
    events = [
        told((9, 1, Grade.EXACT), (7, 2, Grade.EXACT), (7, 1, Grade.EXEMPT), (8, 1, Grade.EXACT)),
        told((7, 1, Grade.REPAIRED), (8, 2, Grade.REPAIRED), (9, 1, Grade.EXEMPT)),
    ]
    async with context.db.begin() as tx:
        await handler(tx, events)
    assert await stands(context) == [(7, 2, "exact"), (8, 2, "repaired"), (9, 1, "exempt")]
