"""A disk that is full for a while: every other write to each table of each database fails, a few
times, as PostgreSQL says it (53100).

Each handler so fails at each of its statements in turn: what it wrote before must vanish with it,
and be there once it succeeds. The counts are sequences, which no rollback turns back.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.engine import make_url

from services.chassis.db import plain_dsn

FAILURES = 3
_TABLES = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    " ORDER BY 1"
)
_ARM = f"""
CREATE SCHEMA full_disk;
GRANT USAGE ON SCHEMA full_disk TO PUBLIC;
CREATE FUNCTION full_disk.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    write bigint := nextval('full_disk.' || TG_TABLE_NAME);
BEGIN
    IF write % 2 = 1 AND write < {2 * FAILURES} THEN
        RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END IF;
    RETURN NULL;
END
$$;
"""
_ARM_TABLE = """
CREATE SEQUENCE full_disk.{0};
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE OR DELETE ON {0} FOR EACH STATEMENT
  EXECUTE FUNCTION full_disk.fail();
"""
_DISARM_TABLE = "DROP TRIGGER IF EXISTS full_disk ON {0}"
_DISARM = "DROP SCHEMA IF EXISTS full_disk CASCADE"
_WRITES = (
    "SELECT sequencename, coalesce(last_value, 0) AS writes FROM pg_sequences WHERE schemaname ="
    " 'full_disk'"
)


@asynccontextmanager
async def full(
    databases: Mapping[str, str],
) -> AsyncIterator["dict[str, asyncpg.Connection[asyncpg.Record]]"]:
    """Writes fail inside the block; gives connections by database name."""
    held = {name: await asyncpg.connect(_as_administrator(url)) for name, url in databases.items()}
    try:
        for connection in held.values():
            await connection.execute(_ARM)
            await _on_each_table(connection, _ARM_TABLE)
        yield held
    finally:
        for connection in held.values():
            await _on_each_table(connection, _DISARM_TABLE)
            await connection.execute(_DISARM)
            await connection.close()


async def _on_each_table(connection: "asyncpg.Connection[asyncpg.Record]", statement: str) -> None:
    for row in await connection.fetch(_TABLES):
        # a transaction each: one that locked several tables would deadlock with the handlers
        await connection.execute(statement.format(row["tablename"]))


async def all_failed(
    held: "Mapping[str, asyncpg.Connection[asyncpg.Record]]",
    tables: Mapping[str, set[str]],
    patience_s: float,
) -> None:
    """Returns once writes to each of `tables` (by database) have failed as often as they will."""
    deadline = time.monotonic() + patience_s
    while True:
        writes = {
            (name, row[0]): row[1]
            for name, connection in held.items()
            for row in await connection.fetch(_WRITES)
        }
        spared = sorted(
            f"{name}.{table}"
            for name in tables
            for table in tables[name]
            if writes[name, table] < 2 * FAILURES
        )
        if not spared:
            return
        assert time.monotonic() < deadline, f"no write to {spared} failed often enough"
        await asyncio.sleep(0.2)


def _as_administrator(url: str) -> str:
    return plain_dsn(make_url(url).set(username="postgres").render_as_string(False))
