"""XLSX: the cells as people see them, and nothing opened that would blow up."""

import io
import zipfile
from datetime import date, datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.chassis.errors import ServiceError
from services.records.uploads.formats import xlsx_extent, xlsx_limits
from services.records.uploads.formats.columns import HEADERS
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
        return packed(
            {name: content if name == member else archive.read(name) for name in archive.namelist()}
        )


async def test_text_cells_give_the_rows_of_the_same_csv() -> None:
    assert [row.raw for row in await read(xlsx_file([*LINES, [""] * 17]), XLSX)] == RAWS


async def test_numbers_lose_no_digit_and_dates_are_iso() -> None:
    line = dict(zip(HEADERS, LINES[1], strict=True)) | {
        "personal_id": 79085123456, "dose_number": 2.0, "facility_code": 68001,
        "date_given": datetime(2021, 10, 12, 8, 30),
        "date_of_birth": date(1980, 5, 3), "phone": 912000000,
    }  # fmt: skip
    raw = (await read(xlsx_file([LINES[0], list(line.values())]), XLSX))[0].raw
    assert raw == RAWS[0]._replace(
        personal_id="79085123456", dose_number="2", facility_code="68001", date_given="2021-10-12",
        date_of_birth="1980-05-03",
        phone="912000000",
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [b"", b"no workbook", b"PK\x03\x04 broken", xlsx_file(LINES)[:-300], packed({"a.txt": b"x"})],
)
async def test_a_broken_workbook_is_a_clear_422(body: bytes) -> None:
    assert await fault(body) == (422, "XLSX_BROKEN")


async def test_a_damaged_member_is_a_clear_422() -> None:
    body = bytearray(xlsx_file(LINES * 50))
    at = body.index(b"xl/worksheets/sheet1.xml") + 200
    body[at : at + 40] = bytes(40)
    assert await fault(bytes(body)) == (422, "XLSX_BROKEN")


