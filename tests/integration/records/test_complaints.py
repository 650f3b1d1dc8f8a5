"""Complaints: sealed, routed, answered within 48 hours, and every look kept."""

from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from contracts.access import Role
from services.records.complaints import store
from services.records.complaints.service import complaint_limits
from services.records.context import Context
from services.records.schema import audit, complaint
from services.records.settings import ComplaintSettings
from tests.integration.records.conftest import Clock
from tests.support.tokens import TestIssuer

WORDS = "Tôi tiêm mũi 2 ngày 16/10/2021 nhưng không thấy."
PNG = b"\x89PNG\r\n\x1a\n" + b"not much of a picture"
MINE, HERS = "068190000001", "068190000002"


@pytest.fixture
def context(context: Context, clock: Clock) -> Context:
    """Records with a clock that can be set, and a limit that is soon reached."""
    return replace(
        context,
        clock=clock,
        complaints=complaint_limits(
            ComplaintSettings(
                per_address="5 per hour",
                per_key_sender="12 per hour",
                asks_per_address="40 per hour",
            )
        ),
    )


async def _complain(
    client: httpx.AsyncClient, headers: dict[str, str] | None = None, **changes: Any
) -> httpx.Response:
    body = {"kind": "missing_dose", "text": WORDS, "province_code": "68", **changes}
    return await client.post("/records/v1/complaints", json=body, headers=headers or {})


async def _taken(
    client: httpx.AsyncClient, headers: dict[str, str] | None = None, **changes: Any
) -> int:
    answer = await _complain(client, headers, **changes)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["complaint_id"])


