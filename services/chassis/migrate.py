"""Brings a service's database to its newest schema at start: one alembic history a service, one
migrator at a time.
"""

import asyncio
import time
from pathlib import Path

import structlog
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.db import DatabaseSettings
from services.chassis.transient import is_transient

_LOCK = 4_206_202_204
_PATIENCE_S = 60.0
_log = structlog.get_logger()


async def upgrade(cfg: DatabaseSettings, folder: Path) -> None:
    """Runs the migrations of `folder` that the database has not seen; waits while another process
    does, and a minute for the database.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return await _upgrade(cfg, folder)
        except Exception as error:
            if not is_transient(error) or time.monotonic() > deadline:
                raise
            _log.warning("database_is_waited_for", error=type(error).__name__)
        await asyncio.sleep(1.0)


async def _upgrade(cfg: DatabaseSettings, folder: Path) -> None:
    engine = create_async_engine(cfg.address)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            # a migration that cannot have its lock soon gives up instead of making every query
            # queue behind it
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
