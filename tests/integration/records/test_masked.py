"""Masked lists and files: who only steers sees no number and no day of birth, and what is masked
corrects nothing.
"""

import json
from typing import Any

import pytest

from contracts.access import Role
from contracts.words import Grade, Reason
from services.records.uploads.formats.columns import HEADERS
from tests.integration.records.conftest import Records
from tests.integration.records.test_clusters import habit
from tests.integration.records.test_round_trip import file, table
from tests.support.files import CSV, XLSX, csv_file, typed

SECRETS = (
    "068180000001",
    "68180000002",
    "0912000000",
    "C01X00T47",
    "03/05/1980",
    "05/03/1980",
    "1980-05-03",
    "0987654321",
)
PROVINCE = {"areas": ["68"]}


async def wrong(records: Records) -> Any:
    """One of each: a number, one that lost its zero, a foreigner, a year alone without any number;
    and a row that was refused.
    """
    batch = await records.record([
        typed(source_id="a"),
        typed(source_id="b", personal_id="68180000002", date_of_birth="05/03/1980"),
        typed(source_id="c", nationality="Đức", personal_id="C01X00T47"),
        typed(source_id="d", date_of_birth="1980", personal_id="", phone=""),
        typed(source_id="refused", sex="0987654321"),
    ])  # fmt: skip
    assert (batch["accepted"], batch["rejected"]) == (4, 1)
    await records.judge({
        "a": (Grade.MISMATCH, [Reason.NAME_DIFFERS, Reason.DAY_MONTH_SWAPPED]),
        "b": (Grade.NOT_FOUND, [Reason.ID_LEADING_ZERO_LOST]),
        "c": (Grade.NOT_FOUND, [Reason.ID_NOT_FOUND]),
        "d": (Grade.MISMATCH, [Reason.ID_MISSING]),
    })  # fmt: skip
    return batch


@pytest.mark.parametrize(("kind", "media_type"), [("csv", CSV), ("xlsx", XLSX)])
@pytest.mark.parametrize("of", ["worklist", "batch"])
async def test_a_provinces_file_is_masked_and_posted_back_every_masked_row_is_refused(
    records: Records, kind: str, media_type: str, of: str
) -> None:
    batch = await wrong(records)
    province = records.caller(Role.PROVINCE, **PROVINCE)
    path = f"/worklist.{kind}" if of == "worklist" else f"/batches/{batch['batch_id']}/rows.{kind}"
    answer = await (records.caller() if of == "batch" else province).ask("GET", path)
    assert answer.status_code == 200, answer.text
    assert "masked" in answer.headers["content-disposition"]
    header, *rows = table(answer.content, kind)
    assert not [secret for secret in SECRETS if secret in str(rows)]
    by_source = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert (by_source["a"][HEADERS["personal_id"]], by_source["a"][HEADERS["date_of_birth"]]) == (
        "068*******01",
        "**/**/1980",
    )
    assert (by_source["a"][HEADERS["full_name"]], by_source["a"][HEADERS["phone"]]) == (
        "Nguyễn Thị Ví Dụ",
        "091*****00",
    )
    assert by_source["c"][HEADERS["passport_number"]] == "*******47"
    assert by_source["b"]["Gợi ý"].startswith("Số CMND/CCCD/HC: 068*******02")

    for row in rows:
        row[header.index(HEADERS["lot"])] = "FK0050"
    ids = await records.ids()
    told = await province.upload(
        file([header, *(row for row in rows if row[0] != "refused")], kind), media_type
    )
    # of d nothing was masked: it is data
    assert (told["received"], told["rejected"], told["corrected"]) == (4, 3, 1)
    answers = (
        (await province.get(f"/batches/{told['batch_id']}/rows"))["items"]
        if of == "worklist"
        else []
    )
    for one in answers[:3]:
        assert {error["code"] for error in one["errors"]} == {"CELL_MASKED"}
        assert all(error["message"] and error["message_en"] for error in one["errors"])
    service = records.caller(Role.SERVICE)
    for source in ("a", "b", "c"):
        assert (await service.get(f"/doses/{ids[source]}"))["version"] == 1
    assert (await service.get(f"/doses/{ids['a']}"))["person"]["personal_id"] == "068180000001"


