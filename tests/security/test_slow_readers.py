"""Clients that take a file and do not read it stop nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx

from contracts.access import Role
from deploy.local import issuer
from services.chassis.db import plain_dsn
from tests.support.files import csv_file, typed
from tests.support.siege import besieged
from tests.support.stack import System

READERS = 60
ROWS = 6_000


@asynccontextmanager
async def _unread(system: System, path: str, subject: str) -> AsyncIterator[int]:
    """A request whose answer is not read; gives its status."""
    host, port = system.stack.origin.removeprefix("http://").split(":")
    token = issuer.token(system.stack.home, Role.SERVICE, subject=subject)
    # hardly anything fits into the buffers on its way
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 10)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        yield int((await reader.readline()).split()[1])
    finally:
        writer.close()


async def _idle(system: System) -> int:
    """Transactions of records that wait for their process."""
    connection = await asyncpg.connect(plain_dsn(system.stack.databases["records"]))
    try:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state LIKE 'idle in transaction%' AND state_change < now() - interval '1 s'"
            )
        )
    finally:
        await connection.close()


async def test_files_that_nobody_reads_hold_no_transaction_and_stop_nobody(target: System) -> None:
    raws = [typed(number, source_id=f"slow-{number}", lot="!") for number in range(ROWS)]
    async with target.client() as client:
        sent = await client.post(
            "/records/v1/batches", content=csv_file(raws), headers={"Content-Type": "text/csv"}
        )
        assert sent.status_code == 202, sent.text
    path = f"/records/v1/batches/{sent.json()['batch_id']}/rows.csv"
    async with besieged(target), _all_unread(target, path) as statuses:
        assert set(statuses) <= {200, 429}
        assert statuses.count(200) > 20
        await asyncio.sleep(2)
        assert await _idle(target) == 0
    async with httpx.AsyncClient(
        base_url=target.stack.origin, timeout=30,
        headers={"Authorization": f"Bearer {issuer.token(target.stack.home, Role.SERVICE)}"},
    ) as honest:  # fmt: skip
        assert (await honest.get(path)).content.count(b"slow-") == ROWS


async def test_one_caller_takes_a_few_files_at_a_time(target: System) -> None:
    path = "/records/v1/worklist.csv"
    async with target.client(Role.MINISTRY, subject="greedy") as client:
        answers = await asyncio.gather(*(client.get(path) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {200, 429}
    assert all(
        answer.json()["code"] == "TOO_MANY_EXPORTS" and "retry-after" in answer.headers
        for answer in answers
        if answer.status_code == 429
    )


@asynccontextmanager
async def _all_unread(system: System, path: str) -> AsyncIterator[list[int]]:
    opened = [_unread(system, path, f"reader-{at % 30}") for at in range(READERS)]
    statuses = await asyncio.gather(*(one.__aenter__() for one in opened))
    try:
        yield list(statuses)
    finally:
        await asyncio.gather(*(one.__aexit__(None, None, None) for one in opened))
