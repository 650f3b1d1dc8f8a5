import re
from collections.abc import Callable

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.db import DatabaseSettings, async_url
from services.chassis.migrate import upgrade
from services.signer.app import MIGRATIONS
from services.signer.schema import metadata
from tests.support.paths import RUNBOOK


def _differences(connection: Connection) -> list[object]:
    return list(
        compare_metadata(
            MigrationContext.configure(connection, opts={"compare_server_default": True}), metadata
        )
    )


async def test_a_migrated_database_is_what_the_schema_says_and_a_second_migration_changes_nothing(
    database: DatabaseSettings,
) -> None:
    await upgrade(database, MIGRATIONS)
    await upgrade(database, MIGRATIONS)
    engine = create_async_engine(async_url(database.url.get_secret_value()))
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert [one for one in differences if "alembic_version" not in str(one)] == []


async def _move(
    database: DatabaseSettings, move: Callable[[Config, str], None], revision: str
) -> None:
    """Takes the database to a revision, up or down."""

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        move(config, revision)

    engine = create_async_engine(async_url(database.url.get_secret_value()))
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


_COLUMNS = "dose_id, version, uvci, kid, person, date_given, claims, issued_at, expires_at"


@pytest.mark.parametrize("prepared", [False, True])
async def test_certificates_of_before_the_renewals_become_first_editions(
    database: DatabaseSettings, prepared: bool
) -> None:
    await _move(database, command.upgrade, "0001")
    connection = await asyncpg.connect(database.url.get_secret_value())
    await connection.execute(
        f"INSERT INTO intent ({_COLUMNS}) VALUES (1, 1, 'U', '', 0, '2021-01-01', '', now(), now())"
    )
    await connection.execute(
        "INSERT INTO signature (dose_id, version, signature) VALUES (1, 1, '')"
    )
    if prepared:
        (block,) = re.findall(
            r"```\n(ALTER TABLE intent.+?)```", (RUNBOOK / "upgrade.md").read_text(), re.DOTALL
        )
        for statement in filter(None, map(str.strip, block.split(";"))):
            await connection.execute(statement)
    await upgrade(database, MIGRATIONS)
    for table in ("intent", "signature"):
        assert await connection.fetchval(f"SELECT edition FROM {table}") == 1
        key = await connection.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1",
            f"{table}_pkey",
        )
        assert key == "PRIMARY KEY (dose_id, version, edition)"
    (index,) = [
        row[0]
        for row in await connection.fetch(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'intent_expires_at'"
        )
    ]
    assert "USING brin (expires_at) WITH (pages_per_range='256', autosummarize=" in index
    await _move(database, command.downgrade, "0001")
    assert (
        await connection.fetchval(
            "SELECT count(*) FROM intent JOIN signature USING (dose_id, version)"
        )
        == 1
    )
    await connection.close()
