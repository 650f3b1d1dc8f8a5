"""Brings a service's database to its newest schema at start: one alembic history a service, one migrator at a time."""

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.db import DatabaseSettings

_LOCK = 4_206_202_204


async def upgrade(cfg: DatabaseSettings, folder: Path) -> None:
    """Runs the migrations of `folder` that the database has not seen; waits while another process does."""
    engine = create_async_engine(cfg.address)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            # a migration that cannot have its lock soon gives up instead of making every query queue behind it
            await connection.execute(text("SET LOCAL lock_timeout = '4s'"))
            await connection.run_sync(_run, folder)
    finally:
        await engine.dispose()


def _run(connection: Connection, folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_env() -> None:
    """What every service's `migrations/env.py` calls."""
    context.configure(connection=context.config.attributes["connection"])
    with context.begin_transaction():
        context.run_migrations()
