"""HTML tables, which portals give away with the name of an XLS file."""

import time
from html import escape

import pytest

from services.chassis.errors import ServiceError
from services.records.uploads.formats import FileReport, read_rows
from tests.support.files import parts, read, typed
from tests.support.workbooks import lines_of

HTML = "text/html"
RAWS = [typed(1), typed(2, full_name="Lê <Bảo> & Tú")]


def table(lines: list[list[object]], cell: str = "td") -> str:
    made = ("".join(f"<{cell}>{escape(str(value))}</{cell}>" for value in line) for line in lines)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in made)}</table>"


def page(*tables: str) -> bytes:
    return (
        "<html><head><title>Báo cáo</title><style>td"
        f" {{}}</style></head><body>{''.join(tables)}</body></html>".encode()
    )


LINES = [list(line) for line in lines_of(RAWS)]


async def test_its_rows_are_those_of_the_same_csv() -> None:
    report = FileReport()
    body = page(table([["TRUNG TÂM Y TẾ"]]), table(LINES))
    found = [
        row
        async for chunk in read_rows(parts(body, 7), HTML, max_bytes=1 << 30, report=report)
        for row in chunk
    ]
    assert [row.raw for row in found] == RAWS
    assert (report.sheets, dict(report.ignored)) == (["Bảng 2"], {"Bảng 1": 1})


async def test_tags_that_are_left_open_and_line_breaks_are_borne() -> None:
    body = page(
        table(LINES)
        .replace("</td>", "")
        .replace("</tr>", "")
        .replace("Việt Nam", "Việt<br>Nam&nbsp;")
    )
    assert [row.raw for row in await read(body, HTML)] == RAWS


async def test_cells_that_span_rows_are_said_of_each() -> None:
    first, second = (typed(number, dose_number=str(number)) for number in (1, 2))
    lines = [list(line) for line in lines_of([first, second])]
    body = table(lines).replace(
        "<td>Nguyễn Thị Ví Dụ</td>", '<td rowspan="2">Nguyễn Thị Ví Dụ</td>', 1
    )
    body = body.replace("<td>Nguyễn Thị Ví Dụ</td>", "", 1)
    assert [row.raw for row in await read(page(body), HTML)] == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        "<" * 3_000_000,
        "<td " + "a" * 3_000_000,
        "<table><tr>" + "<td colspan=999>" * 90_000,
        "<!--" * 900_000,
    ],
)
async def test_a_page_that_is_odd_on_purpose_is_refused_in_little_time(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(ServiceError) as raised:
        await read(b"<html><table>" + text.encode(), HTML)
    assert raised.value.status == 422
    assert time.process_time() - begun < 20
