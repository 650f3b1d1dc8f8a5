"""Tells errors that pass by themselves (a database or bus that is away) from those that would come
again for ever.
"""

import asyncio

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.chassis.errors import TransientError

# classes of SQLSTATE: connection, authorization (a password being rotated), rollback
# (serialization, deadlock), resources (disk full, too many connections), operator (shutdown,
# cancelled by timeout), system; and single states: lock not available, read-only after a fail-over
_CLASSES = ("08", "28", "40", "53", "57", "58")
_STATES = ("55P03", "25006")
_OUTSIDE = (TransientError, OSError, PoolTimeout, asyncpg.PostgresConnectionError)


def is_ending() -> bool:
    """Whether the task that asks is being cancelled: the drivers turn that into errors of their
    own, and a loop must not outlive it.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs here
        return False
    return task is not None and task.cancelling() > 0


def is_transient(error: BaseException) -> bool:
    """Whether the same work will succeed later, which in a task that is being cancelled nothing
    does.
    """
    if is_ending():
        return False
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if _passes(one):
            return True
        waiting.append(one.__cause__)
        if isinstance(one, DBAPIError):
            waiting.append(one.orig)
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
    return False


def _passes(error: BaseException) -> bool:
    if isinstance(error, _OUTSIDE):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, asyncpg.InternalClientError):
        # the driver lost its place in the protocol, as when a session is ended between two messages
        return True
    if isinstance(error, asyncpg.InterfaceError):
        # the driver's only sign of a connection lost between two statements
        return "closed" in str(error)
    state = str(getattr(error, "sqlstate", None) or "")
    return state.startswith(_CLASSES) or state in _STATES
