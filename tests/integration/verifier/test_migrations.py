"""The migrations lead to the schema that the stores are written for."""

from collections.abc import Callable

import asyncpg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.db import DatabaseSettings, async_url
from services.chassis.migrate import upgrade
from services.verifier.__main__ import MIGRATIONS
from services.verifier.schema import metadata
from tests.support.postgres import PostgresServer


def _differences(connection: Connection) -> list[object]:
    return list(
        compare_metadata(
            MigrationContext.configure(connection, opts={"compare_server_default": True}), metadata
        )
    )


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


_VERIFICATION = (
    "INSERT INTO verification (dose_id, version, batch_id, source_id, facility_code, residence,"
    " grade, algorithm, number, used) VALUES ({}, 1, 1, '', '', '', '{}', 'a', 7, 8)"
)
_DECISION = (
    "INSERT INTO decision (dose_id, version, fingerprint, kind, persons, note_code, decided_by,"
    " in_force) VALUES (1, 1, 1, 'confirm', '', '', '', true)"
)


async def test_what_was_verified_and_decided_before_doses_were_held_stays_and_the_way_back_is_open(
    postgres: PostgresServer,
) -> None:
    database = DatabaseSettings(url=SecretStr(await postgres.database_url("verifier")))
    await _move(database, command.upgrade, "0005")
    connection = await asyncpg.connect(database.url.get_secret_value())
    await connection.execute(_VERIFICATION.format(1, "exact"))
    await connection.execute(_DECISION)
    await _move(database, command.upgrade, "head")
    row = await connection.fetchrow("SELECT doubts, typed, rests_on FROM verification")
    assert row is not None
    assert dict(row) == dict.fromkeys(("doubts", "typed", "rests_on"))
    row = await connection.fetchrow("SELECT doubts, reason, approval_reason FROM decision")
    assert row is not None
    assert dict(row) == {"doubts": [], "reason": None, "approval_reason": None}
    await connection.execute(_VERIFICATION.format(2, "exempt"))
    await _move(database, command.downgrade, "0005")
    rows = await connection.fetch("SELECT grade, number, used FROM verification ORDER BY dose_id")
    assert [tuple(row) for row in rows] == [("exact", 7, 8), ("exempt", None, None)]
    await _move(database, command.upgrade, "head")
    await connection.close()


async def test_a_migrated_database_is_what_the_schema_says_and_a_second_migration_changes_nothing(
    postgres: PostgresServer,
) -> None:
    database = DatabaseSettings(url=SecretStr(await postgres.database_url("verifier")))
    await upgrade(database, MIGRATIONS)
    await upgrade(database, MIGRATIONS)
    engine = create_async_engine(async_url(database.url.get_secret_value()))
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert [one for one in differences if "alembic_version" not in str(one)] == []
