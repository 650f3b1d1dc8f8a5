"""Workbooks of several sheets: which are read, where their rows stand, and what is told of the
others.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart
from openpyxl.styles import Font
from openpyxl.utils.datetime import MAC_EPOCH

from services.chassis.errors import ServiceError
from services.records.uploads.formats import FileReport, InputRow, read_rows
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.formats.file_report import ROWS_OF_A_SHEET, place_of
from tests.support.files import XLSX, csv_file, parts, read, typed
from tests.support.workbooks import (
    Line,
    Page,
    State,
    lines_of,
    ods_book,
    ods_table,
    packed,
    replaced,
    xls_book,
    xlsx_book,
)

ODS, XLS = "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.ms-excel"
GUIDE = Page("Hướng dẫn", [["Cách điền"], ["1. Điền đủ các cột"], [""], ["2. Không gộp ô"]])
PLACE = {field: place for place, field in enumerate(HEADERS)}
SHEET = "xl/worksheets/sheet1.xml"


async def taken(body: bytes, media_type: str = XLSX) -> tuple[list[InputRow], FileReport]:
    report = FileReport()
    found = [
        row
        async for chunk in read_rows(parts(body), media_type, max_bytes=1 << 30, report=report)
        for row in chunk
    ]
    return found, report


async def fault(body: bytes, media_type: str = XLSX) -> tuple[int, str]:
    with pytest.raises(ServiceError) as raised:
        await read(body, media_type)
    return raised.value.status, raised.value.code


def with_cells(**cells: object) -> bytes:
    """One row in which some fields hold no text."""
    line = list(lines_of([typed()])[1])
    for field, value in cells.items():
        line[PLACE[field]] = value
    return xlsx_book(Page("Sheet", [list(HEADERS.values()), line]))


async def test_every_visible_sheet_is_read_in_order_and_rows_stand_where_people_see_them() -> None:
    raws = [typed(number) for number in range(5)]
    second: list[Line] = [["TRUNG TÂM Y TẾ"], [], *lines_of(raws[2:])]
    body = xlsx_book(
        Page("Ngày 05-08", lines_of(raws[:2])),
        Page("Ngày 06-08", second),
        Page("Nháp", lines_of([typed(9)]), "hidden"),
    )
    found, report = await taken(body)
    assert [row.raw for row in found] == raws
    assert [place_of(row.row, report.sheets) for row in found] == [
        ("Ngày 05-08", 2), ("Ngày 05-08", 3), ("Ngày 06-08", 4), ("Ngày 06-08", 5), ("Ngày 06-08",
        6),
    ]  # fmt: skip
    assert report.ignored["Nháp"] == 2


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
async def test_a_hidden_draft_before_the_list_is_not_read(state: State) -> None:
    draft, final = typed(1, lot="OLD001"), typed(1, lot="NEW002")
    found, report = await taken(
        xlsx_book(Page("nháp", lines_of([draft]), state), Page("Danh sách", lines_of([final])))
    )
    assert [row.raw for row in found] == [final]
    assert (report.sheets, dict(report.ignored)) == (["Danh sách"], {"nháp": 2})


async def test_a_guide_and_a_chart_before_the_list_are_passed_over_and_told() -> None:
    def chart(book: openpyxl.Workbook) -> None:
        book.create_chartsheet("Biểu đồ", 0).add_chart(BarChart())

    found, report = await taken(
        xlsx_book(GUIDE, Page("Danh sách", lines_of([typed()])), Page("Trống", []), change=chart)
    )
    assert [row.raw for row in found] == [typed()]
    assert (report.sheets, dict(report.ignored)) == (
        ["Danh sách"],
        {"Biểu đồ": 0, "Hướng dẫn": 3, "Trống": 0},
    )
    assert report.notices == []


async def test_a_sheet_that_was_meant_as_a_list_but_lacks_a_column_is_told_so() -> None:
    short = [line[:8] for line in lines_of([typed(2)])]
    found, report = await taken(xlsx_book(Page("A", lines_of([typed(1)])), Page("B", short)))
    assert len(found) == 1
    assert [notice.code for notice in report.notices] == ["SHEET_NOT_READ"]
    assert "“B”" in report.notices[0].message_vi
    assert "Số lô" in report.notices[0].message_vi
    assert report.ignored["B"] == 2


async def test_a_workbook_of_which_no_sheet_can_be_read_is_refused_with_the_nearest_reason() -> (
    None
):
    short = [line[:8] for line in lines_of([typed(2)])]
    assert await fault(xlsx_book(GUIDE, Page("B", short))) == (422, "HEADERS_MISSING")
    assert await fault(xlsx_book(GUIDE)) == (422, "NOT_A_DOSE_FILE")
    assert await fault(xlsx_book(Page("A", lines_of([typed()]), "hidden"), Page("B", []))) == (
        422,
        "SHEETS_HIDDEN",
    )
    assert await fault(xlsx_book(Page("A", []))) == (422, "NO_ROWS")


async def test_a_sheet_is_shown_by_a_name_as_spreadsheets_allow_it() -> None:
    body = replaced(
        xlsx_book(Page("NAME", lines_of([typed()]))),
        "xl/workbook.xml",
        lambda book: book.replace(b"NAME", b"x&#x202E;" + b"y" * 500),
    )
    assert (await taken(body))[1].sheets == ["x" + "y" * 30]


async def test_rows_hidden_by_a_filter_are_data() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book.worksheets[0].auto_filter.ref = "A1:Q3"
        book.worksheets[0].row_dimensions[2].hidden = True

    assert (
        len((await taken(xlsx_book(Page("A", lines_of([typed(1), typed(2)])), change=hide)))[0])
        == 2
    )


def test_the_last_row_of_a_sheet_is_its_own() -> None:
    assert place_of(ROWS_OF_A_SHEET, ["A", "B"]) == ("A", ROWS_OF_A_SHEET)
    assert place_of(ROWS_OF_A_SHEET + 1, ["A", "B"]) == ("B", 1)


def blanks(book: openpyxl.Workbook, corners: list[tuple[int, int, str]]) -> None:
    for sheet in book.worksheets:
        for row, column, kind in corners:
            cell = sheet.cell(row, column)
            cell.font = Font(bold=True)
            if kind == "space":
                cell.value = " \xa0"
            elif kind == "formula":
                cell.value = '=""'


CORNERS = st.lists(
    st.tuples(
        st.sampled_from([90, 70_000, 1_048_576]),
        st.sampled_from([1, 30, 16_384]),
        st.sampled_from(["format", "space", "formula"]),
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    others=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["hidden", "veryHidden", "guide", "empty"])),
        max_size=3,
    ),
    corners=CORNERS,
    form=st.sampled_from(["xlsx", "ods", "xls"]),
)
async def test_sheets_in_any_order_among_others_give_the_rows_of_the_same_csv(
    sizes: list[int],
    others: list[tuple[int, Literal["hidden", "veryHidden", "guide", "empty"]]],
    corners: list[tuple[int, int, str]],
    form: str,
) -> None:
    raws = [typed(number) for number in range(sum(sizes))]
    pages = [
        Page(f"Ngày {at}", lines_of(raws[sum(sizes[:at]) : sum(sizes[: at + 1])]))
        for at in range(len(sizes))
    ]
    for number, (at, kind) in enumerate(others):
        lines = GUIDE.lines if kind == "guide" else [] if kind == "empty" else lines_of([typed(99)])
        state: State = "visible" if kind == "guide" or kind == "empty" else kind
        pages.insert(at, Page(f"Khác {number}", lines, state))
    if form == "ods":
        body, media_type = ods_book(*map(ods_table, pages)), ODS
    elif form == "xls":
        body, media_type = xls_book(*pages), XLS
    else:
        body, media_type = xlsx_book(*pages, change=lambda book: blanks(book, corners)), XLSX
    found, report = await taken(body, media_type)
    assert [row.raw for row in found] == [row.raw for row in await read(csv_file(raws))]
    assert report.sheets == [page.name for page in pages if page.name.startswith("Ngày")]
    assert set(report.ignored) == {page.name for page in pages if page.name.startswith("Khác")}


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1048576" t="inlineStr"><is><t> </t></is></c>',
        '<c r="A1048576" t="inlineStr"><is><t xml:space="preserve">&#160;</t></is></c>',
        '<c r="XFD1048576" s="1"/>',
        '<c r="XFD1048576" s="1"></c>',
        '<c r="XFD1048576" s="1"><v></v></c>',
        '<c r="XFD1048576" t="str"><f>IF(A2="","",A2)</f><v></v></c>',
        '<c r="XFD1048576" t="s"><v>1</v></c>',
    ],
)
async def test_a_cell_without_text_in_the_last_row_costs_nothing(cells: str) -> None:
    shared = b"<sst><si><t>far</t></si><si><t> </t></si></sst>"
    body = xlsx_book(Page("A", lines_of([typed()])))
    row = f'<row r="1048576">{cells}</row></sheetData>'.encode()
    body = replaced(body, SHEET, lambda sheet: sheet.replace(b"</sheetData>", row))
    body = replaced(body, "xl/sharedStrings.xml", shared)
    assert [row.raw for row in await read(body, XLSX)] == [typed()]
    # a text there is far away indeed
    far = (
        body
        if b't="s"' not in row
        else replaced(body, "xl/sharedStrings.xml", shared.replace(b" ", b"x"))
    )
    if far is not body:
        assert await fault(far) == (413, "XLSX_TOO_LARGE")


async def test_cells_that_follow_each_other_are_not_moved_by_dropping_blank_ones() -> None:
    sheet = (
        b'<worksheet><sheetData><row r="1"><c r="A1" s="1"/><c><v>1</v></c></row><row'
        b' r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    body = replaced(xlsx_book(Page("A", [])), SHEET, sheet + b"</sheetData></worksheet>")
    assert await fault(body) == (413, "XLSX_TOO_LARGE")


async def test_days_without_a_format_count_from_1904_where_the_workbook_does() -> None:
    def mac(book: openpyxl.Workbook) -> None:
        book.epoch = MAC_EPOCH
        for line, (birth, given_on, code) in enumerate(
            [(date(1980, 5, 3), datetime(2021, 10, 12, 17), 44413), (27882, 42951, "x")], 2
        ):
            cells: dict[str, Any] = {
                "date_of_birth": birth,
                "date_given": given_on,
                "source_id": code,
            }
            for field, value in cells.items():
                book.worksheets[0].cell(line, PLACE[field] + 1).value = value
        book.worksheets[0].cell(3, PLACE["dose_number"] + 1).value = 9132

    raws = [
        row.raw
        for row in (await taken(xlsx_book(Page("A", lines_of([typed(1), typed(2)])), change=mac)))[
            0
        ]
    ]
    assert [
        (raw.date_of_birth, raw.date_given, raw.source_id, raw.dose_number) for raw in raws if raw
    ] == [
        ("1980-05-03", "2021-10-12", "44413", "2"),
        ("1980-05-03", "2021-08-05", "x", "9132"),
    ]


async def test_a_year_in_a_workbook_of_1904_stays_a_year() -> None:
    def mac(book: openpyxl.Workbook) -> None:
        book.epoch = MAC_EPOCH
        book.worksheets[0].cell(2, PLACE["date_of_birth"] + 1).value = 1970

    raw = (await taken(xlsx_book(Page("A", lines_of([typed(1)])), change=mac)))[0][0].raw
    assert raw == typed(1, date_of_birth="1970")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2021, 8, 5, 17), "2021-08-05"),
        (time(7, 30), "07:30:00"),
        (timedelta(hours=30), "30:00:00"),
        (True, "TRUE"),
        (79085123456.0, "79085123456"),
        (123456789012345, "123456789012345"),
        (1234567890123456, "1234567890123456"),
        (0.5, "0.5"),
        ("'0123", "'0123"),
        ("2", "2"),
    ],
)
async def test_a_cell_is_the_text_that_people_see(value: object, text: str) -> None:
    raw = (await taken(with_cells(lot=value)))[0][0].raw
    assert raw is not None
    assert raw.lot == text


async def test_the_error_of_a_formula_is_told_and_not_taken_for_blank() -> None:
    line = list(lines_of([typed()])[1])
    line[PLACE["phone"]] = "#N/A"
    line[PLACE["nationality"]] = "#REF!"
    found, _ = await taken(xlsx_book(GUIDE, Page("A", [*lines_of([typed(2)]), line])))
    assert [(row.row, [(error.field, error.code) for error in row.errors]) for row in found] == [
        (2, []), (3, [("phone", "CELL_ERROR"), ("nationality", "CELL_ERROR")]),
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1234567890123450.0, 1.5e20])
async def test_a_number_that_the_spreadsheet_cut_is_no_code(number: float) -> None:
    found, _ = await taken(with_cells(source_id=number))
    assert [(error.field, error.code) for error in found[0].errors] == [("source_id", "NUMBER_CUT")]


MERGED_FIELDS = ("full_name", "date_of_birth", "sex", "personal_id", "facility_code", "product")


def merged(
    book: openpyxl.Workbook, fields: tuple[str, ...] = MERGED_FIELDS, first: int = 2, last: int = 3
) -> None:
    for field in fields:
        column = PLACE[field] + 1
        book.worksheets[0].merge_cells(
            start_row=first, end_row=last, start_column=column, end_column=column
        )


async def test_cells_merged_beside_several_doses_are_said_of_each() -> None:
    raws = [
        typed(1, dose_number="1"),
        typed(2),
        typed(3, full_name="Lê Bảo Tú"),
        typed(4, full_name=""),
    ]
    found, _ = await taken(xlsx_book(Page("A", lines_of(raws)), change=merged))
    assert [row.raw for row in found] == raws


async def test_a_merged_code_number_or_day_of_two_doses_is_not_made_two_doses() -> None:
    raws = [typed(1, dose_number="1"), typed(2)]
    found, _ = await taken(
        xlsx_book(
            Page("A", lines_of(raws)),
            change=lambda book: merged(book, ("source_id", "dose_number", "date_given")),
        )
    )
    assert [row.raw for row in found] == [
        raws[0],
        typed(2, source_id="", dose_number="", date_given=""),
    ]


async def test_merged_cells_make_no_dose_of_a_blank_row_nor_of_a_title() -> None:
    lines: list[Line] = [["DANH SÁCH"], *lines_of([typed(1)])]

    def change(book: openpyxl.Workbook) -> None:
        merged(book, first=3, last=9)
        book.worksheets[0].merge_cells("A1:Q1")

    found, _ = await taken(xlsx_book(Page("A", lines), change=change))
    assert [(row.row, row.raw) for row in found] == [(3, typed(1))]


async def test_merged_cells_of_an_open_document_are_filled_too() -> None:
    page = Page("A", lines_of([typed(1, dose_number="1"), typed(2)]))
    body = ods_book(ods_table(page))
    name = (
        '<table:table-cell office:value-type="string"><text:p>Nguyễn Thị Ví'
        " Dụ</text:p></table:table-cell>".encode()
    )
    span = name.replace(b"<table:table-cell", b'<table:table-cell table:number-rows-spanned="2"', 1)
    covered = b"<table:covered-table-cell/>"
    body = replaced(
        body,
        "content.xml",
        lambda content: content.replace(name, span, 1).replace(name, covered, 1),
    )
    assert [row.raw and row.raw.full_name for row in (await taken(body, ODS))[0]] == [
        "Nguyễn Thị Ví Dụ"
    ] * 2


async def test_ranges_merged_again_and_again_are_filled_in_linear_time() -> None:
    body = xlsx_book(Page("A", lines_of([typed(number) for number in range(300)])))
    ranges = "".join(f'<mergeCell ref="A{row}:Q1048576"/>' for row in range(2, 302)) * 100
    body = replaced(
        body,
        SHEET,
        lambda sheet: sheet.replace(
            b"</sheetData>", f"</sheetData><mergeCells>{ranges}</mergeCells>".encode()
        ),
    )
    assert len((await taken(body))[0]) == 300


async def test_many_sheets_that_are_one_large_member_are_refused() -> None:
    body = xlsx_book(*[Page(f"S{number}", []) for number in range(60)])
    big = b"<worksheet><sheetData>" + b" " * 20_000_000 + b"</sheetData></worksheet>"
    body = replaced(replaced(body, SHEET, big), "xl/_rels/workbook.xml.rels", of_one_sheet)
    assert await fault(body) == (413, "XLSX_TOO_LARGE")


def of_one_sheet(relations: bytes) -> bytes:
    for number in range(60, 1, -1):
        relations = relations.replace(b"sheet%d.xml" % number, b"sheet1.xml")
    return relations


async def test_an_archive_with_a_directory_of_very_many_files_is_not_opened() -> None:
    body = packed({f"xl/{number:060}": b"" for number in range(4_000)})
    assert await fault(body) == (422, "XLSX_BROKEN")


async def test_more_sheets_than_anybody_keeps_are_refused() -> None:
    assert await fault(
        ods_book(*[ods_table(Page(f"S{number}", [])) for number in range(257)]), ODS
    ) == (413, "TOO_MANY_SHEETS")
