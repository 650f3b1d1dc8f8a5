"""How a loop waits for its next turn."""

import asyncio
from contextlib import suppress


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Waits so many seconds, or until `stop` is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
