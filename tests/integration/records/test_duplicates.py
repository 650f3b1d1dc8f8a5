"""Doses that wait as duplicates of a certified one, and certified ones that a correction gives to
somebody else.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from contracts.access import Role
from contracts.words import Doubt, Grade
from services.records.context import Context
from services.records.pipeline.duplicates import release
from tests.integration.records.conftest import Records
from tests.integration.records.histories import Injection, judged, look_at_all, rechecked, taken_in
from tests.support.tokens import TestIssuer

A = Injection("A")
B = A.at("B")
DUPLICATE = {"B": "DUPLICATE_DOSE"}


async def two_records(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> dict[str, int]:
    """One injection under two codes, of which A is certified."""
    ids = await taken_in(context, client, issuer, A, B)
    await records.sign(["A"], DUPLICATE)
    return ids


async def dose(records: Records, dose_id: int) -> dict[str, Any]:
    return dict(await records.caller(Role.SERVICE).get(f"/doses/{dose_id}"))


async def worklist(records: Records, **filters: str) -> list[str]:
    items = (await records.caller(Role.FACILITY, facility="68001").get("/worklist", **filters))[
        "items"
    ]
    return [item["dose"]["source_id"] for item in items]


def later(**ahead: int) -> datetime:
    return datetime.now(UTC) + timedelta(**ahead)


async def test_a_duplicate_waits_for_its_facility(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> None:
    ids = await two_records(context, client, issuer, records)
    waiting = await dose(records, ids["B"])
    assert (waiting["state"], waiting["not_due"]) == ("eligible", "DUPLICATE_DOSE")
    assert [error["code"] for error in waiting["errors"]] == ["DUPLICATE_DOSE"]
    assert await worklist(records) == await worklist(records, reason="DUPLICATE_DOSE") == ["B"]
    assert [finding["code"] for finding in waiting["findings"]] == ["DUPLICATE_DOSE"]
    await release(context, later(days=1))
    assert (await dose(records, ids["B"]))["version"] == 1


async def test_once_the_other_is_withdrawn_it_gets_its_turn_by_itself(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> None:
    ids = await two_records(context, client, issuer, records)
    [finding] = (await dose(records, ids["B"]))["findings"]
    body = {"outcome": "duplicate_withdrawn", "dose_id": ids["A"]}
    await records.caller(Role.FACILITY, facility="68001").post(
        f"/findings/{finding['finding_id']}/close", body
    )
    await release(context, later())
    again = await dose(records, ids["B"])
    assert (again["version"], again["state"]) == (2, "pending")
    assert await worklist(records) == []
    # the signer had not heard of it: the next tries are ever further apart
    for version in (2, 3, 4):
        await judged(context, [(ids["B"], version, B)])
        await records.sign(refused=DUPLICATE)
        await release(context, later(seconds=30))
        assert (await dose(records, ids["B"]))["version"] == version
        await release(context, later(minutes=2 ** (version - 1) + 1))
        assert (await dose(records, ids["B"]))["version"] == version + 1


async def test_once_the_other_is_corrected_it_gets_its_turn_too(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> None:
    ids = await two_records(context, client, issuer, records)
    answer = await records.caller().ask(
        "PATCH", f"/doses/{ids['A']}", json={"reason": "by the slip", "date_given": "05/07/2021"}
    )
    assert answer.status_code == 200, answer.text
    await release(context, later())
    assert (await dose(records, ids["B"]))["version"] == 2


async def test_a_duplicate_that_is_kept_is_nobodys_work_and_stays_so(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> None:
    ids = await two_records(context, client, issuer, records)
    [finding] = (await dose(records, ids["B"]))["findings"]
    await records.caller(Role.STATION, areas=["68"]).post(
        f"/findings/{finding['finding_id']}/close", {"outcome": "accepted"}
    )
    kept = await dose(records, ids["B"])
    assert (kept["state"], kept["not_due"], kept["errors"]) == ("eligible", "DUPLICATE_KEPT", [])
    assert kept["explanation"]["code"] == "DUPLICATE_KEPT"
    assert await worklist(records) == []
    # verified once more, it is refused once more, and kept
    await judged(context, [(ids["B"], 1, B)])
    await records.sign(refused=DUPLICATE)
    assert (await dose(records, ids["B"]))["not_due"] == "DUPLICATE_KEPT"
    assert await worklist(records) == []
    # and gets its turn all the same once the other is gone
    await records.caller().ask("DELETE", f"/doses/{ids['A']}", params={"code": "duplicate"})
    await release(context, later())
    assert (await dose(records, ids["B"]))["version"] == 2


async def test_of_several_duplicates_one_is_tried(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> None:
    ids = await taken_in(context, client, issuer, A, B, A.at("C"))
    await records.sign(["A"], {**DUPLICATE, "C": "DUPLICATE_DOSE"})
    await records.caller().ask("DELETE", f"/doses/{ids['A']}", params={"code": "duplicate"})
    await release(context, later())
    assert [(await dose(records, ids[code]))["version"] for code in "BC"] == [2, 1]


async def test_the_province_sees_a_correction_that_gives_a_certified_dose_to_somebody_else(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> None:
    ids = await taken_in(context, client, issuer, A)
    await records.sign(["A"])
    change = {
        "reason": "wrong person",
        "person": {"full_name": "Trần Thị Lan", "personal_id": "068191000009"},
    }
    assert (
        await records.caller().ask("PATCH", f"/doses/{ids['A']}", json=change)
    ).status_code == 200
    held = A.at("A", grade=Grade.REVIEW, doubts=(Doubt.PERSON_CHANGED,))
    await judged(context, [(ids["A"], 2, held)])
    await look_at_all(context)
    province = records.caller(Role.PROVINCE, areas=["68"])
    [finding] = (await province.get("/findings", code="PERSON_CHANGED"))["items"]
    assert (finding["dose"]["dose_id"], finding["severity"], finding["outcome"]) == (
        ids["A"],
        "error",
        None,
    )
    assert await worklist(records, reason="PERSON_CHANGED") == ["A"]
    waiting = await dose(records, ids["A"])
    assert "PERSON_CHANGED" in [error["code"] for error in waiting["errors"]]
    # decided, it is told again with the same content: the province still sees what was done

    await rechecked(context, ids["A"], 2)
    await judged(context, [(ids["A"], 3, A)])
    assert [
        one["dose"]["version"]
        for one in (await province.get("/findings", code="PERSON_CHANGED"))["items"]
    ] == [3]
    assert (await province.get("/progress", by="province"))["items"][0]["held"] == {}


async def test_held_doses_are_counted_in_progress_and_clusters(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, records: Records
) -> None:
    held = [
        Injection(f"H{n}", day=f"{n:02}/07/2021", grade=Grade.REVIEW, doubts=(Doubt.SECOND_HAND,))
        for n in range(1, 10)
    ]
    right = [
        Injection(
            f"R{n}", facility="68002", day=f"{n % 27 + 1:02}/08/2021", personal_id=f"0681900{n:05}"
        )
        for n in range(200)
    ]
    await taken_in(context, client, issuer, *held, *right)
    [line] = (await records.caller().get("/progress", by="province"))["items"]
    assert line["held"] == {"SECOND_HAND": 9}
    ministry = records.caller()
    await ministry.ask("POST", "/clusters/search")
    clusters = (await ministry.get("/clusters"))["items"]
    [cluster] = [one for one in clusters if one["reason"] == "SECOND_HAND"]
    assert (cluster["facility_code"], cluster["doses"], cluster["rule"]) == ("68001", 9, None)
    assert cluster["message"]
