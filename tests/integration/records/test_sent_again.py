"""Files that come again after somebody corrected what they hold: an old file undoes nothing, and of
two people the second is told.
"""

import csv
import io
from typing import Any

import pytest
from sqlalchemy import func, select

from contracts.access import Role
from contracts.topics import RECORDED, WITHDRAWN
from contracts.words import Grade, Reason
from deploy.audit.store import OFF_BATCHES
from services.records import schema
from services.records.uploads import store
from services.records.uploads.formats.columns import VERSION
from tests.integration.records.conftest import Caller, Records
from tests.support.files import CSV, JSON, XLSX, as_json, csv_file, typed, xlsx_file

WRONG, RIGHT, OTHER = "068180000009", "068180000001", "068180000005"


async def outcome(
    caller: Caller, content: bytes, media_type: str = CSV
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """What an upload's rows came to, and what each was told, by source id."""
    told = await caller.upload(content, media_type)
    counts = {name: told[name] for name in ("unchanged", "corrected", "rejected") if told[name]}
    rows = (await caller.get(f"/batches/{told['batch_id']}/rows"))["items"]
    return counts, {row["source_id"]: [error["code"] for error in row["errors"]] for row in rows}


async def stands(records: Records, source_id: str = "a") -> tuple[int, str, str]:
    dose = await records.caller(Role.SERVICE).get(f"/doses/{(await records.ids())[source_id]}")
    return dose["version"], dose["person"]["personal_id"], dose["state"]


async def two_wrong(records: Records) -> Caller:
    """Doses a and b, both with the wrong number; the caller sees and corrects all."""
    await records.record(
        [typed(source_id="a", personal_id=WRONG), typed(source_id="b", personal_id=WRONG)]
    )
    await records.judge({name: (Grade.NOT_FOUND, [Reason.ID_NOT_FOUND]) for name in ("a", "b")})
    return records.caller(Role.SERVICE)


async def corrected(records: Records, personal_id: str = RIGHT) -> None:
    """Puts dose a right, and lets it be verified."""
    path = f"/doses/{(await records.ids())['a']}"
    answer = await records.caller().ask(
        "PATCH", path, json={"reason": "by the card", "person": {"personal_id": personal_id}}
    )
    assert answer.status_code == 200, answer.text
    await records.judge({"a": (Grade.EXACT, [])})


async def worklist(caller: Caller, **edits: dict[str, str]) -> list[list[str]]:
    """The worklist's file as lines, with these cells (by source id and header) edited."""
    answer = await caller.ask("GET", "/worklist.csv")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    for row in rows:
        for name, text in edits.get(row[0], {}).items():
            row[header.index(name)] = text
    return [header, *rows]


def as_csv(lines: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def without(lines: list[list[str]], header: str) -> list[list[str]]:
    at = lines[0].index(header)
    return [[*line[:at], *line[at + 1 :]] for line in lines]


async def off_batches(records: Records) -> list[Any]:
    """What `hochieu audit` would say of the batches."""
    async with records.context.db.begin() as tx:
        return await tx.raw.fetch(OFF_BATCHES)


async def events(records: Records) -> int:
    async with records.context.db.begin() as tx:
        told = select(func.count()).where(schema.outbox.c.type.in_((RECORDED.name, WITHDRAWN.name)))
        return int((await tx.execute(told)).scalar_one())


@pytest.mark.parametrize("column", [True, False])
async def test_a_downloaded_list_that_is_posted_untouched_undoes_no_correction(
    records: Records, column: bool
) -> None:
    caller = await two_wrong(records)
    old = await worklist(caller)
    await corrected(records)
    before = await events(records)
    told = await outcome(caller, as_csv(old if column else without(old, VERSION)))
    assert told[0] == {"unchanged": 2}
    assert told[1]["a"] == ["CORRECTED_SINCE"]
    assert "CORRECTED_SINCE" not in told[1]["b"]
    assert await stands(records) == (2, RIGHT, "eligible")
    assert await events(records) == before
    assert await off_batches(records) == []


async def test_a_facility_that_sends_its_file_again_undoes_no_rule(records: Records) -> None:
    first = csv_file(
        [typed(n, source_id=f"w{n}", personal_id=f"09123456{n:02}", phone="") for n in range(12)]
    )
    await records.record([typed(n, source_id=f"g{n}", facility_code="68003") for n in range(60)])
    caller = records.caller(Role.FACILITY, facility="68001")
    await caller.upload(first)
    await records.judge(
        {f"w{n}": (Grade.ILL_FORMED_ID, [Reason.ID_IS_PHONE_NUMBER]) for n in range(12)}
    )
    await records.judge({f"g{n}": (Grade.EXACT, []) for n in range(60)})
    await records.caller().post("/clusters/search")
    path, rule = "/clusters/facility-68001-ID_IS_PHONE_NUMBER", {"rule": "PHONE_TO_ITS_FIELD"}
    preview = await caller.post(f"{path}/preview", rule)
    await caller.post(f"{path}/apply", {**rule, "preview_token": preview["preview_token"]})
    told = await outcome(caller, first)
    assert told == ({"unchanged": 12}, {f"w{n}": ["CORRECTED_SINCE"] for n in range(12)})
    assert await stands(records, "w3") == (2, "", "pending")
    assert await off_batches(records) == []


async def test_the_answer_says_how_many_rows_were_warned(records: Records) -> None:
    caller = await two_wrong(records)
    old = await worklist(caller)
    await corrected(records)
    told = await caller.upload(as_csv(old))
    assert told["warnings"] == 1
    assert (await caller.get(f"/batches/{told['batch_id']}"))["warnings"] == 1


@pytest.mark.parametrize(("kind", "media_type"), [("csv", CSV), ("xlsx", XLSX)])
async def test_of_two_people_who_edit_one_row_the_second_is_told_and_takes_the_list_anew(
    records: Records, kind: str, media_type: str
) -> None:
    caller = await two_wrong(records)
    lines = await worklist(caller, a={"Số CMND/CCCD/HC": OTHER}, b={"Số CMND/CCCD/HC": RIGHT})
    edited = as_csv(lines) if kind == "csv" else xlsx_file(lines)
    await corrected(records)
    assert await outcome(caller, edited, media_type) == (
        {"corrected": 1, "rejected": 1},
        {"a": ["VERSION_CHANGED"], "b": []},
    )
    assert await stands(records) == (2, RIGHT, "eligible")
    assert await stands(records, "b") == (2, RIGHT, "pending")
    # what was taken is the same again; what was not is told again
    assert await outcome(caller, edited, media_type) == (
        {"unchanged": 1, "rejected": 1},
        {"a": ["VERSION_CHANGED"], "b": []},
    )
    assert await off_batches(records) == []


async def test_a_row_that_was_turned_away_comes_back_with_the_version_it_was_made_from(
    records: Records,
) -> None:
    caller = await two_wrong(records)
    edited = await worklist(caller, a={"Số CMND/CCCD/HC": OTHER})
    await corrected(records)
    batch = await caller.upload(as_csv(edited))
    back = await caller.ask("GET", f"/batches/{batch['batch_id']}/rows.csv", params={"wrong": True})
    header, row, _ = csv.reader(io.StringIO(back.content.decode("utf-8-sig")))
    assert (row[header.index("Số CMND/CCCD/HC")], row[header.index(VERSION)]) == (OTHER, "1")
    assert await outcome(caller, back.content) == (
        {"unchanged": 1, "rejected": 1},
        {"a": ["VERSION_CHANGED"], "b": ["ID_NOT_FOUND"]},
    )


async def test_with_the_current_version_a_row_may_go_back_to_what_it_was(records: Records) -> None:
    caller = await two_wrong(records)
    old = await worklist(caller, a={VERSION: "2"})
    await corrected(records)
    assert (await outcome(caller, as_csv(old)))[0] == {"corrected": 1, "unchanged": 1}
    assert await stands(records) == (3, WRONG, "pending")


async def test_a_file_without_versions_still_corrects_with_what_is_new(records: Records) -> None:
    caller = await two_wrong(records)
    await corrected(records)
    assert (await outcome(caller, csv_file([typed(source_id="a", personal_id=OTHER)])))[0] == {
        "corrected": 1
    }
    assert await stands(records) == (3, OTHER, "pending")


async def test_json_may_carry_the_version_too(records: Records) -> None:
    await two_wrong(records)
    await corrected(records)
    caller = records.caller(Role.SERVICE)

    async def sent(**more: object) -> dict[str, int]:
        answer = await caller.ask(
            "POST",
            "/batches",
            json={"doses": [{**as_json(typed(source_id="a", personal_id=OTHER)), **more}]},
        )
        assert answer.status_code == 202, answer.text
        told = answer.json()
        return {name: told[name] for name in ("unchanged", "corrected", "rejected") if told[name]}

    assert JSON == "application/json"
    assert await sent(version=1) == {"rejected": 1}
    assert await sent(version="2") == {"corrected": 1}


async def test_the_version_of_a_dose_that_is_new_means_nothing(records: Records) -> None:
    file = csv_file([typed(source_id="new")])
    lines = list(csv.reader(io.StringIO(file.decode())))
    told = await outcome(
        records.caller(Role.SERVICE), as_csv([[*lines[0], VERSION], [*lines[1], "7"]])
    )
    assert told == ({}, {"new": []})
    assert await stands(records, "new") == (1, RIGHT, "pending")


async def test_what_is_told_is_told_in_both_languages(records: Records) -> None:
    caller = await two_wrong(records)
    old, edited = await worklist(caller), await worklist(caller, a={"Số CMND/CCCD/HC": OTHER})
    await corrected(records)
    for lines in (old, edited):
        batch = await caller.upload(as_csv(lines))
        async with records.context.db.begin() as tx:
            [row] = [row for row in await store.batch_rows(tx, batch["batch_id"]) if row.errors]
        assert row.errors is not None
        [error] = row.errors
        assert error["message"] != error["message_en"]
        assert VERSION in error["message"]
