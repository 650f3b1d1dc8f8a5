"""Doses of made-up people as the desk and the verifier leave them: recorded, then judged, then
looked at.
"""

import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
from pydantic import BaseModel

from contracts.access import Role
from contracts.events import (
    AttributeResult,
    DosesRecheck,
    DosesVerified,
    RecheckedDose,
    RegistryPerson,
    VerifiedDose,
    checked,
)
from contracts.topics import RECHECK, VERIFIED, Topic
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.bus import Event
from services.records.context import Context
from services.records.histories.service import search_queued
from services.records.pipeline.consumer import subscriptions
from tests.support.tokens import TestIssuer

HOA = "068190000001"


_HEADER = (
    *(
        "Mã bản ghi",
        "Mã cơ sở tiêm",
        "Họ và tên",
        "Ngày sinh",
        "Giới tính",
        "Số CMND/CCCD/HC",
        "Mã tỉnh",
    ),
    *("Mũi tiêm thứ", "Loại liều", "Tên vắc xin", "Số lô", "Ngày tiêm"),
)


@dataclass(frozen=True, slots=True)
class Injection:
    """One row of a dose file, and how the verifier will judge it."""

    source_id: str
    facility: str = "68001"
    number: int = 1
    kind: str = "Cơ bản"
    day: str = "01/07/2021"
    product: str = "Pfizer"
    name: str = "Nguyễn Thị Hoà"
    personal_id: str = HOA
    grade: Grade = Grade.EXACT
    doubts: tuple[str, ...] = ()

    def at(self, source_id: str, **changes: Any) -> "Injection":
        """Another dose of the same person."""
        return replace(self, source_id=source_id, **changes)


async def record(
    client: httpx.AsyncClient, issuer: TestIssuer, *given: Injection
) -> dict[str, int]:
    """Uploads the doses, and answers their ids by source id."""
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(_HEADER)
    for one in given:
        person = (one.name, "02/01/1990", "Nữ", one.personal_id, "68")
        rows.writerow(
            (
                one.source_id,
                one.facility,
                *person,
                one.number,
                one.kind,
                one.product,
                "FK0049",
                one.day,
            )
        )
    headers = {**issuer.headers(Role.SERVICE), "Content-Type": "text/csv"}
    created = (
        await client.post("/records/v1/batches", content=file.getvalue().encode(), headers=headers)
    ).json()
    listed = await client.get(
        f"/records/v1/batches/{created['batch_id']}/rows", params={"limit": 1000}, headers=headers
    )
    ids = {row["source_id"]: row["dose_id"] for row in listed.json()["items"]}
    assert all(ids.values()), listed.text
    return ids


async def judged(context: Context, doses: list[tuple[int, int, Injection]]) -> None:
    """Tells records what the verifier concluded of (dose id, version, injection), as an event."""
    told = [_verified(dose_id, version, given) for dose_id, version, given in doses]
    await _tell(context, VERIFIED, DosesVerified(batch_id=1, algorithm="test", doses=told))


async def rechecked(context: Context, dose_id: int, version: int) -> None:
    """Tells records that the verifier wants a dose once more, as it stands."""
    again = RecheckedDose(dose_id=dose_id, version=version, reason="registry changed")
    await _tell(context, RECHECK, DosesRecheck(doses=[again]))


async def _tell(context: Context, topic: Topic, told: BaseModel) -> None:
    value = told.model_dump_json(exclude_defaults=True).encode()
    handler = next(one.handler for one in subscriptions(context) if one.topic == topic.name)
    event = Event(uuid4().hex, topic.name, topic.name, "verifier", "1", datetime.now(UTC), value)
    async with context.db.begin() as tx:
        await handler(tx, [event])


def _verified(dose_id: int, version: int, given: Injection) -> VerifiedDose:
    number: dict[str, Any] = {
        "passport_number" if given.grade is Grade.EXEMPT else "personal_id": given.personal_id
    }
    person = RegistryPerson(
        **number, full_name=given.name, date_of_birth="1990-01-02", sex="female"
    )
    eligible = given.grade in ELIGIBLE_GRADES
    differs = checked(
        AttributeResult, {"name": "full_name", "result": "mismatch", "reason": "NAME_DIFFERS"}
    )
    return VerifiedDose(
        dose_id=dose_id,
        version=version,
        grade=given.grade,
        person=person if eligible else None,
        attributes=() if eligible else (differs,),
        doubts=given.doubts,
    )


async def look_at_all(context: Context) -> None:
    """Works the news off."""
    while await search_queued(
        context.db, context.sealer, context.metrics, context.cfg.history.spacing
    ):
        pass


async def taken_in(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, *given: Injection
) -> dict[str, int]:
    """Recorded, judged and looked at."""
    ids = await record(client, issuer, *given)
    await judged(context, [(ids[one.source_id], 1, one) for one in given])
    await look_at_all(context)
    return ids
