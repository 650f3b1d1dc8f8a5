"""Loops of a process wait out what passes by itself, and treat what does not as they are told."""

import asyncio

import pytest

from services.chassis.errors import TransientError
from services.chassis.periodic import UnknownError, periodic


class Turns:
    """A chore whose turns go as the list says; it stops the loop at its end."""

    def __init__(self, *turns: Exception | float | None) -> None:
        self.left = list(turns)
        self.stop = asyncio.Event()
        self.done = 0

    async def __call__(self) -> float | None:
        self.done += 1
        turn = self.left.pop(0)
        if not self.left:
            self.stop.set()
        if isinstance(turn, Exception):
            raise turn
        return turn


async def run(chore: Turns, unknown: UnknownError, every_s: float = 0.0) -> None:
    async with asyncio.timeout(5):
        await periodic("chore", chore, chore.stop, every_s, unknown)


@pytest.mark.parametrize("unknown", UnknownError)
async def test_an_error_that_passes_is_waited_out(unknown: UnknownError) -> None:
    chore = Turns(TransientError("away"), OSError(), None, None)
    await run(chore, unknown)
    assert chore.done == 4


async def test_an_unknown_error_ends_the_service_or_is_logged_as_the_loop_says() -> None:
    chore = Turns(ValueError(), None)
    await run(chore, UnknownError.IS_LOGGED)
    assert chore.done == 2
    chore = Turns(ValueError(), None)
    with pytest.raises(ValueError, match=r"^$"):
        await run(chore, UnknownError.ENDS_THE_SERVICE)
    assert chore.done == 1


async def test_a_chore_may_say_when_its_next_turn_is() -> None:
    chore = Turns(0.0, 0.0, None)
    await run(chore, UnknownError.IS_LOGGED, every_s=60)
    assert chore.done == 3


async def test_a_stop_ends_the_wait_and_a_cancelled_loop_ends() -> None:
    chore = Turns(None, None, None)
    loop = asyncio.create_task(run(chore, UnknownError.IS_LOGGED, every_s=60))
    await asyncio.sleep(0.01)
    chore.stop.set()
    await asyncio.wait_for(loop, 1)
    chore = Turns(None, None, None)
    loop = asyncio.create_task(run(chore, UnknownError.IS_LOGGED, every_s=60))
    await asyncio.sleep(0.01)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