async def test_a_sheet_that_is_no_xml_is_a_clear_422() -> None:
    assert (
        await fault(
            replaced(xlsx_file(LINES), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row")
        )
    )[0] == 422


async def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    bomb = packed({"xl/worksheets/sheet1.xml": bytes(xlsx_limits.MAX_UNPACKED + 1)})
    assert len(bomb) < 1_000_000
    assert await fault(bomb) == (413, "XLSX_TOO_LARGE")


async def test_a_zip_bomb_whose_directory_lies_is_refused_before_it_is_parsed() -> None:
    content = bytes(5_000_000)
    bomb = packed({"xl/worksheets/sheet1.xml": content}).replace(
        len(content).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    )
    assert await fault(bomb) == (422, "XLSX_BROKEN")


async def test_one_cell_in_the_last_corner_is_refused() -> None:
    sheet = (
        b'<worksheet><sheetData><row r="1048576"><c'
        b' r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert await fault(replaced(xlsx_file(LINES), "xl/worksheets/sheet1.xml", sheet)) == (
        413,
        "XLSX_TOO_LARGE",
    )


async def test_one_long_text_that_very_many_cells_share_is_refused() -> None:
    shared = b"<sst><si><t>" + b"x" * 1_000_000 + b"</t></si></sst>"
    sheet = (
        b'<worksheet><sheetData><row r="100000"><c r="F100000"'
        b' t="s"><v>0</v></c></row></sheetData></worksheet>'
    )
    body = packed({"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": shared})
    assert await fault(body) == (413, "XLSX_TOO_LARGE")


async def test_a_workbook_without_rows_or_headers_is_told_so() -> None:
    assert await fault(xlsx_file([])) == (422, "NO_ROWS")
    assert await fault(xlsx_file(LINES[:1])) == (422, "NO_ROWS")
    assert await fault(xlsx_file([["a", "b"], ["c", "d"]])) == (422, "NOT_A_DOSE_FILE")
    assert await fault(xlsx_file([LINES[0][:10], LINES[1][:10]])) == (422, "HEADERS_MISSING")


CELL = "<c><v>1</v></c>"
MANY = 60_000


def sheet_of(rows: str) -> bytes:
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{name}" xmlns:x="{name}"><sheetData>{rows}</sheetData></worksheet>'
    return replaced(xlsx_file(LINES), "xl/worksheets/sheet1.xml", sheet.encode())


@pytest.mark.parametrize(
    "rows",
    [
        f"<row>{CELL * MANY}</row>" + f"<row>{CELL}</row>" * MANY,
        f"<x:row>{'<x:c><x:v>1</x:v></x:c>' * MANY}</x:row>"
        + "<x:row><x:c><x:v>1</x:v></x:c></x:row>" * MANY,
        f"<row>{CELL * MANY}</row>" + "<row/>" * MANY + f"<row>{CELL}</row>",
        f'<row r="{MANY}"><c r="A{MANY}"><v>1</v></c>{CELL * MANY}</row>',
        f'<row r="1">{CELL * MANY}</row><row r="{MANY}">{CELL}</row>',
        f"{CELL * MANY}" + f"<row>{CELL}</row>" * MANY,
        f'<row r="7">{CELL}' * MANY + "</row>" * MANY + f"<row>{CELL * MANY}</row>",
        f'<row><c r="A1"><v>1</v></c></row><row><c r="XFD{1048576:030}"><v>1</v></c></row>',
        f'<row>{CELL}</row><row><c r="{"A" * 12}B9"><v>1</v></c></row>',
        # what looks like the end of a row, or like a place, in what is none
        f"<row>{(CELL + '<!--</row>-->') * MANY}</row>" + f"<row>{CELL}</row>" * MANY,
        f"<row>{(CELL + '<![CDATA[</row>]]>') * MANY}</row>" + f"<row>{CELL}</row>" * MANY,
        "<row>" + '<c x="</row>"><v>1</v></c>' * MANY + "</row>" + f"<row>{CELL}</row>" * MANY,
        f"<row>{(CELL + '<?x </row> ?>') * MANY}</row>" + f"<row>{CELL}</row>" * MANY,
        "<row>"
        + "<c x=' r=\"A1\"'><v>1</v></c>" * MANY
        + "</row>"
        + "<row x=' r=\"1\"'><c><v>1</v></c></row>" * MANY,
    ],
    ids=range(14),
)
async def test_a_sheet_that_spans_too_much_without_saying_so_is_refused_before_it_is_parsed(
    rows: str,
) -> None:
    body = sheet_of(rows)
    assert len(body) < 600_000
    assert await fault(body) == (413, "XLSX_TOO_LARGE")


async def test_a_tag_that_is_longer_than_what_is_looked_at_is_refused() -> None:
    sheet = f'<row>{CELL}</row><row><c r{" " * 3_000_000}="XFD1048576"><v>1</v></c></row>'
    assert await fault(sheet_of(sheet)) == (422, "XLSX_BROKEN")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.lists(st.integers(0, 30), max_size=9)), max_size=9),
    st.integers(1, 99),
)
def test_what_a_sheet_is_told_to_span_is_never_less_than_the_parser_makes_of_it(
    rows: list[tuple[int, list[int]]], block: int
) -> None:
    written = ""
    for row, columns in rows:
        places = [
            f' r="{chr(64 + column)}{row or 1}"' if 0 < column < 26 else "" for column in columns
        ]
        cells = "".join(f"<c{place}><v>1</v></c>" for place in places)
        written += (
            f'<row r="{row}">{cells}</row>' if row else f"<row>{cells}</row>" if cells else "<row/>"
        )
    body = sheet_of(written)
    with pytest.MonkeyPatch.context() as patched, zipfile.ZipFile(io.BytesIO(body)) as archive:
        patched.setattr(xlsx_extent, "_BLOCK", block + 90)
        told = xlsx_extent.measured(partial(archive.open, "xl/worksheets/sheet1.xml")).cells
    with CalamineWorkbook.from_filelike(io.BytesIO(body)) as book:
        end = book.get_sheet_by_index(0).end
    spans = 0 if end is None else (end[0] + 1) * (end[1] + 1)
    assert told >= spans


@pytest.mark.parametrize(
    ("row", "most"),
    [
        ('<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}"/></row>', 2_000),
        ('<x:row r="{n}"><x:c r="A{n}"/><x:c s="1" t="s" r="B{n}"/></x:row>', 2_000),
        ("<row><c/><c><v>&lt;/row&gt;</v></c></row>", 2_002),
        ('<row r="{n}"><c><v>x:c, y</v></c><c/></row>', 2_004),
    ],
)
def test_a_sheet_as_programs_write_it_is_told_as_large_as_it_is(row: str, most: int) -> None:
    body = sheet_of("".join(row.format(n=number) for number in range(1, 1_001)))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert (
            2_000
            <= xlsx_extent.measured(partial(archive.open, "xl/worksheets/sheet1.xml")).cells
            <= most
        )
