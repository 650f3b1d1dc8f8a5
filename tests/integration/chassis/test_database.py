"""A pool of connections: none comes back from a cancelled task with a transaction that is open."""

import asyncio

import anyio
from pydantic import SecretStr
from sqlalchemy import text

from services.chassis.db import Database, DatabaseSettings
from tests.support.postgres import PostgresServer, postgres  # noqa: F401

_WORK = text("SELECT count(*) FROM kept, generate_series(1, 2000)")
_TIMES = 60


async def test_what_is_written_after_a_cancelled_task_is_really_committed(
    postgres: PostgresServer,
) -> None:
    settings = DatabaseSettings(
        url=SecretStr(await postgres.database_url("cancelled")), pool_size=2
    )
    async with Database.open(settings) as db, Database.open(settings) as other:

        async def read_on() -> None:
            while True:
                async with db.begin() as tx:
                    await tx.execute(_WORK)

        async with db.begin() as tx:
            await tx.execute(text("CREATE TABLE kept (number int)"))
        for number in range(_TIMES):
            # as a client's hanging up ends a streamed answer: at every await, in its clean-up too,
            # and at any point of its transactions
            async with anyio.create_task_group() as group:
                group.start_soon(read_on)
                await asyncio.sleep(number * 0.0004)
                group.cancel_scope.cancel()
            async with db.begin() as tx:
                await tx.execute(text("INSERT INTO kept VALUES (:number)"), {"number": number})
            async with other.begin() as tx:
                kept = (await tx.execute(text("SELECT count(*) FROM kept"))).scalar_one()
            assert kept == number + 1
