"""Session-level advisory locks: all that a process holds are held by one connection, so that who
holds one keeps no other work waiting.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.chassis.errors import TransientError

_TAKE = "SELECT pg_try_advisory_lock($1)"
_GIVE = "SELECT pg_advisory_unlock($1)"
_PATIENCE_S = 10.0
_MOST = 256
"""Locks of one process: the server has a table of a few thousand for all locks of all its sessions.
"""
_log = structlog.get_logger()


class Locks:
    """Holds locks on a connection of its own, opened when the first is asked for and again when it
    was lost; `engine` keeps no pool.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._held: set[int] = set()

    @asynccontextmanager
    async def hold(self, number: int) -> AsyncIterator[bool]:
        """Holds the lock for the block if nobody else does, and tells which; TransientError where
        this process holds too many already.

        A lost connection frees it, and whoever holds it is not told.
        """
        # to the server it would be the same session, which may have it twice
        if number in self._held:
            yield False
            return
        if len(self._held) >= _MOST:
            raise TransientError("this process holds too many locks")
        self._held.add(number)
        done, told = asyncio.Event(), asyncio.get_running_loop().create_future()
        # a task of its own: a caller that is cancelled in the middle of a statement would cost all
        # others their connection
        keeping = asyncio.create_task(self._keep(number, told, done))
        try:
            yield bool(await asyncio.shield(told))
        finally:
            done.set()
            await asyncio.shield(keeping)

    async def _keep(self, number: int, told: "asyncio.Future[bool]", done: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):  # waiting for the turn included
                held = await self._ask(_TAKE, number)
            connection = self._connection
            told.set_result(held)
            if held:
                await done.wait()
                if self._connection is connection:  # else the lock went with it
                    await self._ask(_GIVE, number)
        except Exception as error:
            if told.done():
                _log.warning("lock_lost", error=type(error).__name__)
            else:
                told.set_exception(error)
        finally:
            self._held.discard(number)

    async def _ask(self, statement: str, number: int) -> bool:
        async with self._turn, asyncio.timeout(_PATIENCE_S):
            try:
                return bool(await (await self._session()).fetchval(statement, number))
            except BaseException:
                # nobody knows whether it is held: the end of the session frees it
                await self.close()
                raise

    async def _session(self) -> Any:
        """The driver's connection, a new one where it was hung up."""
        if self._connection is not None:
            raw = (await self._connection.get_raw_connection()).driver_connection
            if raw is not None and not raw.is_closed():
                return raw
            await self.close()
        self._connection = await self._engine.connect()
        return (await self._connection.get_raw_connection()).driver_connection

    async def close(self) -> None:
        """Hangs up, which frees every lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
