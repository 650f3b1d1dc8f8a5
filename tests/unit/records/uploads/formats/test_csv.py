"""CSV in every form that clinics save, and what is told of one that is none."""

from collections.abc import AsyncIterator, Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.chassis.errors import ServiceError
from services.records.domain.dose import FIELDS, Raw
from services.records.domain.parse_row import parse_row
from services.records.uploads.formats import read_rows
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.formats.formula_guard import unguarded
from tests.support.files import CSV, csv_file, parts, read, typed
from tests.support.paths import SHARED, needs_shared

RAWS = [
    typed(number, full_name=name)
    for number, name in enumerate(("Lê Bảo Tú", "H'Hen Niê", "Phạm, Hoàng; Tú", 'Vũ "Bé" An'), 1)
]


# what stands in a cell that needs no quotation marks
cell = st.text(st.sampled_from("aấ1 '=+\t\x0b\x85\u00a0\u2028"), max_size=4)


def file_of(lines: list[list[str]], quoted: Collection[int]) -> bytes:
    """The lines under all fields' names, some with quotation marks around their cells."""
    texts = [
        ",".join(f'"{text}"' for text in line) if at in quoted else ",".join(line)
        for at, line in enumerate(lines)
    ]
    return "\r\n".join([",".join(FIELDS), *texts, ""]).encode()


async def fault(body: bytes, media_type: str = CSV, **how: Any) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        await read(body, media_type, **how)
    return raised.value


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [7, 1 << 16])
async def test_every_encoding_and_separator_gives_the_same_rows(
    separator: str, encoding: str, size: int
) -> None:
    found = await read(csv_file(RAWS, separator=separator, encoding=encoding), size=size)
    assert [row.raw for row in found] == RAWS
    assert [row.row for row in found] == [2, 3, 4, 5]


@pytest.mark.parametrize("before", [0, 3_000])
async def test_cp1258_is_known_by_itself_however_late_its_first_letter_comes(before: int) -> None:
    plain = typed(full_name="An", sex="Nam", nationality="VN", dose_kind="primary")
    # the code page has letters with their modifier, and marks for the tones
    late = plain._replace(full_name="L\u00ea Ba\u0309o Tu\u0301")
    found = await read(
        csv_file([plain] * before + [late], headers=tuple(HEADERS), encoding="cp1258")
    )
    assert found[-1].raw == late


async def test_vietnamese_headers_in_cp1258_are_read() -> None:
    # ả as a with its mark, as the code page writes it
    headers = [header.translate({ord("ả"): "a\u0309", ord("ọ"): "o\u0323", ord("ố"): "ô\u0301",
    ord("ệ"): "ê\u0323", ord("ỉ"): "i\u0309",
        ord("ũ"): "u\u0303", ord("ứ"): "ư\u0301", ord("ạ"): "a\u0323", ord("ề"): "ê\u0300",
        ord("ắ"): "ă\u0301", ord("ị"): "i\u0323",
        ord("ở"): "ơ\u0309", ord("ộ"): "ô\u0323", ord("ế"): "ê\u0301", ord("ã"): "a\u0303",
        ord("ớ"): "ơ\u0301"})
        for header in HEADERS.values()]  # fmt: skip
    raw = typed(full_name="An", sex="Nam", nationality="VN", dose_kind="primary")
    assert [row.raw for row in await read(csv_file([raw], headers=headers, encoding="cp1258"))] == [
        raw
    ]


async def test_one_broken_byte_costs_its_row_only() -> None:
    body = csv_file(RAWS).replace("Lê".encode(), b"L\xff")
    first, *others = [row.raw for row in await read(body)]
    assert others == RAWS[1:]
    assert first is not None
    assert [
        error.code for error in parse_row(first, today=date(2022, 6, 1), facilities=None).errors
    ] == ["BROKEN_TEXT"]


async def test_nul_bytes_are_an_error_of_their_row() -> None:
    first, *others = [
        row.raw for row in await read(csv_file(RAWS).replace("Lê".encode(), b"L\x00"))
    ]
    assert others == RAWS[1:]
    assert first is not None
    assert [
        error.code for error in parse_row(first, today=date(2022, 6, 1), facilities=None).errors
    ] == ["CONTROL_CHARACTER"]


@pytest.mark.parametrize("size", [5, 1 << 16])
async def test_a_quoted_line_break_does_not_end_its_row(size: int) -> None:
    raws = [typed(1, full_name="Lê\nBảo\r\nTú"), typed(2)]
    assert [row.raw for row in await read(csv_file(raws), size=size)] == raws


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
async def test_every_line_break_ends_a_row_and_blank_lines_are_none(line_break: str) -> None:
    lines = csv_file(RAWS).decode().splitlines()
    body = line_break.join([lines[0], "", *lines[1:3], ",,,", *lines[3:]]).encode()
    assert [row.raw for row in await read(body)] == RAWS


