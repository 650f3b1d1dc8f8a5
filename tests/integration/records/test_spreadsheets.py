"""Files given back come home from a real spreadsheet: what nobody touched is unchanged, and an
edited cell is a correction.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.access import Role
from contracts.words import Grade, Reason
from services.records.domain.dose import Raw
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.formats.detect import CSV, ODS, XLSX
from tests.integration.records.conftest import Records
from tests.support import spreadsheet
from tests.support.files import csv_file, typed
from tests.support.spreadsheet import Job, convert

CODES = (
    "0001", "00000000012345678901", "12345678901234567", "079085100044", "12E4567", "1E5", "1e7",
    "0012E5", "2E-5", "8E0001", "00E12",
    "1-2-3", "03-05", "3/5", "1/2", "2021-08", "08/2021", "03/05/2021", "25/12/2021", "MAR-21",
    "1-MAR-21", "SEP1", "12:30", "23:59:01",
    "1.5", "1,5", "1.234.567", "1,234,567", "TRUE", "INF", "0x1F", "1=1+1", "+84-1", "-7", "@x",
    "1'", "a,b", "c;d", 'e"f', "#N", "12.05",
    "5.10.2021", "0.10", "000", "1_000", "é01", "0", "0012.50", "20211012", "1E400", "12E-400",
)  # fmt: skip
LOTS = (
    "0012", "00000012", "12E4", "1E55", "9E300", "12E4567", "2021-08", "08-2021", "1-2-3", "03-05",
    "2021-08-15", "MAR-21", "10-JAN",
    "0001E5", "000123456789012345", "12345678901234567890", "0000", "00-12", "5-10-2021",
)  # fmt: skip
NUMBERS = (
    "012345678",
    "001085000044",
    "12345678",
    "079085100044",
    "000000000",
    "0123-456",
    "",
    "1E11",
    "01234567890123456789",
)
BIRTHS = (
    "03/05/1980",
    "12/11/1985",
    "25/12/1971",
    "1970",
    "05/1970",
    "12/1999",
    "30/02/1950",
    "1908",
    "",
    "01/01/1960",
    "07/07/2007",
)
PHONES = (
    "0912000001",
    "+84912000002",
    "02838123456",
    "028 3812 3456",
    "",
    "0912-000-003",
    "1900",
    "0084912000004",
)
NAMES = (
    "Nguyễn Thị Ví Dụ", "Lê, Văn", 'Trần "Tý" An', "=HYPERLINK(1)", "'Y Thắng", "H'Hen Niê",
    "Đỗ; Sáu", "NGUYỄN VĂN A", "@A Lềnh", "-Y Bih",
)  # fmt: skip
GIVEN = ("12/10/2021", "05/06/2021", "25/12/2021", "01/02/2022")
AREA = "0100100007"


def odd_rows() -> list[Raw]:
    """One dose for every odd code, the other odd cells in turn."""
    return [
        typed(
            source_id=code, full_name=NAMES[at % len(NAMES)],
            date_of_birth=BIRTHS[at % len(BIRTHS)], lot=LOTS[at % len(LOTS)],
            personal_id=NUMBERS[at % len(NUMBERS)], phone=PHONES[at % len(PHONES)],
            date_given=GIVEN[at % len(GIVEN)],
            passport_number=("", "0012", "1E5", "B1234567")[at % 4], province_code=AREA[:2],
            district_code=AREA[2:5], commune_code=AREA[5:],
            facility_code="01001",
        )
        for at, code in enumerate([*CODES, *(f"0{at}E{at}" for at in range(10, 30))])
    ]  # fmt: skip


CSV_FORMS = {
    "xlsx": (spreadsheet.XLSX, "", XLSX),
    "ods": (spreadsheet.ODS, "", ODS),
    "csv": (spreadsheet.CSV, spreadsheet.COMMA, CSV),
    "semicolon.csv": (spreadsheet.CSV, spreadsheet.SEMICOLON, CSV),
}


def jobs(source: Path, folder: Path) -> list[tuple[Job, str]]:
    """The file opened in each way and saved in each form, with the media type that it is sent
    as.
    """
    opened = [(spreadsheet.CSV, spreadsheet.PROPOSED), (spreadsheet.CSV, spreadsheet.SPECIAL)]
    if source.suffix == ".xlsx":
        opened = [(spreadsheet.XLSX, "")]
    return [
        (
            Job(
                source,
                way,
                folder / f"{source.stem}-{source.suffix[1:]}-{at}.{ending}",
                (name, options),
            ),
            media_type,
        )
        for at, way in enumerate(opened)
        for ending, (name, options, media_type) in CSV_FORMS.items()
    ]


async def given_back(records: Records, folder: Path) -> tuple[list[Raw], list[Path]]:
    """Odd rows on record, all of them waiting for people, and the files that are given back of
    them.
    """
    rows = odd_rows()
    service, station = records.caller(Role.SERVICE), records.caller(Role.STATION, areas=[AREA])
    batch = await service.upload(csv_file(rows))
    assert (batch["accepted"], batch["rejected"]) == (len(rows), 0), await refusals(service, batch)
    await records.judge({row.source_id: (Grade.NOT_FOUND, [Reason.ID_NOT_FOUND]) for row in rows})
    files = []
    for caller, path in ((service, f"/batches/{batch['batch_id']}/rows"), (station, "/worklist")):
        for ending in ("csv", "xlsx"):
            answer = await caller.ask("GET", f"{path}.{ending}")
            assert answer.status_code == 200
            file = folder / f"{path.rsplit('/', maxsplit=1)[1]}.{ending}"
            file.write_bytes(answer.content)
            files.append(file)
    return rows, files


async def refusals(caller: Any, batch: Any) -> list[Any]:
    """Rows of a batch that were rejected, and those that made a new version."""
    items = (await caller.get(f"/batches/{batch['batch_id']}/rows", limit=500))["items"]
    return [
        (
            item["row"],
            item["source_id"],
            [(error["field"], error["code"]) for error in item["errors"]],
            item["version"],
        )
        for item in items
        if item["state"] is None or (item["version"] or 1) > 1
    ]


def edited(content: bytes, code: str, **cells: str) -> bytes:
    """A CSV with some cells of one row changed, saved as the spreadsheet saved it."""
    header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    ids = {line[header.index("Mã hệ thống")]: line for line in lines}
    for field, cell in cells.items():
        ids[code][header.index(HEADERS[field])] = cell
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *lines])
    return text.getvalue().encode()


@pytest.mark.parametrize("locale", ["en-US", "vi-VN"])
async def test_files_given_back_come_home_from_a_real_spreadsheet(
    records: Records, tmp_path: Path, locale: str
) -> None:
    rows, files = await given_back(records, tmp_path)
    work = [job for file in files for job in jobs(file, tmp_path)]
    convert(tmp_path, locale, [job for job, _ in work])
    service, station = records.caller(Role.SERVICE), records.caller(Role.STATION, areas=[AREA])
    changed = {}
    for job, media_type in work:
        caller = station if job.source.stem == "worklist" else service
        batch = await caller.upload(job.target.read_bytes(), media_type)
        counts = {
            name: batch[name]
            for name in ("received", "unchanged", "corrected", "rejected", "warnings")
        }
        expected = {
            "received": len(rows),
            "unchanged": len(rows),
            "corrected": 0,
            "rejected": 0,
            "warnings": 0,
        }
        if counts != expected:
            changed[job.target.name] = counts, await refusals(caller, batch)
    assert changed == {}

    ids = await records.ids()
    assert len(ids) == len(rows)
    csv_saved = next(
        job.target
        for job, media_type in work
        if media_type == CSV and job.target.name.endswith("0.csv")
    )
    content = edited(csv_saved.read_bytes(), str(ids["0001"]), full_name="Nguyễn Thị Ví Vụ")
    batch = await service.upload(content)
    assert (batch["received"], batch["unchanged"], batch["corrected"], batch["rejected"]) == (
        len(rows),
        len(rows) - 1,
        1,
        0,
    )
    dose = await service.get(f"/doses/{ids['0001']}")
    assert (dose["version"], dose["source_id"], dose["lot"], dose["person"]["full_name"]) == (
        2,
        "0001",
        "0012",
        "Nguyễn Thị Ví Vụ",
    )
    assert dose["person"]["personal_id"] == "012345678"


def as_before(content: bytes) -> bytes:
    """A file as it was given back before it had ids and dates that begin with the year."""
    header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    dates = [header.index(HEADERS[field]) for field in ("date_of_birth", "date_given")]
    for line in lines:
        for at in dates:
            parts = line[at].split("-")
            line[at] = "/".join(reversed(parts))
    text = io.StringIO(newline="")
    csv.writer(text).writerows(line[:-1] for line in (header, *lines))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


async def push(records: Records, content: bytes, media_type: str) -> httpx.Response:
    return await records.caller(Role.SERVICE).ask(
        "POST", "/batches", content=content, headers={"Content-Type": media_type}
    )


async def numbered(records: Records, births: Sequence[str], given: Sequence[str]) -> bytes:
    """Doses of some birth dates on record, and the file that is given back of them, as it was
    before.
    """
    raws = [
        typed(at, date_of_birth=birth, date_given=day, personal_id=f"0681800000{at:02}")
        for at, (birth, day) in enumerate(zip(births, given, strict=True), 10)
    ]
    batch = await records.record(raws)
    answer = await records.caller(Role.SERVICE).ask("GET", f"/batches/{batch['batch_id']}/rows.csv")
    return as_before(answer.content)


DAYS = ["03/05/1980", "04/11/1981", "25/12/1971", "08/02/1990", "07/06/1999"]
SHOTS = ["05/06/2021", "12/10/2021", "25/12/2021", "01/02/2022", "03/04/2022"]


async def test_a_file_whose_dates_a_spreadsheet_swapped_is_refused_once_and_whole(
    records: Records, tmp_path: Path
) -> None:
    old = tmp_path / "old.csv"
    old.write_bytes(await numbered(records, DAYS, SHOTS))
    targets = {locale: tmp_path / f"{locale}.xlsx" for locale in ("en-US", "vi-VN")}
    for locale, target in targets.items():
        convert(
            tmp_path,
            locale,
            [Job(old, (spreadsheet.CSV, spreadsheet.PROPOSED), target, (spreadsheet.XLSX, ""))],
        )
    answer = await push(records, targets["en-US"].read_bytes(), XLSX)
    assert (answer.status_code, answer.json()["code"]) == (422, "DATES_DAMAGED")
    assert len((await records.caller(Role.SERVICE).get("/batches"))["items"]) == 1
    answer = await push(records, targets["vi-VN"].read_bytes(), XLSX)
    assert (answer.status_code, answer.json()["unchanged"]) == (202, len(DAYS))


def replaced(content: bytes, changes: dict[str, str]) -> bytes:
    text = content.decode()
    for before, after in changes.items():
        text = text.replace(before, after)
    return text.encode()


EXCEL = {day: f"{day[3:5]}/{day[:2]}/{day[6:]}" for day in (*DAYS, *SHOTS)}
CUT = {day: f"{int(day[3:5])}/{int(day[:2])}/{day[8:]}" for day in (*DAYS, *SHOTS)}


@pytest.mark.parametrize("changes", [EXCEL, CUT])
async def test_dates_that_excel_shows_month_first_or_cut_refuse_the_file(
    records: Records, changes: dict[str, str]
) -> None:
    content = await numbered(records, DAYS, SHOTS)
    answer = await push(records, replaced(content, changes), CSV)
    assert (answer.status_code, answer.json()["code"]) == (422, "DATES_DAMAGED")


async def test_births_that_a_clinic_changes_over_are_corrections(records: Records) -> None:
    content = await numbered(records, DAYS, SHOTS)
    answer = await push(
        records, replaced(content, {day: EXCEL[day] for day in DAYS if day != "25/12/1971"}), CSV
    )
    assert (answer.status_code, answer.json()["corrected"], answer.json()["unchanged"]) == (
        202,
        4,
        1,
    )


async def test_years_cut_day_first_are_the_same_days(records: Records) -> None:
    content = await numbered(records, DAYS, SHOTS)
    answer = await push(
        records, replaced(content, {day: f"{day[:6]}{day[8:]}" for day in (*DAYS, *SHOTS)}), CSV
    )
    assert (answer.status_code, answer.json()["unchanged"]) == (202, len(DAYS))
