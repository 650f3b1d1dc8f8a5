"""What the verifier's events say of one dose several times: the newest version stands, and of that
the last word.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from contracts.events import (
    CertificatesIssued,
    DosesVerified,
    IssuedDose,
    RefusedDose,
    VerifiedDose,
)
from contracts.topics import ISSUED, VERIFIED
from contracts.words import Grade
from services.chassis.bus import Event
from services.records import schema
from services.records.context import Context
from services.records.pipeline.consumer import subscriptions


def told(*doses: tuple[int, int, Grade]) -> Event:
    chunk = DosesVerified(
        batch_id=1, algorithm="test", doses=[VerifiedDose(*dose) for dose in doses]
    )
    return Event(
        uuid4().hex,
        VERIFIED.name,
        VERIFIED.name,
        "verifier",
        "1",
        datetime.now(UTC),
        chunk.model_dump_json().encode(),
    )


async def stands(context: Context) -> list[tuple[int, int, str]]:
    status = schema.dose_status.c
    async with context.db.begin() as tx:
        rows = await tx.execute(
            select(status.dose_id, status.version, status.grade).order_by(status.dose_id)
        )
        return [(row.dose_id, row.version, row.grade) for row in rows]


async def test_of_one_dose_the_newest_version_stands_and_of_that_the_last_word(
    context: Context,
) -> None:
    handler = next(one.handler for one in subscriptions(context) if one.topic == VERIFIED.name)
    events = [
        told((9, 1, Grade.EXACT), (7, 2, Grade.EXACT), (7, 1, Grade.EXEMPT), (8, 1, Grade.EXACT)),
        told((7, 1, Grade.REPAIRED), (8, 2, Grade.REPAIRED), (9, 1, Grade.EXEMPT)),
    ]
    async with context.db.begin() as tx:
        await handler(tx, events)
    assert await stands(context) == [(7, 2, "exact"), (8, 2, "repaired"), (9, 1, "exempt")]


async def test_of_certificates_that_come_together_in_any_order_the_newest_versions_counts(
    context: Context,
) -> None:
    handlers = {one.topic: one.handler for one in subscriptions(context)}
    now = datetime.now(UTC)

    def issued(certificates: list[IssuedDose], refused: list[RefusedDose]) -> Event:
        chunk = CertificatesIssued(
            kid="", issued_at=now, expires_at=now, certificates=certificates, refused=refused
        )
        return Event(
            uuid4().hex,
            ISSUED.name,
            ISSUED.name,
            "signer",
            "1",
            now,
            chunk.model_dump_json().encode(),
        )

    newest = issued([IssuedDose(7, 2, "new")], [RefusedDose(8, 2, "TOO_YOUNG")])
    older = issued([IssuedDose(7, 1, "old")], [RefusedDose(8, 1, "NOT_TEXT")])
    async with context.db.begin() as tx:
        await handlers[VERIFIED.name](tx, [told((7, 2, Grade.EXACT), (8, 2, Grade.EXACT))])
        await handlers[ISSUED.name](tx, [newest, older])
        rows = await tx.execute(select(schema.dose_status).order_by(schema.dose_status.c.dose_id))
        assert [(row.state, row.version, row.uvci, row.refusal) for row in rows] == [
            ("issued", 2, "new", None),
            ("eligible", 2, None, "TOO_YOUNG"),
        ]


async def test_a_renewal_told_of_the_same_version_shows_the_new_code_also_where_both_come_together(
    context: Context,
) -> None:
    handlers = {one.topic: one.handler for one in subscriptions(context)}
    now = datetime.now(UTC)

    def issued(uvci: str, at: datetime, *doses: int) -> Event:
        told_of = [IssuedDose(dose_id, 1, f"{uvci}{dose_id}") for dose_id in doses]
        chunk = CertificatesIssued(kid="", issued_at=at, expires_at=at, certificates=told_of)
        return Event(
            uuid4().hex,
            ISSUED.name,
            ISSUED.name,
            "signer",
            "1",
            at,
            chunk.model_dump_json().encode(),
        )

    first, renewal = issued("Z", now, 7, 8), issued("A", now + timedelta(days=335), 7, 8)
    async with context.db.begin() as tx:
        await handlers[VERIFIED.name](
            tx, [told((7, 1, Grade.EXACT), (8, 1, Grade.EXACT), (9, 1, Grade.EXACT))]
        )
        await handlers[ISSUED.name](tx, [first])
        await handlers[ISSUED.name](tx, [renewal])
        await handlers[ISSUED.name](
            tx, [issued("A", now + timedelta(days=335), 9), issued("Z", now, 9)]
        )
        rows = await tx.execute(select(schema.dose_status).order_by(schema.dose_status.c.dose_id))
        assert [(row.dose_id, row.state, row.uvci) for row in rows] == [
            (id, "issued", f"A{id}") for id in (7, 8, 9)
        ]
