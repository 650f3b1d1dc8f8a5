"""A row that names the dose it was made from is found by that alone, and never obeyed where it is
another's.
"""

import csv
import io
import json
from typing import Any

import pytest

from contracts.access import Role
from services.records.domain.dose import Raw
from services.records.uploads.formats.columns import HEADERS
from tests.integration.records.conftest import Caller, Records
from tests.support.files import JSON, as_json, lines_file, typed

HERE = typed(1, source_id="0012", lot="00123")
OTHER = typed(
    2,
    source_id="0013",
    full_name="Lê Văn Khác",
    date_of_birth="07/08/1990",
    personal_id="001085000044",
)
ELSEWHERE = typed(
    3,
    source_id="0012",
    facility_code="79001",
    full_name="Đỗ Thị Xa",
    personal_id="079085100044",
    commune_code="24770",
)


async def on_record(records: Records) -> dict[str, int]:
    await records.record([HERE, OTHER, ELSEWHERE])
    async with records.context.db.begin() as tx:
        rows = await tx.raw.fetch("SELECT id, facility_code || '/' || source_id AS key FROM dose")
    return {row["key"]: row["id"] for row in rows}


async def send(
    caller: Caller, raw: Raw, dose_id: object, version: object = "1"
) -> tuple[dict[str, int], list[str]]:
    """The counts that are not nil, and the codes that the row was told."""
    named: dict[str, Any] = {**as_json(raw), "dose_id": dose_id, "version": version}
    batch = await caller.upload(json.dumps({"doses": [named]}).encode(), JSON)
    [row] = (await caller.get(f"/batches/{batch['batch_id']}/rows"))["items"]
    counts = {name: batch[name] for name in ("unchanged", "corrected", "rejected") if batch[name]}
    return counts, [error["code"] for error in row["errors"]]


@pytest.mark.parametrize("code", ["12", "0012", "", "1.2E+01"])
@pytest.mark.parametrize("lot", ["123", "00123", "1.23E+02"])
async def test_a_row_is_found_by_its_id_whatever_became_of_its_code_and_lot(
    records: Records, code: str, lot: str
) -> None:
    ids = await on_record(records)
    mine = records.caller(Role.FACILITY, facility="68001")
    assert await send(mine, HERE._replace(source_id=code, lot=lot), ids["68001/0012"]) == (
        {"unchanged": 1},
        [],
    )
    corrected = HERE._replace(source_id=code, lot=lot, phone="0912999999")
    assert await send(mine, corrected, str(ids["68001/0012"])) == ({"corrected": 1}, [])
    dose = await mine.get(f"/doses/{ids['68001/0012']}")
    assert (dose["source_id"], dose["lot"], dose["person"]["phone"]) == (
        "0012",
        "00123",
        "0912999999",
    )
    assert len(await on_record(records)) == 3
    assert await send(mine, HERE._replace(source_id=code, lot=lot), ids["68001/0012"]) == (
        {"unchanged": 1},
        ["CORRECTED_SINCE"],
    )


async def test_a_wrong_id_is_told_and_nothing_is_changed(records: Records) -> None:
    ids = await on_record(records)
    service, mine = records.caller(Role.SERVICE), records.caller(Role.FACILITY, facility="68001")
    wrong = ({"rejected": 1}, ["DOSE_ID_WRONG"])
    for caller, raw, dose_id in (
        (service, HERE, ids["68001/0013"]),
        (service, HERE, ids["79001/0012"]),
        (mine, HERE, ids["79001/0012"]),
        (mine, HERE, 10**15),
        (mine, HERE, "x"),
        (mine, HERE._replace(source_id="0099"), ids["68001/0012"]),
        # a line copied for somebody else, its code taken out
        (mine, OTHER._replace(source_id=""), ids["68001/0012"]),
    ):
        counts, codes = await send(caller, raw, dose_id)
        assert (counts, codes[:1]) == wrong, (raw, dose_id)
    for dose_id in ids.values():
        assert (await service.get(f"/doses/{dose_id}"))["version"] == 1


async def test_an_id_without_a_version_says_nothing(records: Records) -> None:
    ids = await on_record(records)
    service = records.caller(Role.SERVICE)
    assert await send(service, HERE, ids["68001/0013"], "") == ({"unchanged": 1}, [])


async def test_a_rejected_row_is_given_back_with_the_dose_that_it_names(records: Records) -> None:
    ids = await on_record(records)
    mine = records.caller(Role.FACILITY, facility="68001")
    named = {
        **as_json(HERE._replace(date_given="5 tháng 6")),
        "dose_id": ids["68001/0012"],
        "version": 1,
    }
    batch = await mine.upload(json.dumps({"doses": [named]}).encode(), JSON)
    text = (await mine.ask("GET", f"/batches/{batch['batch_id']}/rows.csv")).text
    assert (batch["rejected"], text.strip().endswith(f",1,{ids['68001/0012']}")) == (1, True)


@pytest.mark.parametrize("kind", ["short", "long", "contradicting"])
async def test_a_row_that_does_not_fit_its_header_comes_back_with_what_was_typed(
    records: Records, kind: str
) -> None:
    fields = [field for field in HEADERS if field != "full_name"]
    header = ["Họ và tên", *(HEADERS[field] for field in fields), "Họ tên"]
    good = ["Lê Thị An", *(getattr(typed(), field) for field in fields), ""]
    row = {
        "short": good[:9],
        "long": [*good, "Pfizer; Moderna"],
        "contradicting": [*good[:-1], "Lê Thị Bình"],
    }[kind]
    answer = await records.caller(Role.SERVICE).upload(lines_file([header, row]))
    assert answer["rejected"] == 1
    back = await records.caller(Role.SERVICE).ask("GET", f"/batches/{answer['batch_id']}/rows.csv")
    shown, told = csv.reader(io.StringIO(back.content.decode("utf-8-sig")))
    cells = dict(zip(shown, told, strict=True))
    name = "" if kind == "contradicting" else "Lê Thị An"
    assert (cells["Họ và tên"], cells["Mã bản ghi"], cells["Số CMND/CCCD/HC"]) == (
        name,
        typed().source_id,
        typed().personal_id,
    )
    assert cells["Số lô"] == ("" if kind == "short" else typed().lot)
    [row] = (await records.caller(Role.SERVICE).get(f"/batches/{answer['batch_id']}/rows"))["items"]
    code = {
        "short": "COLUMNS_MISSING",
        "long": "COLUMNS_EXTRA",
        "contradicting": "COLUMNS_DISAGREE",
    }[kind]
    assert [error["code"] for error in row["errors"]] == [code]
