"""One running system for all tests of pages: a made-up province with its doses worked off, and
people who sign in.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.sample import generate
from tests.support.browser import browser  # noqa: F401
from tests.support.site import Site
from tests.support.stack import home, system


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up province: people.csv, doses.csv, truth.csv."""
    folder = tmp_path_factory.mktemp("province")
    generate(2_000, 7, folder, 4_000)
    return folder


@pytest.fixture(scope="session")
async def site(province: Path) -> AsyncIterator[Site]:
    """The whole system at one origin, once every dose has reached a final state."""
    with home() as folder:
        # all tests sign in from one address, and faster than people
        often = {"web": {"SESSION_PER_ADDRESS": "1000 per minute"}}
        async with system(folder, people_file=province / "people.csv", of_service=often) as running:
            await running.push((province / "doses.csv").read_bytes())
            yield Site(running, province)
