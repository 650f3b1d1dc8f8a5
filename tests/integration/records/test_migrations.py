from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.db import DatabaseSettings, async_url
from services.chassis.migrate import upgrade
from services.records.__main__ import MIGRATIONS
from services.records.schema import metadata


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_server_default": True}), metadata))


async def test_a_migrated_database_is_what_the_schema_says_and_a_second_migration_changes_nothing(database: DatabaseSettings) -> None:
    await upgrade(database, MIGRATIONS)
    await upgrade(database, MIGRATIONS)
    engine = create_async_engine(async_url(database.url.get_secret_value()))
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert [one for one in differences if "alembic_version" not in str(one)] == []
