"""Progress of a place, of what the worker counted last: funnel, days, units, reach."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select

from contracts.access import Role
from contracts.words import Grade, Reason
from services.records.context import Context
from services.records.progress.count_tables import reasons_table
from services.records.progress.counting import count_progress
from services.records.progress.scope_models import ReasonCount
from services.records.schema import dose, progress_day, progress_tally
from tests.integration.records.conftest import Caller, Judgement, Records
from tests.support.files import typed

RIGHT: Judgement = (Grade.EXACT, [])
WRONG: Judgement = (Grade.MISMATCH, [Reason.TONE_DIFFERS, Reason.DATE_DIGIT])
NO_NUMBER: Judgement = (Grade.MISSING_ID, [Reason.ID_MISSING])
HOME = {"province_code": "68", "district_code": "681", "commune_code": "68101"}
ELSEWHERE = {"province_code": "79", "district_code": "791", "commune_code": "79101"}


async def _some(records: Records) -> None:
    """At 68001: two right, one repaired, two wrong, one without a number, one not judged yet.

    One of the wrong ones lives in another province. Another facility gave one right dose.
    """
    at_home = [typed(n, source_id=f"a{n}", facility_code="68001", **HOME) for n in range(6)]
    moved = typed(6, source_id="a6", facility_code="68001", **ELSEWHERE)
    other = typed(7, source_id="b7", facility_code="79001", **ELSEWHERE)
    await records.record([*at_home, moved, other])
    await records.judge({
        "a0": RIGHT, "a1": RIGHT, "a2": (Grade.REPAIRED, [Reason.TONE_DIFFERS]),
        "a3": WRONG, "a4": NO_NUMBER, "a6": WRONG, "b7": RIGHT,
    })  # fmt: skip
    await records.sign(issued=["a0", "a2"])


async def _counted(records: Records) -> None:
    assert await count_progress(records.context)


async def _funnel(caller: Caller, **place: str) -> dict[str, int]:
    funnel = (await caller.get("/progress/overview", **place))["funnel"]
    return {name: doses for name, doses in funnel.items() if doses}


async def test_the_funnel_counts_each_dose_once_and_adds_up(records: Records) -> None:
    await _some(records)
    await _counted(records)
    told = await records.caller().get("/progress/overview")
    funnel = told["funnel"]
    assert funnel == {
        "given": 8, "reported": None, "missing": None, "recorded": 8, "sent": 7, "not_sendable": 1,
        "pending": 1, "right": 3, "repaired": 1, "exempt": 0, "wrong": 2, "waiting": 3,
        "issued": 2, "withdrawn": 0, "worked": 0,
    }  # fmt: skip
    judged = (funnel[name] for name in ("right", "repaired", "exempt", "wrong", "pending"))
    assert funnel["sent"] == sum(judged)
    assert funnel["recorded"] == funnel["sent"] + funnel["not_sendable"]
    assert {line["reason"]: line["doses"] for line in told["reasons"]} == {
        "DATE_DIGIT": 2,
        "TONE_DIFFERS": 2,
        "ID_MISSING": 1,
    }
    assert told["place"] == {"kind": "country", "code": "", "name": None}
    assert (told["change"], told["forecast"]["outlook"]) == (None, "too_few_days")


async def test_a_place_has_the_doses_of_its_residents_and_a_facility_those_that_it_gave(
    records: Records,
) -> None:
    await _some(records)
    await _counted(records)
    ministry = records.caller()
    assert (await _funnel(ministry, area="68"))["recorded"] == 6
    assert (await _funnel(ministry, area="68681"))["waiting"] == 2
    assert (await _funnel(ministry, area="6868168101"))["waiting"] == 2
    assert (await _funnel(ministry, facility="68001"))["waiting"] == 3
    assert await _funnel(ministry, area="01") == {}
    told = await ministry.get("/progress/overview", area="68681")
    assert told["within"] == [{"kind": "province", "code": "68", "name": "Lâm Đồng"}]


async def test_what_the_signer_refused_waits_by_its_code_until_it_is_issued(
    records: Records,
) -> None:
    await _some(records)
    await records.sign(refused={"a1": "NAME_WITHOUT_LATIN"})
    await _counted(records)
    told = await records.caller().get("/progress/overview")
    assert told["funnel"]["waiting"] == 4
    [refused] = [line for line in told["reasons"] if line["refused"]]
    assert (refused["reason"], refused["doses"]) == ("NAME_WITHOUT_LATIN", 1)
    await records.sign(issued=["a1"])
    await _counted(records)
    told = await records.caller().get("/progress/overview")
    assert told["funnel"]["waiting"] == 3
    assert not [line for line in told["reasons"] if line["refused"]]


async def test_what_is_gone_leaves_the_tally(records: Records) -> None:
    await _some(records)
    await _counted(records)
    ids = await records.ids()
    answer = await records.caller().ask("DELETE", f"/doses/{ids['b7']}")
    assert answer.status_code == 200
    await records.judge({"a3": RIGHT, "a4": RIGHT})
    await _counted(records)
    told = await records.caller().get("/progress/overview")
    assert (told["funnel"]["recorded"], told["funnel"]["withdrawn"]) == (7, 1)
    assert told["funnel"]["waiting"] == 1
    assert {line["reason"] for line in told["reasons"]} == {"TONE_DIFFERS", "DATE_DIGIT"}


async def test_reports_make_what_was_never_uploaded_part_of_what_was_given(
    records: Records, client: httpx.AsyncClient
) -> None:
    await _some(records)
    ministry = records.caller()
    [given_on] = await _days_given(records.context)
    answer = await ministry.ask("PUT", f"/reports/68001/{given_on}", json={"administered": 100_000})
    assert answer.status_code == 200, answer.text
    missing = answer.json()["missing"]
    await _counted(records)
    for place, expected in (({}, 8), ({"area": "68"}, 6), ({"facility": "68001"}, 7)):
        funnel = await _funnel(ministry, **place)
        assert (funnel["reported"], funnel["missing"]) == (100_000, missing), place
        assert funnel["given"] == expected + missing, place
    assert "missing" not in await _funnel(ministry, area="79")


async def _days_given(context: Context) -> list[date]:
    async with context.db.begin() as tx:
        return list((await tx.execute(select(dose.c.date_given).distinct())).scalars())


async def test_work_is_what_people_corrected_and_no_machine(records: Records) -> None:
    await _some(records)
    ids = await records.ids()
    corrected = await records.caller(Role.FACILITY, facility="68001").ask(
        "PATCH", f"/doses/{ids['a3']}", json={"reason": "misread", "lot": "FK0051"}
    )
    assert corrected.status_code == 200, corrected.text
    await _counted(records)
    [unit] = (await records.caller().get("/progress/units", area="68"))["items"]
    assert (unit["code"], unit["funnel"]["worked"], unit["funnel"]["waiting"]) == ("68681", 1, 1)
    assert unit["slowness"] == 1.0


async def _past(context: Context, *waiting: int, code: str = "") -> None:
    """Days before today, the last of them yesterday, with so many that waited."""
    zeros = dict.fromkeys(
        ("withdrawn", "pending", "not_sendable", "confirmed", "repaired", "exempt"), 0
    )
    async with context.db.begin() as tx:
        for ago, doses in zip(range(len(waiting), 0, -1), waiting, strict=True):
            day = context.today() - timedelta(days=ago)
            row = {"kind": "area", "code": code, "day": day, "counted_at": context.clock()}
            counts = {"recorded": 1000, "waiting": doses, "issued": 0, "worked": 0, **zeros}
            await tx.execute(insert(progress_day).values({**row, **counts}))


async def test_the_change_is_since_the_last_day_that_was_counted(records: Records) -> None:
    await _some(records)
    await _past(records.context, 5, 9)
    await _counted(records)
    told = await records.caller().get("/progress/overview")
    yesterday = (records.context.today() - timedelta(days=1)).isoformat()
    assert (told["change"]["since"], told["change"]["waiting"]) == (yesterday, 3 - 9)
    assert told["change"]["issued"] == 2


async def test_days_are_told_with_the_forecast(records: Records) -> None:
    await _some(records)
    await _past(records.context, *range(31, 3, -1))
    await _counted(records)
    told = await records.caller().get("/progress/days")
    assert [day["waiting"] for day in told["items"]] == [*range(31, 2, -1)]
    assert told["forecast"] == {
        "outlook": "shrinks",
        "from_day": records.context.today().isoformat(),
        "waiting": 3,
        "days_known": 29,
        **dict.fromkeys(("pace", "slow_pace", "fast_pace"), 1.0),
        **dict.fromkeys(
            ("gone_on", "earliest", "latest"),
            (records.context.today() + timedelta(days=3)).isoformat(),
        ),
    }
    two = await records.caller().get(
        "/progress/days", first=told["items"][0]["day"], last=told["items"][1]["day"]
    )
    assert [day["waiting"] for day in two["items"]] == [31, 30]
    assert two["forecast"] == told["forecast"]


async def test_of_days_before_the_first_count_only_what_is_on_record_is_known(
    records: Records,
) -> None:
    await _some(records)
    async with records.context.db.begin() as tx:
        await tx.raw.execute("UPDATE batch SET created_at = created_at - interval '2 days'")
    await _counted(records)
    first, today = (await records.caller().get("/progress/days"))["items"]
    assert (first["recorded"], first["waiting"], first["issued"]) == (8, None, None)
    assert (today["recorded"], today["waiting"]) == (8, 3)
    assert (await records.caller().get("/progress/overview"))["change"] is None


@pytest.mark.parametrize(
    ("place", "level", "codes"),
    [
        ({}, None, ["68", "79"]),
        ({"area": "68"}, None, ["68681"]),
        ({"area": "68681"}, None, ["6868168101"]),
        ({"area": "6868168101"}, None, ["68001"]),
        ({}, "facility", ["68001", "79001"]),
        ({"area": "79"}, "facility", ["79001"]),
        ({"area": "79791"}, "facility", ["68001", "79001"]),
        ({"facility": "68001"}, None, ["6868168101", "7979179101"]),
    ],
)
async def test_a_place_is_taken_apart_level_by_level(
    records: Records, place: dict[str, str], level: str | None, codes: list[str]
) -> None:
    await _some(records)
    await _counted(records)
    asked = {**place, **({"level": level} if level else {})}
    told = await records.caller().get("/progress/units", order="code", **asked)
    assert [unit["code"] for unit in told["items"]] == codes


async def test_units_come_page_by_page_in_every_order_and_none_twice(records: Records) -> None:
    rows = [typed(n, source_id=f"s{n}", facility_code=f"680{n % 7:02}", **HOME) for n in range(40)]
    await records.record(rows)
    await records.judge({f"s{n}": WRONG if n % 3 else RIGHT for n in range(40)})
    ids = await records.ids()
    for n in (1, 2, 8):
        body = {"reason": "misread", "lot": f"FK00{n:02}"}
        answer = await records.caller().ask("PATCH", f"/doses/{ids[f's{n}']}", json=body)
        assert answer.status_code == 200
    await _counted(records)
    for order in ("waiting", "slowness", "recorded", "oldest", "code"):
        whole = await records.caller().get("/progress/units", level="facility", order=order)
        codes = [unit["code"] for unit in whole["items"]]
        assert sorted(codes) == [f"680{n:02}" for n in range(7)]
        paged: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await records.caller().get(
                "/progress/units", level="facility", order=order, limit=2, **cursor
            )
            paged += [unit["code"] for unit in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert paged == codes, order
    slow = (await records.caller().get("/progress/units", level="facility", order="slowness"))[
        "items"
    ]
    paces = [unit["slowness"] for unit in slow]
    worked = [pace for pace in paces if pace is not None]
    assert paces[: len(paces) - len(worked)] == [None] * (len(paces) - len(worked))
    assert worked == sorted(worked, reverse=True)


async def test_people_whose_district_is_not_known_are_a_unit_of_their_own(
    records: Records,
) -> None:
    place = {"province_code": "68", "district_code": "", "commune_code": ""}
    await records.record([typed(1, source_id="x", facility_code="68001", **place)])
    await _counted(records)
    [unit] = (await records.caller().get("/progress/units", area="68"))["items"]
    assert (unit["code"], unit["funnel"]["recorded"], unit["change"]) == ("68", 1, None)


async def test_a_province_sees_its_own_and_nothing_beyond(records: Records) -> None:
    await _some(records)
    await _counted(records)
    own = records.caller(Role.PROVINCE, areas=["68"])
    assert await _funnel(own) == await _funnel(records.caller(), area="68")
    assert (await own.get("/progress/overview"))["place"]["name"] == "Lâm Đồng"
    assert (await own.ask("GET", "/progress/overview?area=68681")).status_code == 200
    assert (await own.ask("GET", "/progress/units?facility=68001")).status_code == 200
    for route in ("overview", "days", "units", "units.csv", "days.csv", "reasons.csv"):
        for place in ("area=79", "area=79791", "facility=79001"):
            refused = await own.ask("GET", f"/progress/{route}?{place}")
            assert (refused.status_code, refused.json()["code"]) == (403, "PLACE_NOT_YOURS")
    district = records.caller(Role.PROVINCE, areas=["68681"])
    assert (await district.ask("GET", "/progress/overview?area=68")).status_code == 403
    assert (await district.ask("GET", "/progress/overview?facility=68001")).status_code == 403
    nobody = records.caller(Role.PROVINCE)
    assert await _funnel(nobody) == {}
    assert (await nobody.get("/progress/units"))["items"] == []
    assert (await records.caller(Role.STATION, areas=["68"]).ask(
        "GET", "/progress/overview")).status_code == 403  # fmt: skip


async def test_areas_within_each_other_are_counted_once(records: Records) -> None:
    await _some(records)
    await _counted(records)
    both = records.caller(Role.PROVINCE, areas=["68", "68681", "79"])
    assert (await _funnel(both))["recorded"] == 8
    assert (await both.get("/progress/overview"))["place"]["kind"] == "areas"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("overview?area=68&facility=68001", "ONE_PLACE_ONLY"),
        ("units?area=68681&level=province", "LEVEL_TOO_LARGE"),
        ("units?facility=68001&level=facility", "LEVEL_TOO_LARGE"),
        ("units.csv?facility=68001&level=facility", "LEVEL_TOO_LARGE"),
        ("units?area=683", "REQUEST_INVALID"),
        ("units?cursor=x", "CURSOR_INVALID"),
    ],
)
async def test_a_place_that_cannot_be_is_refused(records: Records, asked: str, code: str) -> None:
    await _counted(records)
    refused = await records.caller().ask("GET", f"/progress/{asked}")
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_before_the_first_count_all_is_zero_and_says_so(records: Records) -> None:
    told = await records.caller().get("/progress/overview")
    assert (told["counted_at"], told["funnel"]["given"]) == (None, 0)
    assert (await records.caller().get("/progress/units"))["items"] == []
    assert (await records.caller().get("/progress/days"))["items"] == []


async def _table(caller: Caller, path: str) -> list[list[str]]:
    answer = await caller.ask("GET", path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_every_table_is_a_file_too(records: Records) -> None:
    await _some(records)
    await _counted(records)
    ministry = records.caller()
    head, *units = await _table(ministry, "/progress/units.csv")
    assert head[:3] == ["Mã", "Tên", "Đã tiêm"]
    assert [line[:3] for line in units] == [
        ["68", "Lâm Đồng", "6"],
        ["79", "Hồ Chí Minh", "2"],
    ]
    head, day = await _table(ministry, "/progress/days.csv?language=en")
    assert (head[0], day[0]) == ("Day", records.context.today().isoformat())
    head, *reasons = await _table(ministry, "/progress/reasons.csv")
    assert [line[0] for line in reasons] == ["DATE_DIGIT", "TONE_DIFFERS", "ID_MISSING"]


def test_no_cell_runs_as_a_formula() -> None:
    line = ReasonCount(
        reason="=1+1", refused=False, field="", message="+x", message_en="@y", doses=1
    )
    assert reasons_table.lines([line]).decode() == "'=1+1,'+x,'@y,1\r\n"


async def test_a_count_by_another_process_is_left_alone_and_what_is_the_same_is_not_written(
    records: Records,
) -> None:
    await _some(records)
    await _counted(records)
    assert not await count_progress(records.context, timedelta(minutes=1))
    before = await _places(records.context)
    await _counted(records)
    assert await _places(records.context) == before


async def _places(context: Context) -> dict[str, Any]:
    """Where each row of the tally lies: a row that is written anew lies elsewhere."""
    async with context.db.begin() as tx:
        rows = await tx.raw.fetch("SELECT residence, facility_code, ctid FROM progress_tally")
        assert (await tx.execute(select(progress_tally.c.residence))).first() is not None
    return {f"{row['residence']}/{row['facility_code']}": row["ctid"] for row in rows}
