"""Columns that are there twice, in parts, or not for us: every row means what its sender meant, and
what is not read is named.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import ServiceError
from services.records.domain.dose import Raw
from services.records.uploads.formats import FileReport, InputRow
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.formats.dose_columns import OPTIONAL
from tests.support.files import lines_file, read, typed

RAW = typed()
NEW, OLD = "068180000001", "250123456"


async def of(
    columns: Sequence[tuple[str, str]],
    *,
    without: Sequence[str] = (),
    report: FileReport | None = None,
) -> InputRow:
    """The one row of a file with these columns beside those of `RAW`, of which some are left
    out.
    """
    own = [
        (header, getattr(RAW, field)) for field, header in HEADERS.items() if field not in without
    ]
    lines = [[name for name, _ in (*columns, *own)], [text for _, text in (*columns, *own)]]
    [row] = await read(lines_file(lines), report=report)
    return row


async def told(columns: Sequence[tuple[str, str]], *, without: Sequence[str] = ()) -> FileReport:
    report = FileReport()
    await of(columns, without=without, report=report)
    return report


@pytest.mark.parametrize(
    ("columns", "number"),
    [
        ([("CMND", OLD), ("CCCD", NEW)], NEW),
        ([("CCCD", NEW), ("CMND", OLD)], NEW),
        ([("CMND", OLD), ("CCCD", "")], OLD),
        ([("CMND/CCCD", OLD), ("Số định danh cá nhân", NEW)], NEW),
        ([("CMND/CCCD", NEW), ("Số định danh cá nhân", "")], NEW),
        ([("CCCD", OLD), ("CMND", NEW)], NEW),
        ([("CMND", OLD), ("CCCD", "68180000001")], "68180000001"),
        ([("CCCD", "'068.180.000.001"), ("CMND", OLD)], "'068.180.000.001"),
        ([("CCCD", "000000000000"), ("CMND", OLD)], OLD),
        ([("CCCD", "không có"), ("CMND", OLD)], OLD),
        ([("CCCD", "0912000001"), ("CMND", OLD)], OLD),
        ([("CMND/CCCD", ""), ("CMND/CCCD", OLD)], OLD),
        ([("CMND", "068180000009"), ("CCCD", NEW)], NEW),
    ],
)
async def test_of_two_numbers_the_one_of_twelve_digits_counts(
    columns: list[tuple[str, str]], number: str
) -> None:
    row = await of(columns, without=["personal_id"])
    assert row.raw == RAW._replace(personal_id=number)


async def test_a_second_number_that_is_not_kept_is_counted_and_told() -> None:
    report = await told([("CMND", OLD), ("CCCD", NEW)], without=["personal_id"])
    assert report.ignored == {"second_id_numbers": 1}
    assert [notice.code for notice in report.notices] == ["ID_COLUMNS"]
    assert (await told([("CMND", ""), ("CCCD", NEW)], without=["personal_id"])).ignored.total() == 0


@pytest.mark.parametrize(
    ("first", "second", "phone"),
    [("", "0912", "0912"), ("0911", "", "0911"), ("0911", "0912", "0911")],
)
async def test_of_two_columns_for_one_field_the_first_that_is_not_empty_counts(
    first: str, second: str, phone: str
) -> None:
    columns = [("SĐT", first), ("Điện thoại di động", second)]
    assert (await of(columns, without=["phone"])).raw == RAW._replace(phone=phone)
    assert [notice.code for notice in (await told(columns, without=["phone"])).notices] == [
        "SEVERAL_COLUMNS"
    ]


@pytest.mark.parametrize(
    "field",
    ["full_name", "date_of_birth", "dose_number", "lot", "date_given", "facility_code", "product"],
)
async def test_two_columns_that_contradict_each_other_cost_the_row_and_say_so(field: str) -> None:
    header = HEADERS[field]
    row = await of([(header, "khác hẳn")])
    assert [(error.field, error.code) for error in row.errors] == [(field, "COLUMNS_DISAGREE")]
    assert header in row.errors[0].message_vi
    same = await of([(header, getattr(RAW, field).upper())])
    assert same.errors == ()


async def test_what_only_helps_out_does_not_contradict() -> None:
    assert (await of([("Năm sinh", "1981"), ("Loại vắc xin", "mRNA")])).raw == RAW
    assert (
        await of(
            [("Năm sinh", "1981"), ("Loại vắc xin", "Pfizer")], without=["date_of_birth", "product"]
        )
    ).raw == RAW._replace(date_of_birth="1981", product="Pfizer")


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ([("Họ và tên đệm", "Nguyễn Thị"), ("Tên", "Hoa")], "Nguyễn Thị Hoa"),
        ([("Họ", "Nguyễn"), ("Tên đệm", ""), ("Tên", "Hoa")], "Nguyễn Hoa"),
        ([("Tên", "Hoa"), ("Họ đệm", "Nguyễn Thị")], "Nguyễn Thị Hoa"),
        (
            [("First name", "Hoa"), ("Middle name", "Thị"), ("Last name", "Nguyễn")],
            "Nguyễn Thị Hoa",
        ),
        ([("Họ và tên", "Nguyễn Thị"), ("", "Hoa")], "Nguyễn Thị Hoa"),
        ([("Họ và tên", "Nguyễn Thị"), ("Tên", "Hoa")], "Nguyễn Thị Hoa"),
        ([("Họ và tên", "Nguyễn Thị Hoa"), ("Tên", "Hoa")], "Nguyễn Thị Hoa"),
        ([("Họ và tên", "Nguyễn Thị Hoa"), ("", "")], "Nguyễn Thị Hoa"),
        ([("Họ và tên", "Nguyễn Thị Hoa"), ("", "12")], "Nguyễn Thị Hoa"),
    ],
)
async def test_a_name_in_columns_is_whole(columns: list[tuple[str, str]], name: str) -> None:
    assert (await of(columns, without=["full_name"])).raw == RAW._replace(full_name=name)


@pytest.mark.parametrize(
    "columns",
    [[("Tên", "Hoa")], [("Họ", "Nguyễn")], [("Tên", "Hoa"), ("Ghi chú", ""), ("Họ", "Nguyễn")]],
)
async def test_a_part_of_a_name_is_no_name(columns: list[tuple[str, str]]) -> None:
    with pytest.raises(ServiceError) as raised:
        await of(columns, without=["full_name"])
    assert raised.value.members["missing"] == ["Họ và tên"]


@pytest.mark.parametrize(
    ("texts", "birth"),
    [
        (("3", "5", "1980"), "03/05/1980"), (("03", "05", "1980"), "03/05/1980"), (("", "", "1980"),
        "1980"),
        (("", "5", "1980"), "05/1980"), (("", "", "03/05/1980"), "03/05/1980"), (("03/05/1980", "",
        ""), "03/05/1980"),
        (("", "", ""), ""), (("3", "", "1980"), "03/?/1980"), (("3", "", ""), "03/?/?"),
        (("3.0", "5.0", "1980.0"), "03/05/1980"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "names",
    [
        ("Ngày", "Tháng", "Năm sinh"),
        ("Ngày sinh", "Tháng sinh", "Năm sinh"),
        ("Day", "Month of birth", "Year"),
    ],
)
async def test_a_birth_date_in_three_columns_is_one(
    names: tuple[str, str, str], texts: tuple[str, str, str], birth: str
) -> None:
    row = await of(list(zip(names, texts, strict=True)), without=["date_of_birth"])
    assert row.raw == RAW._replace(date_of_birth=birth)


async def test_a_day_month_and_year_of_nothing_are_no_birth_date() -> None:
    with pytest.raises(ServiceError) as raised:
        await of([("Ngày", "3"), ("Tháng", "5"), ("Năm", "1980")], without=["date_of_birth"])
    assert raised.value.members["missing"] == ["Ngày sinh"]


@pytest.mark.parametrize(
    ("columns", "sex"),
    [
        ([("Nam", "x"), ("Nữ", "")], "Nam"), ([("Nam", ""), ("Nữ", "X")], "Nữ"), ([("Nữ", "1"),
        ("Nam", "0")], "Nữ"),
        ([("Nam", ""), ("Nữ", "")], ""), ([("Nam", "x"), ("Nữ", "x")], "Nam/Nữ"), ([("Nữ", "x")],
        "Nữ"), ([("Nữ", "")], ""),
        ([("Nam/Nữ", "Nữ")], "Nữ"), ([("Nam", ""), ("Nữ", "không")], ""),
    ],
)  # fmt: skip
async def test_sex_as_a_tick_is_read(columns: list[tuple[str, str]], sex: str) -> None:
    assert (await of(columns, without=["sex"])).raw == RAW._replace(sex=sex)


@pytest.mark.parametrize(
    ("texts", "birth", "sex"),
    [(("1980", ""), "1980", "Nam"), (("", "03/05/1980"), "03/05/1980", "Nữ"), (("", ""), "", "")],
)
async def test_the_year_of_birth_below_the_sex_tells_both(
    texts: tuple[str, str], birth: str, sex: str
) -> None:
    rest = [
        (header, getattr(RAW, field))
        for field, header in HEADERS.items()
        if field not in {"date_of_birth", "sex"}
    ]
    lines = [
        ["Năm sinh", "", *(name for name, _ in rest)],
        ["Nam", "Nữ"],
        [*texts, *(text for _, text in rest)],
    ]
    [row] = await read(lines_file(lines))
    assert row.raw == RAW._replace(date_of_birth=birth, sex=sex)


@pytest.mark.parametrize(
    ("header", "text", "field"),
    [
        ("Tỉnh", "68", "province_code"),
        ("Quận/Huyện", "672", "district_code"),
        ("Đơn vị tiêm", "68001", "facility_code"),
    ],
)
async def test_a_name_or_a_code_is_taken_where_it_is_a_code(
    header: str, text: str, field: str
) -> None:
    assert (await of([(header, text)], without=[field])).raw == RAW._replace(**{field: text})
    # beside the code it is a name
    assert (await of([(header, "Đà Lạt")])).raw == RAW


async def test_the_name_of_a_facility_is_not_its_code_and_that_is_offered() -> None:
    with pytest.raises(ServiceError) as raised:
        await of([("Cơ sở tiêm chủng", "Trạm y tế phường 7")], without=["facility_code"])
    assert raised.value.members["missing"] == ["Mã cơ sở tiêm"]
    assert raised.value.members["near"] == [
        {"header": "Cơ sở tiêm chủng", "may_be": "Mã cơ sở tiêm"}
    ]
    assert "'Cơ sở tiêm chủng'" in raised.value.vi


async def test_a_header_with_a_slip_is_offered() -> None:
    with pytest.raises(ServiceError) as raised:
        await of([("Ngày sinhh", "1980"), ("Số  lôô", "A")], without=["date_of_birth", "lot"])
    assert raised.value.members["near"] == [
        {"header": "Ngày sinhh", "may_be": "Ngày sinh"},
        {"header": "Số lôô", "may_be": "Số lô"},
    ]
    report = await told([("Số điện thoạii", "0912")], without=["phone"])
    assert [(notice.field, notice.code) for notice in report.notices] == [
        ("phone", "HEADER_NEARLY")
    ]
    assert report.unused_columns == ["Số điện thoạii"]


async def test_columns_that_are_not_read_are_named_as_typed() -> None:
    columns = [
        ("Nghề nghiệp", "x"),
        ("Số thẻ\nBHYT", ""),
        ("Ghi\x00 chú " + "á" * 100, ""),
        ("", "lạ"),
        ("", ""),
    ]
    report = await told(columns)
    assert report.unused_columns == [
        "Nghề nghiệp",
        "Số thẻ BHYT",
        ("Ghi chú " + "á" * 100)[:60],
        "(D)",
    ]
    assert len((await told([(f"Cột {number}", "") for number in range(100)])).unused_columns) == 60


async def test_the_columns_of_a_file_given_back_are_known() -> None:
    report = FileReport()
    row = await of(
        [("Trạng thái", "x"), ("Lỗi", ""), ("Gợi ý", ""), ("Phiên bản bản ghi", "3")], report=report
    )
    assert (row.raw, row.version, report.unused_columns) == (RAW, "3", [])
    assert (await told([("Trạng thái", "đã khám")])).unused_columns == ["Trạng thái"]


@pytest.mark.parametrize("kept", range(len(HEADERS) + 1))
async def test_a_row_may_leave_out_its_last_optional_cells_and_is_told_which_others_it_lacks(
    kept: int,
) -> None:
    fields = [*(field for field in HEADERS if field not in OPTIONAL), *sorted(OPTIONAL)]
    cells = [getattr(RAW, field) for field in fields]
    found = await read(lines_file([[HEADERS[field] for field in fields], cells, cells[:kept]]))
    missing = [HEADERS[field] for field in fields[kept:] if field not in OPTIONAL]
    if not kept:
        assert len(found) == 1
    elif missing:
        assert [error.code for error in found[1].errors] == ["COLUMNS_MISSING"]
        assert all(name in found[1].errors[0].message_vi for name in missing)
    else:
        assert found[1].raw == RAW._replace(**dict.fromkeys(fields[kept:], ""))


async def test_separators_too_many_at_the_end_do_no_harm_and_text_there_is_told() -> None:
    cells = [getattr(RAW, field) for field in HEADERS]
    found = await read(
        lines_file([list(HEADERS.values()), [*cells, "", " ", ""], [*cells, "", "x"]])
    )
    assert found[0].raw == RAW
    assert [error.code for error in found[1].errors] == ["COLUMNS_EXTRA"]


@given(
    st.permutations(
        [("CMND", OLD), ("CCCD", NEW), ("Số điện thoại", "0912"), ("SĐT", ""), ("Họ đệm", "Lê Bảo")]
    )
)
async def test_the_order_of_columns_does_not_matter(columns: list[tuple[str, str]]) -> None:
    at = columns.index(("Họ đệm", "Lê Bảo"))
    columns = [*columns[: at + 1], ("Tên", "Tú"), *columns[at + 1 :]]
    row = await of(columns, without=["personal_id", "phone", "full_name"])
    assert row.raw == Raw._replace(RAW, personal_id=NEW, phone="0912", full_name="Lê Bảo Tú")
