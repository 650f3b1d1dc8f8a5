"""One PostgreSQL database: transactions for SQLAlchemy Core statements, and COPY for bulk rows in
the same transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import asyncpg
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy import CursorResult, NullPool, Table, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.base import Executable

from services.chassis.locks import Locks

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class DatabaseSettings(BaseModel):
    """Where the database is (`postgresql://user:password@host:port/name`, or `?host=/socket/dir`)
    and how many connections to keep.

    `password_file`: holds the password, where the address does not. `idle_transaction_timeout_s`:
    seconds after which PostgreSQL ends a transaction whose process asks nothing; 0: never.
    """

    url: SecretStr
    password_file: Path | None = None
    pool_size: int = 8
    statement_timeout_s: int = 60
    idle_transaction_timeout_s: int = Field(60, ge=0)

    @property
    def address(self) -> URL:
        """The address for the asyncpg driver, with its password."""
        url = async_url(self.url.get_secret_value())
        return (
            url.set(password=self.password_file.read_text().strip()) if self.password_file else url
        )


class ConflictError(Exception):
    """A row that was believed to be new is there already: the transaction is void, and whoever
    opened it does it again, and asks first.
    """


class Transaction:
    """One unit of work; whoever opened it commits it, by leaving the block without an error."""

    def __init__(
        self,
        connection: AsyncConnection,
        raw: "asyncpg.Connection[asyncpg.Record]",
        optimistic: bool,
    ) -> None:
        self._connection = connection
        self._optimistic = optimistic
        self.raw = raw

    async def execute(self, statement: Executable, params: Params = None) -> CursorResult[Any]:
        """Runs one SQLAlchemy Core statement."""
        return cast(CursorResult[Any], await self._connection.execute(statement, params))

    async def copy(
        self, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Writes `rows` (tuples in the order of `columns`) by COPY."""
        await self.raw.copy_records_to_table(
            table.name, schema_name=table.schema, columns=list(columns), records=rows
        )

    async def copy_new(
        self, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> bool:
        """Writes rows that are believed to be new by COPY; False, and nothing written, where one is
        there already.

        Such a row voids an optimistic transaction: ConflictError. It is rare, and all
        others save a savepoint's two round trips.
        """
        try:
            if not self._optimistic:
                async with self.raw.transaction():
                    await self.copy(table, columns, rows)
            else:
                await self.copy(table, columns, rows)
        except asyncpg.UniqueViolationError as error:
            if not self._optimistic:
                return False
            raise ConflictError(table.name) from error
        return True


class Database:
    """A pool of connections to one database and one more for its locks, opened once a process."""

    def __init__(self, engine: AsyncEngine, locks: Locks) -> None:
        self._engine = engine
        self._locks = locks

    @classmethod
    @asynccontextmanager
    async def open(cls, cfg: DatabaseSettings) -> AsyncIterator["Database"]:
        """Holds a pool for the life of the process."""
        # transactions are opened by the driver itself (`begin`): SQLAlchemy would wait for its own
        # first statement, and a COPY is none
        options: dict[str, Any] = {
            "isolation_level": "AUTOCOMMIT",
            "connect_args": {
                "server_settings": {
                    "statement_timeout": str(cfg.statement_timeout_s * 1000),
                    "idle_in_transaction_session_timeout": str(
                        cfg.idle_transaction_timeout_s * 1000
                    ),
                }
            },
        }
        engine = create_async_engine(
            cfg.address, pool_size=cfg.pool_size, max_overflow=4, **options
        )
        locks = Locks(create_async_engine(cfg.address, poolclass=NullPool, **options))
        try:
            yield cls(engine, locks)
        finally:
            await locks.close()
            await engine.dispose()

    @asynccontextmanager
    async def begin(self, *, optimistic: bool = False) -> AsyncIterator[Transaction]:
        """One transaction, committed at the end of the block and rolled back on any error.

        `optimistic`: whether a row that was wrongly believed to be new (`copy_new`) ends it.
        """
        async with self._connection() as (connection, raw), raw.transaction():
            yield Transaction(connection, raw, optimistic)

    def lock(self, number: int) -> AbstractAsyncContextManager[bool]:
        """Holds a session-level advisory lock for the block if nobody else does, and tells which; a
        lost connection frees it.

        It takes no connection from the pool: whoever holds a lock may ask for transactions beside
        everybody else.
        """
        return self._locks.hold(number)

    @asynccontextmanager
    async def _connection(
        self,
    ) -> AsyncIterator[tuple[AsyncConnection, "asyncpg.Connection[asyncpg.Record]"]]:
        """A living connection: one that the server has hung up is thrown away, which the driver
        knows without asking. So is one on which a cancelled task could not end its transaction.
        """
        while True:
            async with self._engine.connect() as connection:
                raw = (await connection.get_raw_connection()).driver_connection
                assert raw is not None
                if raw.is_closed():
                    await connection.invalidate()
                    continue
                try:
                    yield connection, raw
                except asyncio.CancelledError:
                    # what was under way may still take effect, BEGIN too
                    raw.terminate()
                    raise
                finally:
                    if not raw.is_closed() and raw.is_in_transaction():
                        raw.terminate()
                return

    async def ping(self) -> None:
        """Fails if the database does not answer."""
        async with self.begin() as tx:
            await tx.execute(text("SELECT 1"))


def async_url(url: str) -> URL:
    """The given PostgreSQL address for the asyncpg driver, which calls libpq's `sslmode` `ssl`."""
    address = make_url(url).set(drivername="postgresql+asyncpg")
    if mode := address.query.get("sslmode"):
        return address.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return address


def plain_dsn(url: str) -> str:
    """The given PostgreSQL address as asyncpg's own `connect` takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def affected(status: str) -> int:
    """How many rows a statement wrote or deleted, by the status that asyncpg's `execute` answers
    (`DELETE 7`).
    """
    return int(status.rsplit(" ", 1)[-1])
