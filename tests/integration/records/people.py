"""Whom the desk asks for, and what a verifier would say of their doses."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from contracts.events import (
    AttributeResult,
    DosesVerified,
    RegistryPerson,
    VerifiedDose,
    checked,
)
from contracts.reasons import ADVICE
from contracts.topics import VERIFIED
from contracts.words import Grade, Reason, Result
from services.chassis.bus import Event
from services.records.pipeline.consumer import subscriptions
from services.records.schema import dose
from tests.integration.records.conftest import Caller, Records

NUMBER, OLD = "068180000001", "250123456"
NAME, BORN = "Nguyễn Thị Ví Dụ", "1980-05-03"


def registered(**changes: Any) -> RegistryPerson:
    """The registry's own entry of whom `files.typed` types."""
    fields = {"full_name": NAME, "date_of_birth": BORN, "personal_id": NUMBER, "sex": "female"}
    return RegistryPerson(**{**fields, **changes})


async def confirmed(
    records: Records,
    *source_ids: str,
    person: RegistryPerson | None = None,
    reasons: tuple[Reason, ...] = (),
    **more: Any,
) -> None:
    """The verifier finds the person of these doses, at their current versions."""
    async with records.context.db.begin() as tx:
        rows = list(
            await tx.execute(
                select(dose.c.id, dose.c.version).where(dose.c.source_id.in_(source_ids))
            )
        )
        attributes = tuple(
            checked(
                AttributeResult,
                {"name": ADVICE[one].field, "result": Result.PARTIAL, "reason": one},
            )
            for one in reasons
        )
        doses = [
            VerifiedDose(
                row.id,
                row.version,
                Grade.REPAIRED if reasons else Grade.EXACT,
                attributes,
                person or registered(),
            )
            for row in rows
        ]
        event = DosesVerified(batch_id=1, algorithm="test", doses=doses).model_dump(mode="json")
        for told in event["doses"]:
            told["person"].update(more)
        handler = next(
            one.handler for one in subscriptions(records.context) if one.topic == VERIFIED.name
        )
        await handler(tx, [_event(event)])


def _event(told: dict[str, Any]) -> Event:
    value = json.dumps(told).encode()
    return Event(
        uuid4().hex, VERIFIED.name, VERIFIED.name, "verifier", "1", datetime.now(UTC), value
    )


async def search(
    caller: Caller, status: int = 200, purpose: str | None = "assistance", **asked: Any
) -> Any:
    """The answer to a search."""
    query = {name: asked.pop(name) for name in ("limit", "cursor", "masked") if name in asked}
    answer = await caller.ask(
        "POST",
        "/people/search",
        json=asked,
        params=query,
        headers={"X-Purpose": purpose} if purpose else {},
    )
    assert answer.status_code == status, answer.text
    return answer.json()


async def found(caller: Caller, **asked: Any) -> list[list[str]]:
    """The record codes of each person that is found."""
    people = (await search(caller, **asked))["items"]
    return [[dose["source_id"] for dose in one["doses"]] for one in people]
