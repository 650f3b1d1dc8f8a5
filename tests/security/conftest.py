"""One running system for all attacks of a process."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest

from tests.support.stack import System, home, system


@pytest.fixture(scope="session")
async def target() -> AsyncIterator[System]:
    """The whole embedded system, on loopback, with a few made-up people; attacks are bounded."""
    with home() as folder:
        async with AsyncExitStack() as held:
            with _shell_that_hides_nothing():
                running = await held.enter_async_context(system(folder, people=500))
            yield running


@contextmanager
def _shell_that_hides_nothing() -> Iterator[None]:
    """Within it, what is made may be read by everybody, unless its maker says otherwise."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)
