"""Loops of a process: one chore, run again and again until the process stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum

import structlog

from services.chassis.transient import is_ending, is_transient

_log = structlog.get_logger()

Chore = Callable[[], Awaitable[float | None]]
"""Does one turn of the work; may answer how many seconds to wait before the next one."""


class UnknownError(Enum):
    """What happens to a loop whose chore fails with an error that does not pass by itself."""

    ENDS_THE_SERVICE = "the next turn would fail as well, or do harm"
    IS_LOGGED = "the work stays where it is, safe, and other work must go on"


async def periodic(
    name: str, chore: Chore, stop: asyncio.Event, every_s: float, unknown: UnknownError
) -> None:
    """Runs `chore` every `every_s` seconds until `stop` is set.

    An error that passes by itself is logged under `name`, and the next turn tries again.
    """
    while not stop.is_set():
        wait_s = every_s
        try:
            answer = await chore()
            wait_s = every_s if answer is None else answer
        except Exception as error:
            if is_ending():
                raise
            transient = is_transient(error)
            if not transient and unknown is UnknownError.ENDS_THE_SERVICE:
                raise
            level = logging.WARNING if transient else logging.ERROR
            _log.log(level, f"{name}_waits", error=type(error).__name__)
        await rest(stop, wait_s)


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Waits so many seconds, or until `stop` is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
