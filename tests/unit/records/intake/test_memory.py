"""Memory does not grow with the file."""

import tracemalloc
from collections.abc import AsyncIterator, Callable

import pytest

from services.records.intake import rows
from tests.support.files import CSV, JSON, NDJSON, csv_file, json_file, ndjson_file, typed

_MANY = [typed(number) for number in range(500)]
_SIZE, _BOUND = 30_000_000, 8_000_000

Body = Callable[[], AsyncIterator[bytes]]


async def _csv() -> AsyncIterator[bytes]:
    header, lines = csv_file(_MANY).split(b"\r\n", 1)
    yield header + b"\r\n"
    for _ in range(_SIZE // len(lines)):
        yield lines


async def _json() -> AsyncIterator[bytes]:
    doses = json_file(_MANY).removeprefix(b'{"doses": [').removesuffix(b"]}")
    yield b'{"doses": ['
    for _ in range(_SIZE // len(doses)):
        yield doses + b","
    yield doses + b"]}"


async def _ndjson() -> AsyncIterator[bytes]:
    lines = ndjson_file(_MANY) + b"\n"
    for _ in range(_SIZE // len(lines)):
        yield lines


@pytest.mark.parametrize(("body", "media_type"), [(_csv, CSV), (_json, JSON), (_ndjson, NDJSON)])
async def test_thirty_megabytes_pass_through_eight(body: Body, media_type: str) -> None:
    tracemalloc.start()
    try:
        count = 0
        async for chunk in rows(body(), media_type, max_bytes=1 << 30):
            count += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 30_000
    assert peak < _BOUND
