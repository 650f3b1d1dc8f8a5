"""Memory does not grow with the file."""

import json
import tracemalloc
from collections.abc import AsyncIterator, Callable
from itertools import chain

import pytest

from services.chassis.errors import ServiceError
from services.records.uploads.formats import read_rows
from services.records.uploads.formats.fhir import directory
from tests.support.fhir import FHIR, entry, immunization, patient
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


async def _fhir() -> AsyncIterator[bytes]:
    told = {"status": "generated", "div": "<div>" + "Vắc xin " * 500 + "</div>"}
    entries = json.dumps(
        [
            entry(immunization(raw, "#p", contained=[patient(raw, id="p")], text=told))
            for raw in _MANY[:25]
        ]
    )[1:-1].encode()
    yield b'{"resourceType": "Bundle", "type": "collection", "entry": ['
    for _ in range(_SIZE // len(entries)):
        yield entries + b","
    yield entries + b"]}"


@pytest.mark.parametrize(
    ("body", "media_type"), [(_csv, CSV), (_json, JSON), (_ndjson, NDJSON), (_fhir, FHIR)]
)
async def test_thirty_megabytes_pass_through_eight(body: Body, media_type: str) -> None:
    tracemalloc.start()
    try:
        count = 0
        async for chunk in read_rows(body(), media_type, max_bytes=1 << 30):
            count += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 3_000
    assert peak < _BOUND


async def _people(many: int, *, first: bool) -> AsyncIterator[bytes]:
    """A bundle of people apart from their doses, all of them before these, or all after."""
    people = (entry(patient(typed(number))) for number in range(many))
    doses = (
        entry(immunization(typed(number), f"Patient/p-68001-{number:07}")) for number in range(many)
    )
    yield b'{"resourceType": "Bundle", "type": "collection", "entry": [null'
    for one in chain(people, doses) if first else chain(doses, people):
        yield b"," + json.dumps(one).encode()
    yield b"]}"


@pytest.mark.parametrize("first", [True, False])
async def test_what_a_bundle_makes_us_hold_is_bounded(
    first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_HELD", directory.MAX_HELD // 16)
    assert (
        len(
            [
                row
                async for chunk in read_rows(_people(1_000, first=first), FHIR, max_bytes=1 << 30)
                for row in chunk
                if row.raw
            ]
        )
        == 1_000
    )
    peaks = []
    for count in (5_000, 10_000):
        tracemalloc.start()
        try:
            with pytest.raises(ServiceError, match="FHIR_BUNDLE_TOO_LARGE"):
                _ = [
                    chunk
                    async for chunk in read_rows(
                        _people(count, first=first), FHIR, max_bytes=1 << 30
                    )
                ]
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    # what else lives in the process moves the figure by a tenth; a larger bundle must not
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[0] < 6_000_000
