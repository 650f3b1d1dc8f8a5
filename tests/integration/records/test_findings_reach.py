"""What a finding tells of a dose that is not the caller's to see, and who may say that it is
nothing.
"""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from contracts.access import Role
from contracts.words import Grade
from services.records.context import Context
from services.records.histories.models import BEYOND_REACH
from services.records.histories.rules import Code, FindingKind
from services.records.schema import audit
from tests.integration.records.histories import Injection, taken_in
from tests.support.tokens import TestIssuer

ELSEWHERE = Injection("a1", facility="79001", product="Moderna", day="03/08/2021")
TYPED = ELSEWHERE.at("b1", facility="68002", product="Pfizer")


async def _get(client: httpx.AsyncClient, headers: dict[str, str], **filters: Any) -> Any:
    answer = await client.get("/records/v1/findings", params=filters, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
def clinic(issuer: TestIssuer) -> dict[str, str]:
    """The facility that typed somebody's number."""
    return issuer.headers(Role.FACILITY, facility="68002")


@pytest.mark.parametrize(
    "other",
    [
        ELSEWHERE,
        ELSEWHERE.at("a1", number=2, day="01/08/2021"),
        ELSEWHERE.at("a1", day="15/09/2021"),
        ELSEWHERE.at("a1", number=3, kind="Nhắc lại", day="30/08/2021"),
    ],
)
async def test_who_types_a_number_learns_of_its_other_dose_only_that_there_is_one(
    context: Context,
    client: httpx.AsyncClient,
    issuer: TestIssuer,
    clinic: dict[str, str],
    other: Injection,
) -> None:
    ids = await taken_in(context, client, issuer, other, TYPED)
    found = await _get(client, clinic)
    assert found
    for finding in found:
        assert (finding["kind"], finding["code"]) == ("INTERVAL_TOO_SHORT", "BEYOND_REACH")
        mine, theirs = sorted((finding["dose"], finding["other"]), key=lambda dose: not dose["lot"])
        assert (mine["within_reach"], mine["dose_id"]) == (True, ids["b1"])
        assert theirs == BEYOND_REACH.model_dump(mode="json")
        assert finding["message"] and finding["message_en"]
    dose = await client.get(f"/records/v1/doses/{ids['b1']}", headers=clinic)
    assert {one["code"] for one in dose.json()["findings"]} == {"BEYOND_REACH"}
    for text in (json.dumps(found), json.dumps(dose.json()["findings"])):
        assert "79001" not in text
        assert "Moderna" not in text


async def test_no_filter_tells_what_the_answer_does_not(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, clinic: dict[str, str]
) -> None:
    await taken_in(context, client, issuer, ELSEWHERE, TYPED)
    for code in Code:
        expected = code is Code.BEYOND_REACH
        assert bool(await _get(client, clinic, code=code)) is expected, code
    for kind in FindingKind:
        expected = kind is FindingKind.INTERVAL_TOO_SHORT
        assert bool(await _get(client, clinic, kind=kind)) is expected, kind
    assert await _get(client, clinic, facility="79001") == []
    assert await _get(client, clinic, facility="68002")
    assert await _get(client, clinic, province="79") == []


async def test_a_province_is_told_the_rule_and_the_ministry_both_doses(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await taken_in(context, client, issuer, ELSEWHERE, TYPED.at("b1", number=2))
    [partly] = await _get(client, issuer.headers(Role.PROVINCE, areas=["79"]))
    [wholly] = await _get(client, issuer.headers(Role.MINISTRY))
    assert partly["kind"] == wholly["kind"] == "TWO_PROVINCES_ONE_DAY"
    doses = ("dose", "other")
    assert {wholly[one]["facility_code"] for one in doses} == {"79001", "68002"}
    assert {partly[one]["facility_code"] for one in doses} == {"79001", ""}


async def test_a_number_on_many_names_is_for_the_province_alone(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, clinic: dict[str, str]
) -> None:
    wrong = TYPED.at("w1", name="Trần Văn Hùng", grade=Grade.MISMATCH)
    ids = await taken_in(
        context, client, issuer, ELSEWHERE, wrong, wrong.at("w2", name="Lê Đức Anh")
    )
    for headers in (clinic, issuer.headers(Role.STATION, areas=["68"])):
        assert await _get(client, headers) == []
        dose = await client.get(f"/records/v1/doses/{ids['w1']}", headers=headers)
        assert dose.json()["findings"] == []
    found = await _get(client, issuer.headers(Role.PROVINCE, areas=["68"]))
    assert {one["kind"] for one in found} == {"ONE_ID_MANY_NAMES"}
    closing = await client.post(
        f"/records/v1/findings/{found[0]['finding_id']}/close",
        json={"outcome": "correct"},
        headers=clinic,
    )
    assert closing.status_code == 404


async def test_every_look_at_findings_is_written_down_with_the_doses_that_were_shown(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, clinic: dict[str, str]
) -> None:
    ids = await taken_in(context, client, issuer, ELSEWHERE, TYPED)
    await _get(client, clinic)
    await _get(client, issuer.headers(Role.MINISTRY))
    async with context.db.begin() as tx:
        acts = select(audit).where(audit.c.act == "findings").order_by(audit.c.id)
        rows = list(await tx.execute(acts))
    assert [(row.act, sorted(row.subjects)) for row in rows] == [
        ("findings", [ids["b1"]]),
        ("findings", sorted(ids.values())),
    ]


@pytest.mark.parametrize("outcome", ["correct", "accepted"])
@pytest.mark.parametrize("both_mine", [True, False])
async def test_a_facility_never_says_itself_that_nothing_is_wrong_with_its_doses(
    context: Context,
    client: httpx.AsyncClient,
    issuer: TestIssuer,
    clinic: dict[str, str],
    outcome: str,
    both_mine: bool,
) -> None:
    first = TYPED.at("a1", day="20/08/2021") if both_mine else ELSEWHERE
    await taken_in(context, client, issuer, first, TYPED)
    [finding, *_] = await _get(client, clinic)

    async def close(headers: dict[str, str]) -> httpx.Response:
        return await client.post(
            f"/records/v1/findings/{finding['finding_id']}/close",
            json={"outcome": outcome},
            headers=headers,
        )

    refused = await close(clinic)
    assert (refused.status_code, refused.json()["code"]) == (403, "FINDING_NOT_YOURS_TO_SETTLE")
    if not both_mine:
        one_side = await close(issuer.headers(Role.PROVINCE, areas=["79"]))
        assert one_side.status_code == 403
    # the people live there, whoever recorded them
    assert (await close(issuer.headers(Role.STATION, areas=["68"]))).status_code == 200


async def test_an_answer_that_is_given_again_shows_what_the_caller_reaches_by_then(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await taken_in(context, client, issuer, ELSEWHERE, TYPED)
    before = issuer.headers(Role.STATION, areas=["68"], subject="officer")
    moved = issuer.headers(Role.STATION, areas=["01"], subject="officer")
    [finding, *_] = await _get(client, before)
    path = f"/records/v1/findings/{finding['finding_id']}/close"
    for headers, status in ((before, 200), (before, 200), (moved, 404)):
        keyed = {**headers, "Idempotency-Key": "once-and-again"}
        answer = await client.post(path, json={"outcome": "correct"}, headers=keyed)
        assert answer.status_code == status
