"""Files of garbage neither fill the database nor keep others waiting."""

import asyncio

import asyncpg

from contracts.access import Role
from services.chassis.db import plain_dsn
from tests.support.siege import besieged
from tests.support.stack import System

_HEAD = b'{"doses":['
GARBAGE = (
    ("application/json", _HEAD + b"{}," * 100_000 + b"{}]}"),
    ("application/json", _HEAD + b'{"lot":"x"},' * 25_000 + b"{}]}"),
    ("application/json", _HEAD + b'{"lot":"0123456789abcdef"},' * 10_000 + b"{}]}"),
    ("application/x-ndjson", b"{\n" * 150_000),
    ("text/csv", "Mã bản ghi,Họ và tên,Ngày sinh,Số lô\n".encode() + b"x,,,\n" * 60_000),
)


async def _size(system: System) -> int:
    connection = await asyncpg.connect(plain_dsn(system.stack.databases["records"]))
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()


async def test_three_hundred_thousand_bytes_of_nothing_grow_the_database_by_little(
    target: System,
) -> None:
    before = await _size(target)
    async with besieged(target), target.client(Role.FACILITY, facility="79001") as clinic:
        for media_type, content in GARBAGE * 2:
            answer = await clinic.post(
                "/records/v1/batches", content=content, headers={"Content-Type": media_type}
            )
            assert answer.status_code in (202, 422), answer.text
            await asyncio.sleep(0)
    sent = sum(len(content) for _, content in GARBAGE * 2)
    assert await _size(target) - before < 40 * sent + (1 << 22)
