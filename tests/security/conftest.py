"""One running system for all attacks of a process."""

from collections.abc import AsyncIterator

import pytest

from tests.support.stack import System, home, system


@pytest.fixture(scope="session")
async def target() -> AsyncIterator[System]:
    """The whole embedded system, on loopback, with a few made-up people; attacks are bounded."""
    with home() as folder:
        async with system(folder, people=500) as running:
            yield running
