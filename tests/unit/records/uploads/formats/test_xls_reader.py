"""XLS: read in a process of its own, that a hostile file may end but nothing else."""

import asyncio
import struct
import tempfile
import time
from typing import Any

import pytest

from services.chassis.errors import ServiceError
from services.records.uploads.formats import xls_reader
from tests.support.files import read, typed
from tests.support.workbooks import Page, biff_cell, compound, lines_of, xls_book

XLS = "application/vnd.ms-excel"
RAWS = [typed(1), typed(2, full_name="Lê Bảo Tú")]


async def fault(body: bytes) -> tuple[int, str]:
    with pytest.raises(ServiceError) as raised:
        await read(body, XLS)
    return raised.value.status, raised.value.code


async def test_its_rows_are_those_of_the_same_csv() -> None:
    lines = [*lines_of(RAWS)]
    lines[1] = [2.0 if cell == "2" else cell for cell in lines[1]]
    assert [row.raw for row in await read(xls_book(Page("A", lines)), XLS)] == RAWS


async def test_a_list_of_many_rows_comes_whole() -> None:
    raws = [typed(number) for number in range(1_201)]
    assert [row.raw for row in await read(xls_book(Page("A", lines_of(raws))), XLS)] == raws


def stream(cells: bytes) -> bytes:
    """A workbook stream whose one sheet holds these records."""
    book = xls_book(Page("A", [["x"]]))
    begin = book[512 : 512 + 4096]
    label = biff_cell(0, 0, "x")
    at = begin.index(label)
    return compound(
        {"Workbook": begin[:at] + cells + begin[at + len(label) :].rstrip(b"\0") + b"\0\0"}
    )


@pytest.mark.parametrize(
    "cells",
    [
        biff_cell(0, 0, "x") + biff_cell(65_535, 65_535, "x"),
        struct.pack("<HHIIHHH", 0x0200, 14, 0, 0xFFFFFFFF, 0, 0xFFFF, 0) + biff_cell(0, 0, "x"),
    ],
    ids=["far cell", "dimensions"],
)
async def test_one_that_asks_for_all_memory_is_refused(cells: bytes) -> None:
    begun = time.monotonic()
    assert (await fault(stream(cells)))[0] in (413, 422)
    assert time.monotonic() - begun < 60


async def test_one_with_a_password_is_told_so() -> None:
    safe = compound({"EncryptedPackage": b"x" * 5_000, "EncryptionInfo": b"x" * 5_000})
    assert await fault(safe) == (422, "WORKBOOK_PASSWORD")
    locked = struct.pack("<HHH", 0x002F, 2, 1)
    book = xls_book(Page("A", [["x"]]))
    begin = book[512 : 512 + 4096]
    assert await fault(compound({"Workbook": begin[:20] + locked + begin[20:]})) == (
        422,
        "WORKBOOK_PASSWORD",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        compound({"WordDocument": b"x"}),
        xls_book()[:700],
        b"",
    ],
)
async def test_a_broken_one_is_a_clear_422(body: bytes) -> None:
    assert await fault(body) == (422, "WORKBOOK_BROKEN")


async def test_workbooks_are_read_one_at_a_time_and_who_waits_too_long_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = xls_book(Page("A", lines_of(RAWS)))
    monkeypatch.setattr(xls_reader, "_TURN_S", 0.1)
    async with xls_reader._in_turn():
        assert await fault(book) == (503, "WORKBOOKS_WAIT")
    assert len(await read(book, XLS)) == len(RAWS)


async def test_a_reader_who_leaves_in_the_middle_gives_the_turn_back() -> None:
    book = xls_book(Page("A", lines_of([typed(number) for number in range(2_000)])))
    with tempfile.TemporaryFile() as file:
        file.write(book)
        left = xls_reader.parts(file)
        await anext(left)
        await left.aclose()  # type: ignore[attr-defined]
    assert len(await read(book, XLS)) == 2_000


async def test_the_parser_sees_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, str] = {}
    start = asyncio.create_subprocess_exec

    async def watched(*command: str, env: dict[str, str], **options: Any) -> Any:
        seen.update(env)
        return await start(*command, env=env, **options)

    monkeypatch.setenv("DATABASE_URL", "secret")
    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    await read(xls_book(Page("A", lines_of(RAWS))), XLS)
    assert set(seen) == {"PYTHONPATH"}
