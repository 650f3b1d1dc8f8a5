"""Files of garbage: the database grows by no more than a constant times what was sent."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from contracts.access import Role
from services.records.context import Context
from services.records.quotas import upload_quotas
from services.records.settings import UploadSettings
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.row_messages import KNOWN, kept, told
from services.records.uploads.unreadable_rows import FEW, RUN
from tests.integration.records.conftest import Records
from tests.support.files import CSV, JSON, NDJSON, XLSX, csv_file, json_file, typed, xlsx_file

FHIR = "application/fhir+json"
AMPLIFICATION = 40
"""Bytes of the database for each byte of a file, beyond what a small file costs anyway."""
SMALL = 200_000
ROWS = 20_000
_NAMES = list(HEADERS.values())


def _csv(cells: Callable[[int], list[str]]) -> bytes:
    return "\n".join(",".join(line) for line in [_NAMES, *map(cells, range(ROWS))]).encode()


def _good(number: int) -> list[str]:
    raw = typed(number, sex="?", lot="!")
    return [getattr(raw, field) for field in HEADERS]


_BUNDLE = b'{"resourceType":"Bundle","type":"collection","entry":['
_SHAPES = b'{"lot":[],"source_id":{},"person":1},'
GARBAGE = {
    "empty objects": (JSON, b'{"doses":[' + b"{}," * ROWS * 5 + b"{}]}"),
    "no objects": (JSON, b'{"doses":[' + b"1," * ROWS * 5 + b"1]}"),
    "lists": (JSON, b'{"doses":[' + b"[]," * ROWS * 5 + b"[]]}"),
    "one field": (JSON, b'{"doses":[' + b'{"lot":"x"},' * ROWS + b"{}]}"),
    "a little text": (JSON, b'{"doses":[' + b'{"lot":"0123456789abcdef"},' * ROWS + b"{}]}"),
    "wrong shapes": (JSON, b'{"doses":[' + _SHAPES * ROWS + b"{}]}"),
    "lines that are no JSON": (NDJSON, b"x\n" * ROWS * 5),
    "empty lines of JSON": (NDJSON, b"{}\n" * ROWS * 5),
    "short lines": (CSV, ",".join(_NAMES).encode() + b"\n" + b"x\n" * ROWS * 5),
    "long lines": (CSV, ",".join(_NAMES).encode() + b"\n" + b"x" + b"," * 20 + b"y\n" * ROWS),
    "cells of one letter": (CSV, _csv(lambda _: ["x"] * len(_NAMES))),
    "wrong rows": (CSV, _csv(_good)),
    "half garbage": (CSV, _csv(lambda at: _good(at) if at % 2 else ["x"])),
    "open quotes": (CSV, ",".join(_NAMES).encode() + b"\n" + b'"x\n' * ROWS),
    "empty entries": (FHIR, _BUNDLE + b"{}," * ROWS * 5 + b"{}]}"),
    "empty injections": (
        FHIR,
        _BUNDLE + b'{"resource":{"resourceType":"Immunization"}},' * ROWS + b"{}]}",
    ),
    "a workbook": (XLSX, xlsx_file([_NAMES, *(["x", str(at)] for at in range(ROWS))])),
}  # fmt: skip


async def _size(context: Context) -> int:
    async with context.db.begin() as tx:
        return int(await tx.raw.fetchval("SELECT pg_database_size(current_database())"))


@pytest.mark.parametrize("kind", GARBAGE)
async def test_a_file_grows_the_database_by_a_constant_times_its_size_at_most(
    records: Records, context: Context, kind: str
) -> None:
    media_type, content = GARBAGE[kind]
    before = await _size(context)
    answer = await records.caller(Role.SERVICE).ask(
        "POST", "/batches", content=content, headers={"Content-Type": media_type}
    )
    assert answer.status_code in (202, 422), answer.text
    grown = await _size(context) - before
    assert grown < SMALL + AMPLIFICATION * len(content), (grown, len(content), answer.text[:300])


async def test_a_file_that_begins_with_nothing_leaves_nothing(
    records: Records, context: Context
) -> None:
    answer = await records.caller(Role.SERVICE).ask(
        "POST", "/batches", content=b'{"doses":[' + b"{}," * 100_000 + b"{}]}",
        headers={"Content-Type": JSON},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "NOTHING_READABLE")
    assert answer.json()["detail_vi"]
    async with context.db.begin() as tx:
        assert await tx.raw.fetchval("SELECT count(*) FROM batch") == 0


@pytest.mark.parametrize("caller", [(Role.SERVICE, {}), (Role.FACILITY, {"facility": "68001"})])
async def test_rows_before_the_garbage_stay_and_the_rest_is_told_to_be_unread(
    records: Records, caller: tuple[Role, dict[str, str]]
) -> None:
    good = json.loads(json_file([typed(number) for number in range(30)]))["doses"]
    told_once = await records.caller(caller[0], **caller[1]).upload(
        json.dumps({"doses": [*good, *([{}] * 5000), *good]}).encode(), JSON
    )
    assert (told_once["accepted"], told_once["rejected"]) == (30, FEW + 1)
    assert told_once["received"] == told_once["accepted"] + told_once["rejected"]
    assert told_once["not_read_from"] == 30 + FEW + 2
    assert told_once["notices"][0]["code"] == "NOT_READ_ON"
    batch = await records.caller().get(f"/batches/{told_once['batch_id']}")
    assert (batch["status"], batch["accepted"]) == ("broken", 30)
    assert batch["notices"][0]["message"]


async def test_a_long_run_ends_a_file_however_much_was_read_before(records: Records) -> None:
    good = [typed(number, source_id=f"s{number}") for number in range(3000)]
    doses = json.loads(json_file(good))["doses"]
    answer = await records.caller(Role.SERVICE).upload(
        json.dumps({"doses": [*doses, *([{}] * 2500)]}).encode(), JSON
    )
    assert (answer["accepted"], answer["rejected"]) == (3000, RUN + 1)


async def test_fifteen_thousand_wrong_rows_all_come_back(records: Records) -> None:
    wrong = [typed(number, source_id=f"s{number}", lot="!") for number in range(15_000)]
    answer = await records.caller(Role.SERVICE).upload(csv_file(wrong))
    assert (answer["rejected"], answer["not_read_from"]) == (15_000, None)
    rows = (await records.caller().get(f"/batches/{answer['batch_id']}/rows", limit=1))["items"]
    assert rows[0]["errors"][0]["code"] == "LOT_UNREADABLE"
    assert rows[0]["errors"][0]["message"].startswith("Số lô")
    assert rows[0]["errors"][0]["message_en"]


async def test_a_sender_has_a_quota_of_rejected_rows_and_of_bytes(
    records: Records, context: Context
) -> None:
    limits = UploadSettings(rejected_per_sender="30 per day", bytes_per_sender="1000000 per day")
    object.__setattr__(context, "quotas", upload_quotas(limits))
    clinic = records.caller(Role.FACILITY, facility="68001")
    wrong = csv_file([typed(number, lot="!") for number in range(20)])
    assert (await clinic.upload(wrong))["rejected"] == 20

    async def send(content: bytes, caller: Any = clinic) -> Any:
        return await caller.ask("POST", "/batches", content=content, headers={"Content-Type": CSV})

    colleague = records.caller(Role.FACILITY, facility="68001", subject="a colleague")
    for _ in range(2):
        refused = await send(wrong, colleague)
        assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MUCH_SENT")
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["detail_vi"]
    another = records.caller(Role.FACILITY, facility="68002")
    assert (await send(csv_file([typed(facility_code="68002")]), another)).status_code == 202
    large = csv_file([typed(number, facility_code="68003") for number in range(9000)])
    assert len(large) > 1_000_000
    refused = await send(large, records.caller(Role.FACILITY, facility="68003"))
    assert refused.status_code == 429


def test_messages_that_the_code_knows_are_kept_as_codes_and_told_in_their_order() -> None:
    some = list(KNOWN.values())[:3]
    named = some[0].__class__("lot", "NAMED", "Của ô 17", "Of cell 17")
    short = kept([some[0], named, some[1]])
    assert "Của ô 17" not in str(short.codes)
    assert len(short.whole) == 1
    added_later = {"field": "", "code": "TEXT_FORGOTTEN", "message": "x", "message_en": "x"}
    assert told(short.codes, [*short.whole, added_later]) == [
        *(message.as_json() for message in (some[0], named, some[1])), added_later,
    ]  # fmt: skip
    assert told(None, [added_later]) == [added_later]
    assert told("lot=OF_ANOTHER_RELEASE", [])[0]["code"] == "OF_ANOTHER_RELEASE"
    assert all(" " not in key for key in KNOWN)
