from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.db import DatabaseSettings, async_url
from services.chassis.migrate import upgrade
from services.records.__main__ import MIGRATIONS
from services.records.schema import metadata


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


def _back_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


_STUCK = (
    (
        "INSERT INTO problem (dose_id, version, grade, reasons, facility_code, residence,"
        " in_review) SELECT n, 1, 'not_found', '{}', '', '', false FROM generate_series(1, 3) AS n"
    ),
    "INSERT INTO assignment (dose_id, assignee, assigned_by) SELECT dose_id, '', '' FROM problem",
    # of the third an older version was withdrawn, before that was made impossible
    (
        "INSERT INTO dose_status (dose_id, version, state) VALUES (1, 1, 'withdrawn'), (2, 1,"
        " 'needs_correction'), (3, 0, 'withdrawn')"
    ),
)


async def test_what_was_withdrawn_before_it_was_judged_leaves_the_worklist(
    database: DatabaseSettings,
) -> None:
    await upgrade(database, MIGRATIONS)
    engine = create_async_engine(async_url(database.url.get_secret_value()))
    async with engine.begin() as connection:
        await connection.run_sync(_back_to, "0006")
        for statement in _STUCK:
            await connection.execute(text(statement))
    await upgrade(database, MIGRATIONS)
    async with engine.connect() as connection:
        left = [
            set((await connection.execute(text(f"SELECT dose_id FROM {table}"))).scalars())
            for table in ("problem", "assignment")
        ]
    await engine.dispose()
    assert left == [{2, 3}, {2, 3}]
