"""What a sender of doses learns of them later: what it sent, what is within its reach today, and of
the rest only where it stands.
"""

from typing import Any

import pytest

from contracts.access import Role
from contracts.words import Grade, Reason
from services.records.uploads.formats.columns import HEADERS, VERSION
from tests.integration.records.conftest import Caller, Records
from tests.integration.records.test_round_trip import AREA, file, table
from tests.support.files import CSV, XLSX, csv_file, typed

KINDS = pytest.mark.parametrize(("kind", "media_type"), [("csv", CSV), ("xlsx", XLSX)])
MOVED: dict[str, Any] = {"province_code": "79", "district_code": "760", "commune_code": "26734"}
LATER = (
    "Trần Thị Khác",
    "079180000009",
    "0987654321",
    "07/08/1981",
    "1981-08-07",
    "26734",
    "MOI-9",
)


async def correct(records: Records, source: str, **person: str) -> None:
    """Somebody else puts a dose right."""
    path = f"/doses/{(await records.ids())[source]}"
    body = {"reason": "by the card", "lot": "MOI-9", "person": person}
    answer = await records.caller(Role.SERVICE).ask("PATCH", path, json=body)
    assert answer.status_code == 200, answer.text


async def move_away(records: Records, source: str) -> None:
    """A person moves to another province, and everything about the dose is corrected there."""
    now = {
        "full_name": "Trần Thị Khác",
        "personal_id": "079180000009",
        "phone": "0987654321",
        "date_of_birth": "07/08/1981",
    }
    await correct(records, source, **now, **MOVED)
    await records.judge({source: (Grade.MISMATCH, [Reason.NAME_DIFFERS, Reason.DAY_MONTH_SWAPPED])})


async def rows(caller: Caller, batch: Any, kind: str, **asked: bool) -> dict[str, dict[str, str]]:
    """A batch's file, by source id."""
    answer = await caller.ask("GET", f"/batches/{batch['batch_id']}/rows.{kind}", params=asked)
    assert answer.status_code == 200, answer.text
    header, *lines = table(answer.content, kind)
    return {line[0]: dict(zip(header, line, strict=True)) for line in lines}


async def assert_told_codes_only(caller: Caller, batch: Any, kind: str, media_type: str) -> None:
    """Row a is told where it stands, and nothing that the dose holds; and its file corrects
    nothing.
    """
    found = await rows(caller, batch, kind)
    assert not [one for one in LATER if one in str(found["a"])]
    data = {
        found["a"][header]
        for field, header in HEADERS.items()
        if field not in ("source_id", "facility_code")
    }
    assert (data, found["a"]["Trạng thái"], found["a"]["Gợi ý"], found["a"][VERSION]) == (
        {"***"},
        "cần sửa",
        "",
        found["a"][VERSION],
    )
    assert "Họ và tên" in found["a"]["Lỗi"]
    told = (await caller.get(f"/batches/{batch['batch_id']}/rows"))["items"]
    assert not [one for one in LATER if one in str(told)]
    assert (told[0]["state"], told[0]["grade"]) == ("needs_correction", "mismatch")
    back = await caller.upload(
        file([list(found["a"]), list(found["a"].values())], kind), media_type
    )
    assert (back["received"], back["rejected"]) == (1, 1)
    [answered] = (await caller.get(f"/batches/{back['batch_id']}/rows"))["items"]
    assert {error["code"] for error in answered["errors"]} == {"CELL_MASKED", "DOSE_ID_WRONG"}


@KINDS
async def test_a_station_reads_no_later_data_of_who_has_moved_away_by_the_file_that_it_once_sent(
    records: Records, kind: str, media_type: str
) -> None:
    await records.record(
        [
            typed(source_id="a", lot="CU-1"),
            typed(source_id="b", lot="CU-1"),
            typed(source_id="c", lot="CU-1"),
        ]
    )
    station = records.caller(Role.STATION, areas=[AREA])
    batch = await station.upload(csv_file([typed(source_id=source) for source in "abc"]))
    assert batch["corrected"] == 3
    await move_away(records, "a")
    await correct(records, "b", phone="0987654321")
    await assert_told_codes_only(station, batch, kind, media_type)
    found = await rows(station, batch, kind)
    # within its reach a later correction is its business, and c is as it sent it
    assert (found["b"][HEADERS["phone"]], found["b"][HEADERS["lot"]], found["b"][VERSION]) == (
        "0987654321",
        "MOI-9",
        "3",
    )
    assert found["c"][HEADERS["personal_id"]] == typed().personal_id
    masked = await rows(station, batch, kind, masked=True)
    assert (masked["a"][HEADERS["full_name"]], masked["c"][HEADERS["personal_id"]]) == (
        "***",
        "068*******01",
    )


