"""Where the header of a table is found: below titles, in several rows, behind a `sep=` line; and
what is told of the rest.
"""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import ServiceError
from services.records.domain.dose import Raw
from services.records.uploads.formats import FileReport
from services.records.uploads.formats.columns import HEADERS, WITHIN
from services.records.uploads.formats.dose_columns import OPTIONAL
from services.records.uploads.formats.header_spellings import SPELLINGS
from tests.support.files import XLSX, csv_file, lines_file, read, typed, xlsx_file

RAWS = [
    typed(1),
    typed(2, full_name="Lê Bảo Tú", sex="Nam"),
    typed(3, full_name="Phạm; Hoàng, Tú|An"),
]
TITLES = [
    ["UBND TỈNH LÂM ĐỒNG", "", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["SỞ Y TẾ", "", "", "", "Độc lập - Tự do - Hạnh phúc"],
    ["", "", "DANH SÁCH TIÊM CHỦNG THÁNG 8/2021"],
    ["Đợt 3; mũi 1, 2"],
    [],
    ["", "", ""],
]
WORDS = {field: [HEADERS[field], field] for field in HEADERS}
for meaning, names in SPELLINGS.items():
    if meaning.field in HEADERS:
        WORDS[meaning.field] += names


def line(raw: Raw, fields: Sequence[str] = tuple(HEADERS)) -> list[str]:
    return [getattr(raw, field) for field in fields]


def table(
    *above: list[str],
    raws: Sequence[Raw] = tuple(RAWS),
    header: Sequence[list[str]] = (list(HEADERS.values()),),
) -> list[list[str]]:
    return [*above, *header, *map(line, raws)]


async def fault(lines: list[list[str]]) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        await read(lines_file(lines))
    return raised.value


@pytest.mark.parametrize("count", [1, 2, 6, 30, WITHIN - 1])
async def test_a_header_below_titles_is_found_and_rows_keep_their_numbers(count: int) -> None:
    titles = (TITLES * 10)[:count]
    report = FileReport()
    for found in (
        await read(lines_file(table(*titles)), report=report),
        await read(xlsx_file(table(*titles)), XLSX),
    ):
        assert [row.raw for row in found] == RAWS
        assert [row.row for row in found] == [count + 2, count + 3, count + 4]
    assert report.ignored["title_rows"] == sum(map(any, titles))


async def test_a_header_further_down_is_not_looked_for() -> None:
    assert (await fault(table(*[["Tiêu đề"]] * WITHIN))).code == "NOT_A_DOSE_FILE"


async def test_a_persons_data_without_a_header_is_refused_and_not_shown() -> None:
    problem = await fault([line(raw) for raw in RAWS] * 40)
    assert (problem.code, problem.members) == ("NOT_A_DOSE_FILE", {})


@pytest.mark.parametrize("told", ["sep=;", "SEP=;", '"sep=;"', "sep=; "])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_a_line_that_tells_the_separator_is_no_row(
    told: str, ending: str, encoding: str
) -> None:
    body = (told + ending + lines_file(table(), ending=ending).decode()).encode(encoding)
    found = await read(body)
    assert [row.raw for row in found] == RAWS
    assert [row.row for row in found] == [2, 3, 4]


@pytest.mark.parametrize(
    ("told", "separator"),
    [
        ("sep=,", ","),
        ("sep=\t", "\t"),
        ("sep=\\t", "\t"),
        ("sep=|", "|"),
        ("sep=^", "^"),
        ("sep=,", ";"),
    ],
)
async def test_the_separator_is_the_one_by_which_a_header_is_there(
    told: str, separator: str
) -> None:
    body = f"{told}\r\n".encode() + lines_file(table(), separator=separator)
    assert [row.raw for row in await read(body)] == RAWS


async def test_commas_in_a_title_do_not_make_the_separator() -> None:
    lines = table(["Họ và tên, ngày sinh, số CCCD, mũi tiêm thứ, theo mẫu"])
    assert [row.raw for row in await read(lines_file(lines))] == RAWS


@pytest.mark.parametrize("size", [9, 1 << 16])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
async def test_line_breaks_within_headers_are_blanks(size: int, ending: str) -> None:
    header = [name.replace(" ", ending + ending) + ending for name in HEADERS.values()]
    assert sum(name.count("\n") for name in header) > 30
    report = FileReport()
    found = await read(lines_file(table(header=[header])), size=size, report=report)
    assert [(row.row, row.raw) for row in found] == list(enumerate(RAWS, 2))
    assert report.unused_columns == []


async def test_a_quote_left_open_in_a_title_does_not_swallow_the_header() -> None:
    body = '"DANH SÁCH đợt 1;;;\r\n'.encode() + lines_file(
        table(raws=[typed(full_name='Vũ "Bé" An')] * 40)
    )
    found = await read(body)
    assert len(found) == 40
    assert found[0].row == 3


# a header of two rows: each column's name in the first, or a group's there and its own in the
# second
GROUPED = tuple(
    row.split(";")
    for row in (
        "STT;Họ và tên;Ngày sinh;;;Giới tính;;Số CCCD;Nơi ở;;;Tiêm chủng;;;;;;Người giám hộ;",
        (
            ";;Ngày;Tháng;Năm;Nam;Nữ;;Mã tỉnh;Mã huyện;Mã xã;Mũi thứ;Loại mũi;Vắc xin;Số lô;Ngày"
            " tiêm;Mã CSTC;Họ và tên;SĐT"
        ),
    )
)
_SHOT = "68;672;24769;1;Cơ bản;Pfizer;FK0050;05/08/2021;68001"
LIST = (
    f"1;Lê Bảo Tú;3;5;1980;x;;068080000001;{_SHOT};Lê Ba;0912000001".split(";"),
    f"2;Trần Thị Hoa;;;1950;;X;068150000001;{_SHOT};;".split(";"),
)


async def test_a_header_of_two_rows_names_each_column_by_both() -> None:
    report = FileReport()
    first, second = await read(lines_file([["DANH SÁCH"], *GROUPED, *LIST]), report=report)
    assert first.raw == Raw(
        full_name="Lê Bảo Tú", date_of_birth="03/05/1980", sex="Nam", personal_id="068080000001",
        province_code="68", district_code="672", commune_code="24769", dose_number="1",
        dose_kind="Cơ bản", product="Pfizer",
        lot="FK0050", date_given="05/08/2021", facility_code="68001",
    )  # fmt: skip
    assert second.raw == first.raw._replace(
        full_name="Trần Thị Hoa", date_of_birth="1950", sex="Nữ", personal_id="068150000001"
    )
    assert (first.row, second.row, first.coded) == (4, 5, False)
    assert report.unused_columns == ["Người giám hộ: Họ và tên", "Người giám hộ: SĐT"]


async def test_columns_below_another_persons_name_are_not_the_persons_own() -> None:
    """Of a row by itself that is a header, the one above it says whose columns they are."""
    above = ["", "", "", "", "", "", "", "", "", "", "", "Người giám hộ", "", ""]
    header = ["STT", "Số CCCD", "Ngày sinh", "Giới tính", "Mũi thứ", "Loại mũi", "Vắc xin", "Số lô",
    "Ngày tiêm", "Mã CSTC", "Họ tên",
              "Họ tên", "SĐT", "Số CCCD"]  # fmt: skip
    row = [
        "1",
        "068080000001",
        "1980",
        "Nam",
        "1",
        "Cơ bản",
        "Pfizer",
        "FK0050",
        "05/08/2021",
        "68001",
        "Tú",
        "Ba",
        "0912",
        "068050000001",
    ]
    [found] = await read(lines_file([above, header, row]))
    assert found.raw is not None
    assert (found.raw.full_name, found.raw.personal_id, found.raw.phone) == (
        "Tú",
        "068080000001",
        "",
    )


async def test_a_second_row_of_hints_or_in_english_is_part_of_the_header() -> None:
    header = list(HEADERS.values())
    hints = {"Ngày sinh": "(dd/mm/yyyy)", "Giới tính": "(Nam/Nữ)", "Số hộ chiếu": "(nếu có)"}
    english = {
        "Họ và tên": "Full name",
        "Ngày sinh": "Date of birth",
        "Số lô": "Lot number",
        "Ngày tiêm": "Vaccination date",
    }
    for below in (hints, english):
        found = await read(
            lines_file(table(header=[header, [below.get(name, "") for name in header]]))
        )
        assert [(row.row, row.raw) for row in found] == list(enumerate(RAWS, 3))


@pytest.mark.parametrize("form", ["{}", "({})", "[{}]"])
async def test_a_row_that_numbers_the_columns_is_no_dose(form: str) -> None:
    header, numbers = list(HEADERS.values()), [form.format(at) for at in range(1, len(HEADERS) + 1)]
    report = FileReport()
    found = await read(lines_file(table(header=[header, numbers])), report=report)
    assert [(row.row, row.raw) for row in found] == list(enumerate(RAWS, 3))


async def test_a_header_printed_again_on_every_page_is_passed_over_and_counted() -> None:
    title, header = ["DANH SÁCH TIÊM CHỦNG"], list(HEADERS.values())
    numbers = [str(at) for at in range(1, len(HEADERS) + 1)]
    page = [title, header, numbers]
    lines = [
        *page,
        line(RAWS[0]),
        *page,
        line(RAWS[1]),
        [name.upper() for name in header],
        line(RAWS[2]),
    ]
    report = FileReport()
    found = await read(lines_file(lines), report=report)
    assert [(row.row, row.raw) for row in found] == [(4, RAWS[0]), (8, RAWS[1]), (10, RAWS[2])]
    assert report.ignored == {"title_rows": 2, "header_rows": 3}


async def test_a_header_of_two_rows_printed_again_is_passed_over() -> None:
    report = FileReport()
    found = await read(lines_file([*GROUPED, LIST[0], *GROUPED, LIST[1]]), report=report)
    assert [row.row for row in found] == [3, 6]
    assert report.ignored == {"header_rows": 2}


async def test_sums_and_signatures_below_are_passed_over_and_counted() -> None:
    below = [
        ["Tổng cộng: 3 người"],
        ["Tổng số", "", "", "", "", "3", "", "", "", "", "3 mũi"],
        ["", "", "", "", "", "", "Đà Lạt, ngày 12 tháng 8 năm 2021"],
        ["", "NGƯỜI LẬP BẢNG", "", "", "", "", "THỦ TRƯỞNG ĐƠN VỊ"],
        ["", "(Ký, ghi rõ họ tên)", "", "", "", "", "(Ký tên, đóng dấu)"],
        [],
        ["", "Nguyễn Văn A", "", "", "", "", "BS. Trần Thị B"],
    ]
    report = FileReport()
    assert [row.raw for row in await read(lines_file([*table(), *below]), report=report)] == RAWS
    assert report.ignored == {"footer_rows": 6}


@pytest.mark.parametrize(
    "cells",
    [
        {"full_name": "Tống Thị Hoa"}, {"source_id": "1", "full_name": "Tống Nam"},
        {"full_name": "Nguyễn Văn A"}, {"full_name": "Cao Ký"},
        {"source_id": "7", "full_name": "Lê A", "lot": "Ghi chú: bỏ"}, {"source_id": "TC-1",
        "full_name": "Tổng Văn A"},
    ],
)  # fmt: skip
async def test_what_may_be_meant_as_a_dose_is_not_passed_over(cells: dict[str, str]) -> None:
    report = FileReport()
    found = await read(lines_file(table(raws=[RAWS[0], Raw(**cells)])), report=report)
    assert [row.raw for row in found] == [RAWS[0], Raw(**cells)]
    assert report.ignored == {}


async def test_rows_that_are_only_numbered_in_advance_are_counted() -> None:
    report = FileReport()
    lines = [["STT", *HEADERS.values()], ["1", *line(RAWS[0])], ["2", *[""] * 17], ["3."]]
    assert len(await read(lines_file(lines), report=report)) == 1
    assert report.ignored == {"blank_numbered_rows": 2}


@pytest.mark.parametrize("grouped", [False, True])
async def test_a_list_of_several_doses_a_row_is_told_so_and_none_of_them_is_lost(
    grouped: bool,
) -> None:
    person = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", "CCCD", "Mã CSTC"]
    shots = ["Ngày tiêm", "Vắc xin", "Số lô"]
    if grouped:
        header = [[*person, "Mũi 1", "", "", "Mũi 2", "", ""], [*[""] * 6, *shots, *shots]]
    else:
        header = [[*person, *(f"{name} mũi {number}" for number in (1, 2) for name in shots)]]
    problem = await fault(
        [*header, ["1", "Lê", "1980", "Nam", "", "68001", *["05/08/2021", "Pfizer", "FK0050"] * 2]]
    )
    assert (problem.status, problem.code) == (422, "SEVERAL_DOSES_A_ROW")


GROUPS = ["Thông tin", "Thông tin người được tiêm", "Phần A", "THÔNG TIN TIÊM CHỦNG", "Đối tượng"]


@given(st.data())
@settings(max_examples=150, deadline=None)
async def test_the_same_rows_whatever_the_order_words_separator_titles_and_depth_of_the_header(
    data: st.DataObject,
) -> None:
    left_out = data.draw(st.sets(st.sampled_from(sorted(OPTIONAL))))
    fields = data.draw(st.permutations([field for field in HEADERS if field not in left_out]))
    words = [data.draw(st.sampled_from(WORDS[field])) for field in fields]
    others = data.draw(
        st.lists(st.sampled_from(["Ghi chú", "Dân tộc", "Họ tên mẹ"]), unique=True, max_size=2)
    )
    titles = data.draw(st.lists(st.sampled_from(TITLES), max_size=6))
    # how many columns each name of a group stands over; over one it is the column's own, and has
    # nothing below
    runs = (
        data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=len(fields)))
        if data.draw(st.booleans())
        else []
    )
    top, low = [*words, *others], [""] * (len(words) + len(others))
    at = 0
    for run in runs:
        if run > 1 and at + run <= len(words):
            low[at : at + run] = words[at : at + run]
            top[at : at + run] = [data.draw(st.sampled_from(GROUPS)), *[""] * (run - 1)]
        at += run
    header = [top, low] if any(low) else [top]
    separator = data.draw(st.sampled_from([",", ";", "\t", "|"]))
    body = lines_file(
        [*titles, *header, *([*line(raw, fields), *others] for raw in RAWS)], separator=separator
    )
    if data.draw(st.booleans()):
        body = f"sep={separator}\n".encode() + body
    report = FileReport()
    found = await read(body, report=report)
    assert [row.raw for row in found] == [
        raw._replace(**dict.fromkeys(left_out, "")) for raw in RAWS
    ]
    first = len(titles) + len(header) + 1
    assert [row.row for row in found] == [first, first + 1, first + 2]
    assert report.unused_columns == others
    # a row that names groups only says nothing that is needed, and passes for a title
    assert report.ignored.total() == sum(map(any, titles)) + (not others and all(low))


