"""ODS: its cells as people see them, and no repetition unfolded that nobody typed."""

import time

import pytest

from services.chassis.errors import ServiceError
from services.records.uploads.formats import FileReport, ods_reader, read_rows
from tests.support.files import parts, read, typed
from tests.support.workbooks import Page, lines_of, ods_book, ods_cell, ods_table, packed, replaced

ODS = "application/vnd.oasis.opendocument.spreadsheet"
HEADER = f"<table:table-row>{''.join(map(ods_cell, lines_of([])[0]))}</table:table-row>"
LINE = f"<table:table-row>{''.join(map(ods_cell, lines_of([typed()])[1]))}</table:table-row>"


async def fault(body: bytes) -> tuple[int, str]:
    with pytest.raises(ServiceError) as raised:
        await read(body, ODS)
    return raised.value.status, raised.value.code


def document(rows_of_sheet: str, settings: str = "") -> bytes:
    return ods_book(ods_table(Page("A", []), rows_of_sheet), settings=settings)


async def test_its_visible_sheets_are_read_and_rows_hidden_by_a_filter_too() -> None:
    hidden = ods_table(Page("Nháp", lines_of([typed(9)]), "hidden"))
    line = LINE.replace("<table:table-row>", '<table:table-row table:visibility="filter">')
    report = FileReport()
    body = ods_book(hidden, ods_table(Page("A", []), HEADER + line))
    found = [
        row
        async for chunk in read_rows(parts(body), ODS, max_bytes=1 << 30, report=report)
        for row in chunk
    ]
    assert [row.raw for row in found] == [typed()]
    assert (report.sheets, dict(report.ignored)) == (["A"], {"Nháp": 2})


async def test_blank_rows_and_cells_repeated_to_the_end_cost_nothing_and_numbers_stay() -> None:
    blank = (
        '<table:table-row table:number-rows-repeated="3"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row>'
    )
    rest = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row>'
    )
    line = LINE.replace(
        "</table:table-row>",
        '<table:table-cell table:number-columns-repeated="16367"/></table:table-row>',
    )
    assert [
        (row.row, row.raw) for row in await read(document(HEADER + blank + line + rest), ODS)
    ] == [(5, typed())]


@pytest.mark.parametrize(
    "row",
    [
        LINE.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="1048000">'),
        LINE.replace(
            "<table:table-cell", '<table:table-cell table:number-columns-repeated="999999999"', 1
        ),
        LINE.replace(
            "<table:table-cell", '<table:table-cell table:number-columns-repeated="16000"', 1
        )
        * 170,
        LINE.replace(
            "<table:table-row>",
            '<table:table-row table:number-rows-repeated="99999999999999999999">',
        ),
    ],
    ids=range(4),
)
async def test_content_repeated_a_million_times_is_refused(row: str) -> None:
    assert await fault(document(HEADER + row)) == (413, "WORKBOOK_TOO_LARGE")


async def test_a_million_spaces_said_in_a_word_are_not_unfolded() -> None:
    line = LINE.replace("AstraZeneca", 'Astra<text:s text:c="999999999"/>Zeneca')
    raw = (await read(document(HEADER + line), ODS))[0].raw
    assert raw is not None
    assert len(raw.product) < 200


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (
            (
                'office:value-type="date"'
                ' office:date-value="2021-08-05T17:00:00"><text:p>05/08/21</text:p>'
            ),
            "2021-08-05",
        ),
        (
            'office:value-type="float" office:value="79085123456"><text:p>7.91E+10</text:p>',
            "79085123456",
        ),
        ('office:value-type="percentage" office:value="1"><text:p>100%</text:p>', "1"),
        ('office:value-type="boolean" office:boolean-value="true"><text:p>ĐÚNG</text:p>', "TRUE"),
        (
            'office:value-type="string"><text:p>A<text:span>B</text:span></text:p><text:p>C</text:p>',
            "AB\nC",
        ),
        (
            (
                'office:value-type="string"><office:annotation><text:p>ghi'
                " chú</text:p></office:annotation><text:p>A</text:p>"
            ),
            "A",
        ),
        ('office:value-type="string"><text:p>A<text:s text:c="2"/>B</text:p>', "A  B"),
    ],
)
async def test_a_cell_is_the_text_that_people_see(cell: str, text: str) -> None:
    line = LINE.replace(ods_cell("ABV-0041"), f"<table:table-cell {cell}</table:table-cell>")
    raw = (await read(document(HEADER + line), ODS))[0].raw
    assert raw is not None
    assert raw.lot == text


async def test_the_error_of_a_formula_is_told() -> None:
    cell = (
        '<table:table-cell office:value-type="string" office:string-value=""'
        ' calcext:value-type="error"/>'
    )
    found = await read(document(HEADER + LINE.replace(ods_cell("0912000000"), cell)), ODS)
    assert [(error.field, error.code) for error in found[0].errors] == [("phone", "CELL_ERROR")]


async def test_numbers_in_columns_of_days_count_from_the_day_that_the_document_names() -> None:
    line = LINE.replace(ods_cell("03/05/1980"), ods_cell(27882))
    settings = (
        "<table:calculation-settings><table:null-date"
        ' table:date-value="1904-01-01"/></table:calculation-settings>'
    )
    raw = (await read(document(HEADER + line, settings), ODS))[0].raw
    assert raw == typed(date_of_birth="1980-05-03")


async def test_one_with_a_password_is_told_so() -> None:
    entry = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    manifest = b"<manifest>" + entry + b"</manifest>"
    assert await fault(replaced(document(HEADER + LINE), "META-INF/manifest.xml", manifest)) == (
        422,
        "WORKBOOK_PASSWORD",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        packed({"mimetype": ODS.encode()}),
        document(HEADER + "<table:table-row>")[:900],
        packed({"content.xml": b"<office:document-content><table"}),
        packed({"content.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}),
        document(
            "<table:table-row"
            ' table:number-rows-repeated="many"><table:table-cell/></table:table-row>'
        ),
    ],
    ids=range(6),
)
async def test_a_broken_one_is_a_clear_422(body: bytes) -> None:
    assert await fault(body) == (422, "WORKBOOK_BROKEN")


async def test_one_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ods_reader, "MAX_UNPACKED", 1_000_000)
    body = document(HEADER + ("<!--" + " " * 100_000 + "-->") * 11 + LINE)
    assert len(body) < 100_000
    assert await fault(body) == (413, "WORKBOOK_TOO_LARGE")


@pytest.mark.parametrize("token", ["<!-- {} -->", '<table:x a="{}"/>', "<?x {} ?>"])
async def test_a_tag_that_has_no_end_for_long_is_refused_in_little_time(token: str) -> None:
    begun = time.process_time()
    assert await fault(document(HEADER + token.format(" " * 10_000_000) + LINE)) == (
        422,
        "WORKBOOK_BROKEN",
    )
    assert time.process_time() - begun < 20
