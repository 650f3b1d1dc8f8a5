"""Reading keeps no one waiting: it is linear in the file, and others get their turn even where no
line is a row.
"""

import asyncio
import time

import pytest

from services.chassis.errors import ServiceError
from tests.support.files import CSV, XLSX, csv_file, read, typed, xlsx_file

HEADER = csv_file([])


@pytest.mark.parametrize(
    "line", ['""\n\n', '"\n', '"a","\n', '"a\n"\n', '"\n' + "\n" * 40], ids=range(5)
)
async def test_quotation_marks_that_open_again_and_again_are_read_in_linear_time(line: str) -> None:
    body = (
        HEADER + line.encode() * (150_000 // len(line)) + csv_file([typed()]).split(b"\r\n", 1)[1]
    )
    begun = time.process_time()
    found = await read(body, size=1 << 18)
    # a twentieth of a second; it was half a minute
    assert time.process_time() - begun < 5
    assert found[-1].raw == typed()


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (HEADER + b"\n" * 1_000_000, CSV),
        (HEADER + b'""\n\n' * 250_000, CSV),
        (xlsx_file([HEADER.decode().strip().split(","), *[["", " "]] * 5_000]), XLSX),
    ],
    ids=["csv", "quoted", "xlsx"],
)
async def test_blank_rows_let_others_have_their_turn(body: bytes, media_type: str) -> None:
    turns, done = 0, False

    async def others() -> None:
        nonlocal turns
        while not done:
            await asyncio.sleep(0)
            turns += 1

    waiting = asyncio.create_task(others())
    await asyncio.sleep(0)
    with pytest.raises(ServiceError, match="NO_ROWS"):
        await read(body, media_type, size=1 << 24)
    done = True
    await waiting
    assert turns > 12