@pytest.mark.parametrize(
    "body",
    [
        ",".join(f"Cột {number}" for number in range(100_000)).encode() + b"\n" + b"a,b\n" * 1_000,
        ",".join(["Họ và tên"] * 60_000).encode() + b"\n" + b"a,b\n" * 1_000,
        (",".join(["Ngày sinh", "Giới tính", "Số lô", *map(str, range(3_000))]) + "\n").encode()
        * 40,
        b"x" * 1_000_000 + b"\n",
        b'"' + b"x;" * 500_000 + b"\n",
        ("\n".join(f'"Tiêu đề {number} a, b; c' for number in range(20_000))).encode(),
        b"1" * 100 + b"x\n" + b"11111111111111111111111111111111111x;" * 20_000,
    ],
    ids=range(7),
)
async def test_a_hostile_header_costs_little_time(body: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(ServiceError):
        await read(body)
    assert time.process_time() - begun < 3


async def test_rows_below_a_header_of_very_many_columns_cost_no_more_than_they_hold() -> None:
    names = [*(f'"{name}"' for name in HEADERS.values()), "Họ tên"]
    header = (";".join(names) + ";" * 400_000 + "\n").encode()
    row = csv_file([typed()], separator=";").split(b"\r\n")[1]
    begun = time.process_time()
    assert len(await read(header + (row + b"\n") * 3_000)) == 3_000
    assert time.process_time() - begun < 3