async def _listed(
    client: httpx.AsyncClient, headers: dict[str, str], **filters: Any
) -> list[dict[str, Any]]:
    answer = await client.get("/records/v1/complaints", params=filters, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def _citizen(issuer: TestIssuer, personal_id: str = MINE) -> dict[str, str]:
    return issuer.headers(Role.CITIZEN, personal_id=personal_id)


async def test_a_complaint_without_a_token_is_taken_and_due_in_48_hours(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    answer = await _complain(client)
    assert answer.status_code == 201, answer.text
    (listed,) = await _listed(client, issuer.headers(Role.MINISTRY))
    created, due = (datetime.fromisoformat(listed[name]) for name in ("created_at", "due_at"))
    assert due - created == timedelta(hours=48)
    assert datetime.fromisoformat(answer.json()["due_at"]) == due


@pytest.mark.parametrize(("named", "office"), [({"facility_code": "79001"}, "79001"), ({}, "68")])
async def test_a_complaint_is_seen_by_the_office_that_must_answer_and_by_those_above_it(
    client: httpx.AsyncClient, issuer: TestIssuer, named: dict[str, Any], office: str
) -> None:
    complaint_id = await _taken(client, **named)
    seeing = {
        "facility": issuer.headers(Role.FACILITY, facility="79001"),
        "other facility": issuer.headers(Role.FACILITY, facility="68001"),
        "province of the facility": issuer.headers(Role.PROVINCE, areas=["79"]),
        "province of residence": issuer.headers(Role.PROVINCE, areas=["68"]),
        "ministry": issuer.headers(Role.MINISTRY),
    }
    expected = {
        "79001": {"facility", "province of the facility", "ministry"},
        "68": {"province of residence", "ministry"},
    }[office]
    for name, headers in seeing.items():
        found = await _listed(client, headers)
        assert [one["office"] for one in found] == ([office] if name in expected else []), name
        opened = await client.get(f"/records/v1/complaints/{complaint_id}", headers=headers)
        assert opened.status_code == (200 if name in expected else 404), name


async def test_what_was_said_is_sealed_at_rest(context: Context, client: httpx.AsyncClient) -> None:
    contact = {"email": "hoa@example.vn", "phone": "0912 345 678"}
    await _taken(client, contact=contact, picture=b64encode(PNG).decode())
    async with context.db.begin() as tx:
        row = (await tx.execute(select(complaint))).one()
    kept = b"".join(value for value in row if isinstance(value, bytes))
    assert kept
    assert not [
        plain for plain in (WORDS.encode(), b"hoa@example.vn", b"345", PNG[:8]) if plain in kept
    ]


async def test_the_office_reads_the_words_the_contact_and_the_picture_and_every_look_is_kept(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    complaint_id = await _taken(
        client, contact={"phone": "0912 345 678"}, picture=b64encode(PNG).decode()
    )
    ministry = issuer.headers(Role.MINISTRY)
    assert WORDS not in str(await _listed(client, ministry))
    opened = (await client.get(f"/records/v1/complaints/{complaint_id}", headers=ministry)).json()
    assert (opened["text"], opened["contact"]["phone"], opened["has_picture"]) == (
        WORDS,
        "0912 345 678",
        True,
    )
    picture = await client.get(f"/records/v1/complaints/{complaint_id}/picture", headers=ministry)
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    async with context.db.begin() as tx:
        acts = [
            (row.act, row.kind, row.subjects)
            for row in await tx.execute(select(audit).order_by(audit.c.id))
        ]
    assert acts == [
        ("complaint_read", "complaint", [complaint_id]),
        ("complaint_picture", "complaint", [complaint_id]),
    ]


async def test_a_complaint_without_a_picture_has_none_to_show(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    complaint_id = await _taken(client)
    shown = await client.get(
        f"/records/v1/complaints/{complaint_id}/picture", headers=issuer.headers(Role.MINISTRY)
    )
    assert (shown.status_code, shown.json()["code"]) == (404, "NO_PICTURE")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"picture": b64encode(b"<svg/>").decode()}, 422, "PICTURE_UNKNOWN"),
        ({"picture": b64encode(PNG + bytes(2_000_000)).decode()}, 413, "PICTURE_TOO_LARGE"),
        ({"picture": "odd"}, 422, "REQUEST_INVALID"),
        ({"facility_code": "99001"}, 422, "FACILITY_UNKNOWN"),
        ({"province_code": "99"}, 422, "PROVINCE_UNKNOWN"),
        ({"kind": "praise"}, 422, "REQUEST_INVALID"),
        ({"text": "x" * 2001}, 422, "REQUEST_INVALID"),
        ({"text": ""}, 422, "REQUEST_INVALID"),
        ({"contact": {"email": "not an address"}}, 422, "REQUEST_INVALID"),
    ],
)
async def test_a_complaint_that_cannot_be_taken_says_why(
    client: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str
) -> None:
    refused = await _complain(client, **changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_too_many_complaints_of_one_address_are_refused_and_those_of_another_are_not(
    client: httpx.AsyncClient,
) -> None:
    here, there = (
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-For": "203.0.113.7, 198.51.100.9"},
    )
    answers = [(await _complain(client, here)).status_code for _ in range(6)]
    assert answers == [201] * 5 + [429]
    refused = await _complain(client, here)
    assert int(refused.headers["retry-after"]) > 0
    assert (await _complain(client, there)).status_code == 201


async def test_a_citizen_reads_the_own_complaints_and_their_answers_and_nobody_else_s(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    mine = await _taken(client, _citizen(issuer))
    await _taken(client, _citizen(issuer, HERS))
    await _taken(client)
    said = {"text": "Mũi 2 đã được bổ sung."}
    answered = await client.post(
        f"/records/v1/complaints/{mine}/answer", json=said, headers=issuer.headers(Role.MINISTRY)
    )
    assert answered.status_code == 200, answered.text
    listed = (await client.get("/records/v1/me/complaints", headers=_citizen(issuer))).json()[
        "items"
    ]
    assert [(one["complaint_id"], one["text"], one["answer"], one["state"]) for one in listed] == [
        (mine, WORDS, said["text"], "answered")
    ]


async def test_a_token_that_is_no_good_is_refused_even_where_none_is_needed(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    expired = issuer.token(Role.CITIZEN, personal_id=MINE, lifetime=timedelta(hours=-1))
    for token in ("x.y.z", "", expired):
        assert (await _complain(client, {"Authorization": f"Bearer {token}"})).status_code == 401


async def test_a_complaint_is_open_then_overdue_then_answered(
    client: httpx.AsyncClient, issuer: TestIssuer, clock: Clock
) -> None:
    complaint_id = await _taken(client)
    ministry = issuer.headers(Role.MINISTRY)

    async def standing() -> dict[str, int]:
        return {
            state: len(await _listed(client, ministry, state=state))
            for state in ("open", "overdue", "answered")
        }

    assert await standing() == {"open": 1, "overdue": 0, "answered": 0}
    clock.ahead = timedelta(hours=48, minutes=1)
    assert await standing() == {"open": 1, "overdue": 1, "answered": 0}
    assert [one["state"] for one in await _listed(client, ministry)] == ["overdue"]
    await client.post(
        f"/records/v1/complaints/{complaint_id}/answer", json={"text": "Đã sửa."}, headers=ministry
    )
    assert await standing() == {"open": 0, "overdue": 0, "answered": 1}


async def test_forwarding_moves_a_complaint_and_not_its_clock(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    complaint_id = await _taken(client)
    province, facility = (
        issuer.headers(Role.PROVINCE, areas=["68"]),
        issuer.headers(Role.FACILITY, facility="79001"),
    )
    (before,) = await _listed(client, province)
    moved = await client.post(
        f"/records/v1/complaints/{complaint_id}/forward",
        json={"facility_code": "79001"},
        headers=province,
    )
    assert moved.status_code == 200, moved.text
    assert await _listed(client, province) == []
    (after,) = await _listed(client, facility)
    assert (after["office"], after["due_at"]) == ("79001", before["due_at"])
    async with context.db.begin() as tx:
        assert [(row.act, row.scope) for row in await tx.execute(select(audit))] == [
            ("complaint_forward", "office=79001")
        ]
    await client.post(
        f"/records/v1/complaints/{complaint_id}/answer", json={"text": "Đã sửa."}, headers=facility
    )
    late = await client.post(
        f"/records/v1/complaints/{complaint_id}/forward",
        json={"province_code": "68"},
        headers=facility,
    )
    assert late.status_code == 409


@pytest.mark.parametrize(
    "to", [{}, {"facility_code": "79001", "province_code": "79"}, {"province_code": "99"}]
)
async def test_a_complaint_is_forwarded_to_exactly_one_office_that_there_is(
    client: httpx.AsyncClient, issuer: TestIssuer, to: dict[str, str]
) -> None:
    complaint_id = await _taken(client)
    refused = await client.post(
        f"/records/v1/complaints/{complaint_id}/forward",
        json=to,
        headers=issuer.headers(Role.MINISTRY),
    )
    assert refused.status_code == 422


async def test_the_same_complaint_sent_twice_with_one_key_is_taken_once(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    keyed = {"Idempotency-Key": "complaint-0001"}
    first, second = [(await _complain(client, keyed)).json() for _ in range(2)]
    assert first == second
    assert len(await _listed(client, issuer.headers(Role.MINISTRY))) == 1
    assert (await _complain(client, keyed, text="another")).status_code == 422


async def test_a_complaint_sent_again_is_answered_beyond_the_limit_of_complaints(
    client: httpx.AsyncClient,
) -> None:
    first, *others = [{"Idempotency-Key": f"complaint-{number:04d}"} for number in range(6)]
    taken = await _taken(client, first)
    assert [(await _complain(client, other)).status_code for other in others] == [201] * 4 + [429]
    assert [await _taken(client, first) for _ in range(6)] == [taken] * 6
    refused = await _complain(client, first)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_COMPLAINTS")
    assert int(refused.headers["retry-after"]) > 0
    assert (
        await _complain(client, {**first, "X-Forwarded-For": "198.51.100.9"})
    ).status_code == 201


async def test_what_waits_is_counted_within_its_time_and_beyond(
    context: Context, client: httpx.AsyncClient, clock: Clock
) -> None:
    await _taken(client)
    clock.ahead = timedelta(hours=50)
    await _taken(client)
    async with context.db.begin() as tx:
        assert await store.unanswered(tx, clock()) == (1, 1)


async def test_complaints_that_are_refused_are_counted_before_they_are_read(
    client: httpx.AsyncClient,
) -> None:
    statuses = [(await _complain(client, kind="nothing")).status_code for _ in range(41)]
    assert statuses == [422] * 40 + [429]
    assert (await _complain(client)).status_code == 429