@given(
    st.lists(st.lists(cell, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=8),
    st.integers(1, 90),
)
async def test_cells_are_the_same_whether_quoted_or_not(lines: list[list[str]], size: int) -> None:
    wanted = [Raw._make(unguarded(text.strip()) for text in line) for line in lines]
    assume(all(map(any, wanted)))
    for quoted in ((), range(8), range(0, 8, 3)):
        assert [row.raw for row in await read(file_of(lines, quoted), size=size)] == wanted


@pytest.mark.parametrize("size", [11, 1 << 16])
async def test_a_quote_left_open_costs_its_row_only(size: int) -> None:
    raws = [typed(number) for number in range(1, 101)]
    for number in (1, 40, 100):
        body = csv_file(raws).replace(f"68001-{number:07}".encode(), b'"')
        found = await read(body, size=size)
        assert [row.error.code for row in found if row.error] == ["QUOTE_UNCLOSED"]
        assert [row.raw for row in found if row.raw] == [
            raw for raw in raws if raw != raws[number - 1]
        ]
        assert len(found) == 100


async def test_a_row_with_three_columns_too_few_is_told_so_and_the_others_are_read() -> None:
    lines = csv_file(RAWS[:2], headers=tuple(HEADERS.values())).decode().splitlines()
    short = ",".join(lines[1].split(",")[:-3])
    found = await read("\r\n".join([lines[0], short, lines[2]]).encode())
    assert [(row.row, row.error.code if row.error else None) for row in found] == [
        (2, "COLUMNS_MISSING"),
        (3, None),
    ]


async def test_a_row_with_a_separator_too_many_is_told_so() -> None:
    body = csv_file([typed(full_name="Lê Bảo Tú", passport_number="P1")]).replace(
        "Lê Bảo".encode(), "Lê,Bảo".encode()
    )
    assert [row.error.code for row in await read(body) if row.error] == ["COLUMNS_EXTRA"]


async def test_columns_that_no_field_has_are_ignored_wherever_they_stand() -> None:
    lines = csv_file(RAWS[:2]).decode().splitlines()
    body = "\n".join(f"STT,{line},Ghi chú" for line in lines).encode()
    assert [row.raw for row in await read(body)] == RAWS[:2]


async def test_headers_that_are_missing_are_named_with_what_was_found() -> None:
    problem = await fault(
        csv_file(RAWS).replace("Số lô".encode(), b"Lo hang").replace("Ngày tiêm".encode(), b"Ngay")
    )
    assert (problem.status, problem.code) == (422, "HEADERS_MISSING")
    assert problem.members["missing"] == ["Số lô", "Ngày tiêm"]
    assert "Lo hang" in problem.members["found"]


async def test_optional_columns_may_be_missing() -> None:
    lines = [line.rsplit(",", 1)[0] for line in csv_file([typed()]).decode().splitlines()]
    assert [row.raw for row in await read("\n".join(lines).encode())] == [typed()]


@pytest.mark.parametrize(
    "body",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
        b"hello\nworld\n",
        b"\x00" * 5_000,
        b'{"doses": []}\n',
        b'"a\nb',
    ],
)
async def test_what_is_no_csv_is_refused_without_showing_it(body: bytes) -> None:
    problem = await fault(body)
    assert (problem.status, problem.code, problem.members) == (422, "NOT_A_DOSE_FILE", {})


async def test_a_file_that_begins_with_a_person_is_refused_without_showing_it() -> None:
    problem = await fault(csv_file(RAWS).split(b"\r\n", 1)[1])
    assert (problem.code, problem.members) == ("NOT_A_DOSE_FILE", {})


@pytest.mark.parametrize(
    "body", [csv_file([]), csv_file([]).rstrip(), csv_file([]) + b"\r\n,,,\r\n"]
)
async def test_a_file_of_headers_alone_has_no_rows(body: bytes) -> None:
    assert (await fault(body)).code == "NO_ROWS"


@pytest.mark.parametrize("body", [b"", b"\n\n\n"])
async def test_an_empty_file_is_a_clear_422(body: bytes) -> None:
    assert (await fault(body)).status == 422


async def test_a_line_without_an_end_is_refused_and_not_held() -> None:
    assert (await fault(b"x" * 5_000_000)).code in {"LINE_TOO_LONG", "NOT_A_DOSE_FILE"}
    assert (await fault(csv_file([typed()]) + b"x" * 5_000_000)).code == "LINE_TOO_LONG"


async def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield csv_file([])
        line = csv_file([typed()]).split(b"\r\n", 1)[1] * 100
        while True:
            sent += len(line)
            yield line

    with pytest.raises(ServiceError) as raised:
        async for _ in read_rows(endless(), CSV, max_bytes=1_000_000):
            pass
    assert (raised.value.status, raised.value.code) == (413, "BODY_TOO_LARGE")
    assert sent < 1_100_000


async def test_a_media_type_that_is_none_of_ours_is_415() -> None:
    assert (await fault(b"x", "application/pdf")).status == 415


async def test_chunks_have_at_most_500_rows_and_none_is_empty() -> None:
    body = csv_file([typed(number) for number in range(1_001)])
    assert [len(chunk) async for chunk in read_rows(parts(body), CSV, max_bytes=1 << 30)] == [
        500,
        500,
        1,
    ]


@needs_shared
async def test_every_row_of_the_sample_is_a_dose() -> None:
    found = await read((SHARED / "sample" / "doses.csv").read_bytes())
    answers = [
        parse_row(row.raw, today=date(2022, 6, 1), facilities=None) for row in found if row.raw
    ]
    assert len(answers) == len(found) == 12_534
    assert [answer for answer in answers if answer.dose is None] == []
    doses = [answer.dose for answer in answers if answer.dose]
    assert all(
        bool(dose.person.passport_number) == (dose.person.nationality != "VN") for dose in doses
    )
