"""A service whose database is away for a while: it answers 503, as it would on a bad day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import make_url

from services.chassis.db import plain_dsn
from tests.support.stack import System


@asynccontextmanager
async def database_away(system: System, name: str) -> AsyncIterator[None]:
    """Nobody but the administrator is let into the database of `name` meanwhile."""
    url = make_url(system.stack.databases[name])
    admin = url.set(username="postgres", database="postgres").render_as_string(False)
    connection = await asyncpg.connect(plain_dsn(admin))
    try:
        await connection.execute(f"ALTER DATABASE {url.database} CONNECTION LIMIT 0")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            url.database,
        )
        try:
            yield
        finally:
            await connection.execute(f"ALTER DATABASE {url.database} CONNECTION LIMIT -1")
    finally:
        await connection.close()
