"""XLSX: the cells as people see them, and nothing opened that would blow up."""

import io
import zipfile
from datetime import date, datetime

import pytest

from services.chassis.errors import ServiceError
from services.records.intake import workbook
from services.records.intake.columns import HEADERS
from tests.support.files import XLSX, read, typed, xlsx_file

RAWS = [typed(1), typed(2, full_name="Lê Bảo Tú")]
LINES = [list(HEADERS.values()), *([getattr(raw, field) for field in HEADERS] for raw in RAWS)]


async def fault(body: bytes) -> tuple[int, str]:
    with pytest.raises(ServiceError) as raised:
        await read(body, XLSX)
    return raised.value.status, raised.value.code


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def replaced(body: bytes, member: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return packed({name: content if name == member else archive.read(name) for name in archive.namelist()})


async def test_text_cells_give_the_rows_of_the_same_csv() -> None:
    assert [row.raw for row in await read(xlsx_file([*LINES, [""] * 17]), XLSX)] == RAWS


async def test_numbers_lose_no_digit_and_dates_are_iso() -> None:
    line = dict(zip(HEADERS, LINES[1], strict=True)) | {
        "personal_id": 79085123456, "dose_number": 2.0, "facility_code": 68001, "date_given": datetime(2021, 10, 12, 8, 30),
        "date_of_birth": date(1980, 5, 3), "phone": 912000000,
    }  # fmt: skip
    raw = (await read(xlsx_file([LINES[0], list(line.values())]), XLSX))[0].raw
    assert raw == RAWS[0]._replace(
        personal_id="79085123456", dose_number="2", facility_code="68001", date_given="2021-10-12", date_of_birth="1980-05-03",
        phone="912000000",
    )  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"no workbook", b"PK\x03\x04 broken", xlsx_file(LINES)[:-300], packed({"a.txt": b"x"})])
async def test_a_broken_workbook_is_a_clear_422(body: bytes) -> None:
    assert await fault(body) == (422, "XLSX_BROKEN")


async def test_a_damaged_member_is_a_clear_422() -> None:
    body = bytearray(xlsx_file(LINES * 50))
    at = body.index(b"xl/worksheets/sheet1.xml") + 200
    body[at : at + 40] = bytes(40)
    assert await fault(bytes(body)) == (422, "XLSX_BROKEN")


async def test_a_sheet_that_is_no_xml_is_a_clear_422() -> None:
    assert (await fault(replaced(xlsx_file(LINES), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row")))[0] == 422


async def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    bomb = packed({"xl/worksheets/sheet1.xml": bytes(workbook.MAX_UNPACKED + 1)})
    assert len(bomb) < 1_000_000
    assert await fault(bomb) == (413, "XLSX_TOO_LARGE")


async def test_a_zip_bomb_whose_directory_lies_is_refused_before_it_is_parsed() -> None:
    content = bytes(5_000_000)
    bomb = packed({"xl/worksheets/sheet1.xml": content}).replace(len(content).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert await fault(bomb) == (422, "XLSX_BROKEN")


async def test_one_cell_in_the_last_corner_is_refused() -> None:
    sheet = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    assert await fault(replaced(xlsx_file(LINES), "xl/worksheets/sheet1.xml", sheet)) == (413, "XLSX_TOO_LARGE")


async def test_one_long_text_that_very_many_cells_share_is_refused() -> None:
    shared = b"<sst><si><t>" + b"x" * 1_000_000 + b"</t></si></sst>"
    sheet = b'<worksheet><sheetData><row r="100000"><c r="F100000" t="s"><v>0</v></c></row></sheetData></worksheet>'
    body = packed({"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": shared})
    assert await fault(body) == (413, "XLSX_TOO_LARGE")


async def test_a_workbook_without_rows_or_headers_is_told_so() -> None:
    assert await fault(xlsx_file([])) == (422, "NO_ROWS")
    assert await fault(xlsx_file(LINES[:1])) == (422, "NO_ROWS")
    assert await fault(xlsx_file([["a", "b"], ["c", "d"]])) == (422, "NOT_A_DOSE_FILE")
    assert await fault(xlsx_file([LINES[0][:10], LINES[1][:10]])) == (422, "HEADERS_MISSING")