async def test_what_a_station_itself_sent_of_who_moves_away_by_it_stays_whole(
    records: Records,
) -> None:
    await records.record([typed(source_id="a")])
    station = records.caller(Role.STATION, areas=[AREA])
    batch = await station.upload(csv_file([typed(source_id="a", **MOVED)]))
    assert batch["corrected"] == 1
    assert (await rows(station, batch, "csv"))["a"][HEADERS["personal_id"]] == typed().personal_id


FACILITIES = ({"facility": "68001"}, {"facility": "68002"})


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [
        (Role.FACILITY, *FACILITIES),
        (Role.STATION, {"areas": ["68672"]}, {"areas": ["68673"]}),
        (Role.STATION, {"areas": ["68", "70"]}, {"areas": ["68"]}),
        (Role.PROVINCE, {"areas": ["68"]}, {"areas": ["70"]}),
        (Role.MINISTRY, {}, {}),
    ],
)
async def test_files_stay_where_they_were_sent_and_do_not_follow_a_subject_who_moved(
    records: Records, role: Role, before: dict[str, Any], after: dict[str, Any]
) -> None:
    here = records.caller(role, **before, subject="nurse")
    moved = records.caller(
        Role.PROVINCE if role is Role.MINISTRY else role,
        **(after or {"areas": ["68"]}),
        subject="nurse",
    )
    await records.record([typed(source_id="a")])
    batch = (await here.upload(csv_file([typed(source_id="a")])))["batch_id"]
    paths = [f"/batches/{batch}{rest}" for rest in ("", "/rows", "/rows.csv", "/rows.xlsx")]
    for path in paths:
        assert (await here.ask("GET", path)).status_code == 200
        assert (await moved.ask("GET", path)).status_code == 404, path
    assert batch in [one["batch_id"] for one in (await here.get("/batches"))["items"]]
    assert batch not in [one["batch_id"] for one in (await moved.get("/batches"))["items"]]


async def test_a_nurse_who_became_a_provinces_officer_takes_her_old_files_masked(
    records: Records,
) -> None:
    nurse = records.caller(Role.FACILITY, facility="68001", subject="nurse")
    batch = await nurse.upload(csv_file([typed(source_id="a")]))
    officer = records.caller(Role.PROVINCE, areas=["68"], subject="nurse")
    number = HEADERS["personal_id"]
    assert (await rows(nurse, batch, "csv"))["a"][number] == typed().personal_id
    assert (await rows(officer, batch, "csv"))["a"][number] == "068*******01"


async def test_a_station_that_was_given_more_areas_keeps_the_files_that_it_sent(
    records: Records,
) -> None:
    await records.record([typed(source_id="a")])
    before, after = (
        records.caller(Role.STATION, areas=areas, subject="station")
        for areas in (["68672"], ["68", "70"])
    )
    batch = (await before.upload(csv_file([typed(source_id="a")])))["batch_id"]
    assert (await after.get(f"/batches/{batch}"))["received"] == 1
    assert [one["batch_id"] for one in (await after.get("/batches"))["items"]] == [batch]


@KINDS
async def test_a_province_gets_its_own_rows_whole_and_the_others_masked(
    records: Records, kind: str, media_type: str
) -> None:
    province = records.caller(Role.PROVINCE, areas=["68"], subject="officer")
    batch = await province.upload(csv_file([typed(source_id=source) for source in "abc"]))
    await move_away(records, "a")
    await correct(records, "b", personal_id="068180000007", date_of_birth="07/08/1981")
    found = await rows(province, batch, kind)
    # the facility that gave dose a lies in the province still, and so within its reach
    assert [found[source][HEADERS["personal_id"]] for source in "abc"] == [
        "079*******09",
        "068*******07",
        "068180000001",
    ]
    assert found["b"][HEADERS["date_of_birth"]] == "**/**/1981"
    assert "079180000009" not in str(found)
    told = await province.upload(
        file([list(found["b"]), *(list(row.values()) for row in found.values())], kind), media_type
    )
    assert (told["rejected"], told["unchanged"], told["corrected"]) == (2, 1, 0)


async def test_the_ministry_gets_its_own_file_back_masked_where_others_changed_it(
    records: Records,
) -> None:
    ministry = records.caller()
    batch = await ministry.upload(csv_file([typed(source_id="a"), typed(source_id="b")]))
    await move_away(records, "a")
    found = await rows(ministry, batch, "csv", masked=False)
    assert [found[source][HEADERS["personal_id"]] for source in "ab"] == [
        "079*******09",
        "068180000001",
    ]
    assert found["a"][HEADERS["full_name"]] == "Trần Thị Khác"
