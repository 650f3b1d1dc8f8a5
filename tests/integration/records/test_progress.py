"""Progress: what was reported, what is on record and where it stands, within a caller's reach."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from contracts.access import Role
from contracts.words import Grade
from services.records.context import Context
from tests.integration.records.histories import Injection, judged, record
from tests.support.tokens import TestIssuer

FIRST = Injection("a1")
DAY = "2021-07-01"


async def _report(
    client: httpx.AsyncClient, headers: dict[str, str], facility: str, day: str, administered: int
) -> httpx.Response:
    return await client.put(
        f"/records/v1/reports/{facility}/{day}",
        json={"administered": administered},
        headers=headers,
    )


async def _lines(
    client: httpx.AsyncClient, headers: dict[str, str], by: str
) -> dict[str, dict[str, Any]]:
    answer = await client.get("/records/v1/progress", params={"by": by}, headers=headers)
    assert answer.status_code == 200, answer.text
    return {line["group"]: line for line in answer.json()["items"]}


async def _eight(context: Context, client: httpx.AsyncClient, issuer: TestIssuer) -> dict[str, int]:
    """Seven doses of every grade at one facility, one of them withdrawn, and one at another."""
    grades = (
        Grade.EXACT,
        Grade.EQUIVALENT,
        Grade.REPAIRED,
        Grade.EXEMPT,
        Grade.MISMATCH,
        Grade.MISSING_ID,
    )
    given = [FIRST.at(f"a{at}", grade=grade) for at, grade in enumerate(grades)]
    given += [FIRST.at("withdrawn"), FIRST.at("elsewhere", facility="79001", day="02/07/2021")]
    ids = await record(client, issuer, *given, FIRST.at("pending"))
    await judged(context, [(ids[one.source_id], 1, one) for one in given])
    ended = await client.delete(
        f"/records/v1/doses/{ids['withdrawn']}", headers=issuer.headers(Role.MINISTRY)
    )
    assert ended.status_code == 200, ended.text
    return ids


async def test_doses_are_counted_by_what_became_of_them(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await _eight(context, client, issuer)
    line = (await _lines(client, issuer.headers(Role.MINISTRY), "facility"))["68001"]
    assert {
        name: line[name] for name in ("recorded", "sent", "right", "repaired", "exempt", "issued")
    } == {
        "recorded": 8,
        "sent": 6,
        "right": 2,
        "repaired": 1,
        "exempt": 1,
        "issued": 0,
    }
    assert line["waiting"] == {"NAME_DIFFERS": 2}
    assert {state: doses for state, doses in line["states"].items() if doses} == {
        "pending": 1,
        "eligible": 4,
        "needs_correction": 2,
        "withdrawn": 1,
    }


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("province", {"68": 9}),
        ("district", {"": 9}),
        ("commune", {"": 9}),
        ("facility", {"68001": 8, "79001": 1}),
        ("day", {"2021-07-01": 8, "2021-07-02": 1}),
    ],
)
async def test_every_dose_is_in_one_line_of_each_grouping(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, by: str, groups: dict[str, int]
) -> None:
    await _eight(context, client, issuer)
    lines = await _lines(client, issuer.headers(Role.MINISTRY), by)
    assert {group: line["recorded"] for group, line in lines.items()} == groups
    assert all(sum(line["states"].values()) == line["recorded"] for line in lines.values())


async def test_what_was_reported_and_never_uploaded_is_missing_and_never_less_than_nothing(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await _eight(context, client, issuer)
    ministry = issuer.headers(Role.MINISTRY)
    told = (await _report(client, ministry, "68001", DAY, 10)).json()
    assert told == {
        "facility_code": "68001",
        "day": DAY,
        "administered": 10,
        "recorded": 7,
        "missing": 3,
    }
    assert (await _report(client, ministry, "79001", "2021-07-02", 0)).json()["missing"] == 0
    assert (await _report(client, ministry, "79002", DAY, 40)).status_code == 200
    facilities = await _lines(client, ministry, "facility")
    assert {
        name: (line["reported"], line["missing"], line["recorded"])
        for name, line in facilities.items()
    } == {
        "68001": (10, 3, 8),
        "79001": (0, 0, 1),
        "79002": (40, 40, 0),
    }
    days = await _lines(client, ministry, "day")
    assert {day: line["missing"] for day, line in days.items()} == {DAY: 43, "2021-07-02": 0}
    provinces = await _lines(client, ministry, "province")
    assert {group: line["missing"] for group, line in provinces.items()} == {"68": 3, "79": 40}
    assert [line["reported"] for line in (await _lines(client, ministry, "commune")).values()] == [
        None
    ]


async def test_a_total_reported_again_takes_the_older_one_s_place(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    own = issuer.headers(Role.FACILITY, facility="68001")
    for administered in (10, 12):
        assert (await _report(client, own, "68001", DAY, administered)).status_code == 200
    assert (await _lines(client, own, "facility"))["68001"]["reported"] == 12


async def test_a_facility_reports_for_itself_and_a_province_for_its_facilities(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    callers = {
        "own": (issuer.headers(Role.FACILITY, facility="68001"), 200),
        "other": (issuer.headers(Role.FACILITY, facility="68002"), 403),
        "province": (issuer.headers(Role.PROVINCE, areas=["68"]), 200),
        "other province": (issuer.headers(Role.PROVINCE, areas=["79"]), 403),
        "station": (issuer.headers(Role.STATION, areas=["68"]), 403),
    }
    for name, (headers, status) in callers.items():
        assert (await _report(client, headers, "68001", DAY, 1)).status_code == status, name


async def test_a_day_that_cannot_be_is_not_reported(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    tomorrow = (context.today() + timedelta(days=1)).isoformat()
    for day in ("2021-03-07", tomorrow, "2021-02-30", "today"):
        assert (
            await _report(client, issuer.headers(Role.MINISTRY), "68001", day, 1)
        ).status_code == 422, day
    assert (
        await _report(
            client, issuer.headers(Role.MINISTRY), "68001", date(2021, 3, 8).isoformat(), 1
        )
    ).status_code == 200
    assert (
        await _report(client, issuer.headers(Role.MINISTRY), "68001", DAY, -1)
    ).status_code == 422


async def test_progress_keeps_to_the_reach_of_its_caller(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await _eight(context, client, issuer)
    await _report(client, issuer.headers(Role.MINISTRY), "79002", DAY, 40)
    seen = {
        "facility": await _lines(
            client, issuer.headers(Role.FACILITY, facility="79001"), "facility"
        ),
        "province": await _lines(client, issuer.headers(Role.PROVINCE, areas=["79"]), "facility"),
        "station": await _lines(client, issuer.headers(Role.STATION, areas=["68"]), "facility"),
        "other station": await _lines(
            client, issuer.headers(Role.STATION, areas=["79"]), "facility"
        ),
    }
    assert {name: set(lines) for name, lines in seen.items()} == {
        "facility": {"79001"},
        "province": {"79001", "79002"},
        "station": {"68001", "79001"},
        "other station": set(),
    }
