"""A write that is sent again with its `Idempotency-Key` is done once, and answered as the first
time.
"""

from typing import Any

import httpx
from sqlalchemy import select

from contracts.access import Role
from contracts.words import Grade
from services.records import schema
from services.records.context import Context
from tests.integration.records.conftest import Records
from tests.integration.records.histories import Injection, taken_in
from tests.support.files import typed
from tests.support.tokens import TestIssuer

KEY = {"Idempotency-Key": "again-and-again"}


def marks(*answers: httpx.Response) -> list[str | None]:
    """What each answer says of itself: `true` where it was given before."""
    return [answer.headers.get("Idempotency-Replayed") for answer in answers]


async def test_a_correction_sent_again_is_made_once_and_shows_the_dose_as_it_is_by_then(
    records: Records,
) -> None:
    await records.record([typed(source_id="a")])
    dose_id, ministry = (await records.ids())["a"], records.caller()
    body: dict[str, Any] = {
        "reason": "asked her",
        "version": 1,
        "person": {"full_name": "Nguyễn Thị Vân"},
    }

    async def corrects(**otherwise: Any) -> httpx.Response:
        headers = otherwise.pop("headers", KEY)
        return await ministry.ask(
            "PATCH", f"/doses/{dose_id}", json=body | otherwise, headers=headers
        )

    first = await corrects()
    await records.judge({"a": (Grade.EXACT, [])})
    again = await corrects()
    assert [(one.status_code, one.json()["version"], one.json()["state"]) for one in (first,
    again)] == [
        (200, 2, "pending"), (200, 2, "eligible"),
    ]  # fmt: skip
    other, refused = await corrects(headers={}), await corrects(lot="FK0050")
    assert other.json()["code"] == "VERSION_CHANGED"
    assert refused.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert marks(first, again, other, refused) == [None, "true", None, None]
    async with records.context.db.begin() as tx:
        [kept] = list(await tx.execute(select(schema.idempotency)))
    assert kept.body is None, "no person is kept with an answer"


async def test_another_caller_s_same_key_is_another_key(records: Records) -> None:
    await records.record([typed(source_id="a")])
    path, body = (
        f"/doses/{(await records.ids())['a']}",
        {"reason": "asked her", "version": 1, "lot": "FK0050"},
    )
    facility = records.caller(Role.FACILITY, facility="68001")
    assert (await records.caller().ask("PATCH", path, json=body, headers=KEY)).status_code == 200
    assert (await facility.ask("PATCH", path, json=body, headers=KEY)).json()[
        "code"
    ] == "VERSION_CHANGED"


async def test_a_finding_closed_again_is_answered_as_the_first_time(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    first = Injection("a1")
    ids = await taken_in(context, client, issuer, first, first.at("b1", facility="68002"))
    ministry = issuer.headers(Role.MINISTRY)
    [finding] = (await client.get("/records/v1/findings", headers=ministry)).json()["items"]
    path, body = (
        f"/records/v1/findings/{finding['finding_id']}/close",
        {"outcome": "duplicate_withdrawn", "dose_id": ids["b1"]},
    )
    closed, again = [await client.post(path, json=body, headers=ministry | KEY) for _ in range(2)]
    assert closed.status_code == again.status_code == 200
    assert closed.json() == again.json()
    assert marks(closed, again) == [None, "true"]
    assert (await client.post(path, json=body, headers=ministry)).json()["code"] == "FINDING_CLOSED"
    assert (await client.post(path, json={"outcome": "correct"}, headers=ministry | KEY)).json()[
        "code"
    ] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_complaint_handed_on_again_is_answered_although_it_is_beyond_reach_by_then(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    complaint = {
        "kind": "missing_dose",
        "text": "Thiếu mũi 2",
        "facility_code": "68001",
        "province_code": "68",
    }
    taken = await client.post("/records/v1/complaints", json=complaint)
    facility = issuer.headers(Role.FACILITY, facility="68001")
    path, to = (
        f"/records/v1/complaints/{taken.json()['complaint_id']}/forward",
        {"facility_code": "79001"},
    )
    moved, again = [await client.post(path, json=to, headers=facility | KEY) for _ in range(2)]
    assert (moved.status_code, moved.json()["office"]) == (200, "79001")
    assert again.json() == moved.json()
    assert marks(moved, again) == [None, "true"]
    assert (await client.post(path, json=to, headers=facility)).status_code == 404
