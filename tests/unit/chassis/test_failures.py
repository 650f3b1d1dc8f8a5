import asyncio

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from services.chassis.errors import TransientError
from services.chassis.transient import is_transient


def _wrapped(inner: Exception, outer: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    "error",
    [
        TransientError("registry"),
        ConnectionResetError(),
        TimeoutError(),
        asyncpg.DeadlockDetectedError("x"),
        asyncpg.SerializationError("x"),
        asyncpg.DiskFullError("x"),
        asyncpg.TooManyConnectionsError("x"),
        asyncpg.AdminShutdownError("x"),
        asyncpg.CannotConnectNowError("x"),
        asyncpg.ConnectionDoesNotExistError("x"),
        asyncpg.InterfaceError("cannot perform operation: connection is closed"),
        _wrapped(asyncpg.QueryCanceledError("x"), ValueError("y")),
        OperationalError("SELECT 1", {}, asyncpg.DeadlockDetectedError("x")),
        ExceptionGroup("both", [ValueError("y"), TransientError("registry")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_by_itself_is_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        KeyError("connection is closed"),
        asyncpg.UniqueViolationError("x"),
        asyncpg.UndefinedColumnError("x"),
        asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"),
        asyncpg.DataError("invalid input for query argument $1"),
        IntegrityError("INSERT", {}, asyncpg.UniqueViolationError("x")),
        ExceptionGroup("both", [ValueError("y"), KeyError("z")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_would_come_again_is_poison(error: Exception) -> None:
    assert not is_transient(error)


async def test_a_task_that_is_being_cancelled_waits_for_nothing() -> None:
    async def loop_for_ever() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError as error:
                # as the driver does where a statement is cut short
                closed = asyncpg.InterfaceError("connection is closed")
                closed.__cause__ = error
                if not is_transient(closed):
                    raise closed from error

    looping = asyncio.create_task(loop_for_ever())
    await asyncio.sleep(0)
    looping.cancel()
    done, _ = await asyncio.wait({looping}, timeout=5)
    assert done
    assert isinstance(looping.exception(), asyncpg.InterfaceError)
