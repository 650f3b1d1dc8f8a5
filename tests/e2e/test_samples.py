"""A dose file in, signed passports out: what must pass passes, what must not does not, and every
row is answered for.
"""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.records.domain.dose import Raw
from tests.support.fhir import FHIR, bundle, entries_of
from tests.support.files import read
from tests.support.paths import SHARED, needs_shared
from tests.support.stack import System

YOUNGEST = 5


@needs_shared
async def test_the_shared_sample_goes_through_as_its_truth_says(with_shared_people: System) -> None:
    await _goes_through(with_shared_people, SHARED / "sample")


async def test_a_made_up_sample_goes_through_as_its_truth_says(
    with_made_up_people: System, made_up: Path
) -> None:
    await _goes_through(with_made_up_people, made_up)


async def _goes_through(running: System, folder: Path) -> None:
    batch = await running.push((folder / "doses.csv").read_bytes())
    rows = {row["source_id"]: row for row in await running.rows(batch["batch_id"])}
    expected = {row["source_id"]: row["expect"] for row in _csv(folder / "truth.csv")}
    typed = _csv(folder / "doses.csv")
    too_young = {row["Mã bản ghi"] for row in typed if _age(row["Ngày sinh"]) < YOUNGEST}

    assert batch["received"] == len(typed) == batch["accepted"] + batch["rejected"]
    assert batch["accepted"] == sum(batch["states"].values())
    assert set(rows) == set(expected)
    passed = [
        rows[name]
        for name, expect in expected.items()
        if expect in ("accept", "exempt") and rows[name]["state"] is not None
    ]
    assert Counter(row["state"] for row in passed if row["source_id"] not in too_young) == {
        "issued": len(passed) - len(too_young)
    }
    for_people = [rows[name] for name, expect in expected.items() if expect == "people"]
    assert for_people
    assert not [row for row in for_people if row["state"] in ("eligible", "issued")]


async def test_a_hospitals_bundle_comes_to_certificates_like_the_same_rows_of_a_file(
    with_made_up_people: System, made_up: Path
) -> None:
    accepted = {
        row["source_id"] for row in _csv(made_up / "truth.csv") if row["expect"] == "accept"
    }
    typed = [row.raw for row in await read((made_up / "doses.csv").read_bytes()) if row.raw]
    grown_up = [
        raw
        for raw in typed
        if raw.source_id in accepted
        and len(raw.date_of_birth) == 10
        and _age(raw.date_of_birth) >= YOUNGEST
    ]
    entries = [one for raw in grown_up[:40] for one in entries_of(_as_fhir(raw))]
    batch = await with_made_up_people.push(bundle(entries, "transaction"), FHIR)
    assert (batch["received"], batch["states"]["issued"]) == (40, 40)


def _as_fhir(raw: Raw) -> Raw:
    """The row in FHIR's own words under a record code of its own, and a day later: the injection
    itself is certified already.
    """
    sex = {"Nam": "male", "Nữ": "female"}.get(raw.sex, "")
    born, given = (
        "-".join(reversed(day.split("/"))) for day in (raw.date_of_birth, raw.date_given)
    )
    given = (date.fromisoformat(given) + timedelta(days=1)).isoformat()
    return raw._replace(
        source_id=f"fhir-{raw.source_id}", sex=sex, date_of_birth=born, date_given=given
    )


def _csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _age(typed: str) -> int:
    """Completed years today of a birth typed dd/mm/yyyy or yyyy; old where it cannot be read."""
    today = date.today()
    try:
        day, month, year = (1, 1, int(typed)) if len(typed) == 4 else map(int, typed.split("/"))
    except ValueError:
        return 99
    return today.year - year - ((today.month, today.day) < (month, day))


@pytest.mark.parametrize("page", [1, 7, 1000])
async def test_pages_of_any_size_list_every_row_once(
    with_made_up_people: System, page: int
) -> None:
    header = (
        "Mã bản ghi,Họ và tên,Ngày sinh,Giới tính,Số CMND/CCCD/HC,Mũi tiêm thứ,Loại liều,Tên vắc"
        " xin,Số lô,Ngày tiêm,Mã cơ sở tiêm"
    )
    lines = [
        f"p{page}-{n},Nguyễn Văn An,01/02/1990,Nam,,1,Cơ bản,Pfizer,FK0049,16/10/2021,68001"
        for n in range(20)
    ]
    batch = await with_made_up_people.push("\n".join([header, *lines]).encode())
    rows: list[dict[str, Any]] = await with_made_up_people.rows(batch["batch_id"], limit=page)
    assert [row["row"] for row in rows] == list(range(2, 22))
