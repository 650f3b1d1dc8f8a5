"""The wrong rows taken along as a file, edited offline and pushed again: only what was changed
runs.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

import openpyxl
import pytest

from contracts.access import Role
from contracts.words import Grade, Reason
from services.records.uploads.formats.columns import HEADERS
from tests.integration.records.conftest import Records
from tests.support.files import CSV, XLSX, csv_file, typed, xlsx_file

AREA = "6867224769"


def table(content: bytes, kind: str) -> list[list[str]]:
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return [["" if cell is None else cell for cell in row] for row in rows]


def file(lines: list[list[str]], kind: str) -> bytes:
    if kind == "xlsx":
        return xlsx_file(lines)
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


async def wrong_rows(records: Records) -> Any:
    batch = await records.record([
        typed(source_id="swapped", date_of_birth="03/05/1980"),
        typed(source_id="other", full_name="=1+1", personal_id="68180000001", phone=""),
        typed(source_id="right"),
        typed(source_id="elsewhere", commune_code="24770"),
    ])  # fmt: skip
    await records.judge({
        "swapped": (Grade.MISMATCH, [Reason.DAY_MONTH_SWAPPED, Reason.NAME_DIFFERS]),
        "other": (Grade.NOT_FOUND, [Reason.ID_LEADING_ZERO_LOST]),
        "elsewhere": (Grade.NOT_FOUND, [Reason.ID_NOT_FOUND]),
        "right": (Grade.EXACT, []),
    })  # fmt: skip
    return batch


@pytest.mark.parametrize(("kind", "media_type"), [("csv", CSV), ("xlsx", XLSX)])
@pytest.mark.parametrize("of", ["worklist", "batch"])
async def test_of_a_file_that_is_edited_and_pushed_again_only_the_changed_row_runs(
    records: Records, kind: str, media_type: str, of: str
) -> None:
    batch = await wrong_rows(records)
    service, station = records.caller(Role.SERVICE), records.caller(Role.STATION, areas=[AREA])
    path = f"/worklist.{kind}" if of == "worklist" else f"/batches/{batch['batch_id']}/rows.{kind}"
    answer = await service.ask(
        "GET", path, params={"wrong": True} if of == "batch" else {"commune": "24769"}
    )
    assert answer.status_code == 200
    assert f".{kind}" in answer.headers["content-disposition"]
    header, *rows = table(answer.content, kind)
    assert header == [
        *HEADERS.values(),
        "Trạng thái",
        "Lỗi",
        "Gợi ý",
        "Nhận gợi ý",
        "Phiên bản bản ghi",
        "Mã hệ thống",
    ]
    by_source = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert by_source["swapped"]["Gợi ý"] == "Ngày sinh: 05/03/1980 (Đảo lại ngày và tháng sinh)"
    assert "Ngày và tháng sinh bị đảo." in by_source["swapped"]["Lỗi"]
    assert by_source["other"]["Gợi ý"] == "Số CMND/CCCD/HC: 068180000001 (Thêm lại số 0 ở đầu)"
    assert by_source["other"]["Số CMND/CCCD/HC"] == "68180000001"
    assert "right" not in by_source

    for row in rows:
        if row[0] == "swapped":
            row[header.index("Ngày sinh")] = "05/03/1980"
    pushed = await station.upload(
        file([header, *(row for row in rows if row[0] != "elsewhere")], kind), media_type
    )
    assert (pushed["received"], pushed["unchanged"], pushed["corrected"], pushed["rejected"]) == (
        2,
        1,
        1,
        0,
    )
    dose = await service.get(f"/doses/{(await records.ids())['swapped']}")
    assert (dose["version"], dose["state"], dose["person"]["date_of_birth"]) == (
        2,
        "pending",
        "1980-03-05",
    )
    assert dose["history"][0]["replaced_by"].startswith("station")


async def test_a_station_corrects_its_people_and_adds_nobody_and_learns_of_no_other_dose(
    records: Records,
) -> None:
    await wrong_rows(records)
    station = records.caller(Role.STATION, areas=[AREA])
    told = await station.upload(csv_file([
        typed(source_id="swapped", date_of_birth="05/03/1980"),
        typed(source_id="elsewhere", full_name="Lê Thị Khác", commune_code="24769"),
        typed(source_id="new"),
    ]))  # fmt: skip
    assert (told["accepted"], told["corrected"], told["rejected"]) == (1, 1, 2)
    rows = (await station.get(f"/batches/{told['batch_id']}/rows"))["items"]
    assert [(row["source_id"], row["state"],
    [one["code"] for one in row["errors"]]) for row in rows] == [
        ("swapped", "pending", []), ("elsewhere", None, ["NOT_YOURS_TO_ADD"]), ("new", None,
        ["NOT_YOURS_TO_ADD"]),
    ]  # fmt: skip
    assert rows[1]["dose_id"] is None
    assert "new" not in await records.ids()


async def test_police_push_no_file_and_a_province_still_pushes_for_its_own_facilities_alone(
    records: Records,
) -> None:
    await wrong_rows(records)
    content = csv_file([typed(source_id="x", facility_code="79001"), typed(source_id="y")])
    headers = {"Content-Type": CSV}
    assert (
        await records.caller(Role.POLICE, areas=["68"]).ask(
            "POST", "/batches", content=content, headers=headers
        )
    ).status_code == 403
    told = await records.caller(Role.PROVINCE, areas=["68"]).upload(content)
    assert (told["accepted"], told["rejected"]) == (1, 1)
