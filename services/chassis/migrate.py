"""Brings a service's database to its newest schema: one alembic history a service, one migrator at
a time.

The owner of the tables does it, before the service starts (`python -m services.<name> migrate`),
and gives the service's user its rights. A service that starts only looks whether it was done. Where
its user owns the tables itself, as in tests, it does it too.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import structlog
from alembic import command, context
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from services.chassis.database_rights import grant_rights, owns_audit
from services.chassis.db import DatabaseSettings
from services.chassis.environment import FromEnvironment
from services.chassis.transient import is_transient

_LOCK = 4_206_202_204
_PATIENCE_S = 60.0
_log = structlog.get_logger()
Answer = TypeVar("Answer")


class MigratedDatabase(DatabaseSettings):
    """The service's database, and who owns its tables; the service is never told the latter.

    `owner_url`: the same database as its owner reaches it; none: the service's user owns it.
    """

    owner_url: SecretStr | None = None
    owner_password_file: Path | None = None

    @property
    def owner(self) -> DatabaseSettings:
        """How the owner connects."""
        if self.owner_url is None:
            return self
        return DatabaseSettings(url=self.owner_url, password_file=self.owner_password_file)


class MigrationSettings(FromEnvironment):
    """`DATABASE_URL`, of which only the user is needed, and `DATABASE_OWNER_URL`."""

    database: MigratedDatabase


class SchemaError(Exception):
    """A service must not start on this database; the text says what to do."""


async def migrate(cfg: MigratedDatabase, folder: Path) -> None:
    """Migrates as the owner, and gives the service's user its rights where another role owns the
    tables.
    """
    user = cfg.address.username if cfg.owner_url is not None else None
    await upgrade(cfg.owner, folder, user)


async def require_schema(cfg: DatabaseSettings, folder: Path, *, may_own: bool) -> None:
    """Returns where the database is at this release's schema or a newer one; migrates where the
    user owns it and may.

    SchemaError where it must be migrated first, or where the user owns the audit and must not.
    """
    if await _patiently(lambda: _connected(cfg, _owns)):
        if not may_own:
            raise SchemaError(
                "The user of DATABASE_URL owns the audit and could change it; production refuses"
                " that: docs/operations/upgrade.md, 'Owners of the databases'. / Tài khoản của"
                " DATABASE_URL sở hữu nhật ký truy cập; hãy tách chủ sở hữu."
            )
        await upgrade(cfg, folder)
        return
    revision, wanted = await _patiently(lambda: _connected(cfg, _revision)), newest(folder)
    if revision < wanted:
        raise SchemaError(
            f"The database's schema is {revision or 'empty'}, this release needs {wanted}: run"
            f" `python -m {_program(folder)} migrate` first. / Hãy chạy lệnh migrate"
            " trước khi khởi động."
        )


def _program(folder: Path) -> str:
    room = folder.parent
    return f"services.{room.name}" if room.parent.name == "services" else room.name


def newest(folder: Path) -> str:
    """The number of a folder's last migration."""
    return max(file.name.split("_")[0] for file in (folder / "versions").glob("[0-9]*.py"))


async def upgrade(cfg: DatabaseSettings, folder: Path, user: str | None = None) -> None:
    """Runs the migrations of `folder` that the database has not seen; waits while another process
    does, and a minute for the database.

    `user`: who gets the rights of a service.
    """
    await _patiently(lambda: _connected(cfg, lambda connection: _upgrade(connection, folder, user)))


async def _patiently(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return await attempt()
        except Exception as error:
            if not is_transient(error) or time.monotonic() > deadline:
                raise
            _log.warning("database_is_waited_for", error=type(error).__name__)
        await asyncio.sleep(1.0)


async def _connected(
    cfg: DatabaseSettings, work: Callable[[AsyncConnection], Awaitable[Answer]]
) -> Answer:
    engine = create_async_engine(cfg.address)
    try:
        async with engine.begin() as connection:
            return await work(connection)
    finally:
        await engine.dispose()


async def _owns(connection: AsyncConnection) -> bool:
    return await connection.run_sync(owns_audit)


async def _revision(connection: AsyncConnection) -> str:
    """The number of the last migration that ran; empty where none did."""
    exists = await connection.scalar(text("SELECT to_regclass('public.alembic_version')"))
    if exists is None:
        return ""
    return str(await connection.scalar(text("SELECT max(version_num) FROM alembic_version")) or "")


async def _upgrade(connection: AsyncConnection, folder: Path, user: str | None) -> None:
    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    # a migration that cannot have its lock soon gives up instead of making every query queue
    # behind it
    await connection.execute(text("SET LOCAL lock_timeout = '4s'"))
    await connection.run_sync(_run, folder)
    if user is not None:
        await connection.run_sync(grant_rights, user)


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