@pytest.mark.parametrize(("kind", "media_type"), [("csv", CSV), ("xlsx", XLSX)])
async def test_who_sent_a_file_gets_it_back_whole_and_can_correct_it(
    records: Records, kind: str, media_type: str
) -> None:
    province = records.caller(Role.PROVINCE, **PROVINCE)
    batch = await province.upload(csv_file([typed(source_id="a", personal_id="68180000001")]))
    path = f"/batches/{batch['batch_id']}/rows.{kind}"
    header, row = table((await province.ask("GET", path)).content, kind)
    assert row[header.index(HEADERS["personal_id"])] == "68180000001"
    row[header.index(HEADERS["personal_id"])] = "068180000001"
    told = await province.upload(file([header, row], kind), media_type)
    assert (told["corrected"], told["rejected"]) == (1, 0)
    masked = await province.ask("GET", path, params={"masked": True})
    assert "068180000001" not in str(table(masked.content, kind))
    assert "068180000001" not in str(table((await records.caller().ask("GET", path)).content, kind))


async def test_lists_are_masked_for_who_steers_and_whole_for_who_corrects(records: Records) -> None:
    await wrong(records)
    for caller in (records.caller(), records.caller(Role.PROVINCE, **PROVINCE)):
        told = json.dumps(await caller.get("/worklist"), ensure_ascii=False)
        assert not [secret for secret in SECRETS if secret in told]
    for role, limits in (
        (Role.FACILITY, {"facility": "68001"}),
        (Role.STATION, PROVINCE),
        (Role.POLICE, PROVINCE),
        (Role.SERVICE, {}),
    ):
        caller = records.caller(role, **limits)
        whole, masked = [
            (await caller.get("/worklist", **asked))["items"][0]["dose"]["person"]
            for asked in ({}, {"masked": True})
        ]
        assert (whole["personal_id"], whole["date_of_birth"], whole["phone"]) == (
            "068180000001",
            "1980-05-03",
            "0912000000",
        )
        assert (masked["personal_id"], masked["date_of_birth"], masked["phone"]) == (
            "068*******01",
            "1980-**-**",
            "091*****00",
        )
        assert whole["full_name"] == masked["full_name"]


async def test_a_whole_list_takes_a_stated_purpose_and_a_whole_file_is_never_given_to_who_steers(
    records: Records,
) -> None:
    await wrong(records)
    ministry, open_it = records.caller(), {"masked": False}
    for why in ({}, {"X-Purpose": "statistics"}):
        refused = await ministry.ask("GET", "/worklist", params=open_it, headers=why)
        assert (refused.status_code, refused.json()["code"]) == (403, "PURPOSE_NEEDED")
    opened = await ministry.ask(
        "GET", "/worklist", params=open_it, headers={"X-Purpose": "complaint"}
    )
    assert opened.json()["items"][0]["dose"]["person"]["personal_id"] == "068180000001"
    for path in ("/worklist.csv", "/worklist.xlsx", "/batches/1/rows.csv", "/batches/1/rows.xlsx"):
        refused = await ministry.ask(
            "GET", path, params=open_it, headers={"X-Purpose": "complaint"}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "EXPORT_MASKED")
    assert (
        await records.caller(Role.SERVICE).ask("GET", "/batches/1/rows.csv", params=open_it)
    ).status_code == 200


async def test_one_dose_is_masked_on_demand_and_a_masked_value_corrects_nothing(
    records: Records,
) -> None:
    await wrong(records)
    ministry, dose = records.caller(), (await records.ids())["a"]
    masked = (await ministry.get(f"/doses/{dose}", masked=True))["person"]
    assert masked["date_of_birth"] == "1980-**-**"
    body = {
        "reason": "asked her",
        "person": {name: masked[name] for name in ("personal_id", "date_of_birth")},
    }
    refused = await ministry.ask("PATCH", f"/doses/{dose}", json=body)
    assert (refused.status_code, {one["code"] for one in refused.json()["errors"]}) == (
        422,
        {"CELL_MASKED"},
    )
    assert (await ministry.get(f"/doses/{dose}"))["version"] == 1


async def test_clusters_and_previews_are_masked_for_who_steers_and_states_no_purpose(
    records: Records,
) -> None:
    await habit(records)
    ministry = records.caller()
    [cluster] = (await ministry.get("/clusters"))["items"]
    assert [one["typed"] for one in cluster["examples"]] == [
        "091*****00",
        "091*****01",
        "091*****02",
    ]
    for headers, before in (({}, "091*****00"), ({"X-Purpose": "correction"}, "0912345600")):
        preview = await ministry.ask(
            "POST",
            f"/clusters/{cluster['cluster_id']}/preview",
            json={"rule": "PHONE_TO_ITS_FIELD"},
            headers=headers,
        )
        assert preview.json()["examples"][0]["changes"][0]["before"] == before


async def test_a_file_of_masked_numbers_leaves_no_dose(records: Records) -> None:
    told = await records.record(
        [typed(personal_id="068*******01"), typed(2, phone="091*****00"), typed(3)]
    )
    assert (told["accepted"], told["rejected"]) == (1, 2)
    assert await records.ids() == {"68001-0000003": 1}
