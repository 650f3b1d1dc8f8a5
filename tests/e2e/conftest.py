"""One running system for all tests of a process: with the shared sample's population where it is at
hand, else with one made up.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.sample import generate
from tests.support.paths import SHARED
from tests.support.stack import System, home, system


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up province: people.csv, doses.csv, truth.csv."""
    folder = tmp_path_factory.mktemp("sample")
    generate(2_000, 7, folder, 4_000)
    return folder


@pytest.fixture(scope="session")
async def with_shared_people() -> AsyncIterator[System]:
    """A system whose registry knows the people of the shared sample."""
    with home() as folder:
        async with system(folder, people_file=SHARED / "sample" / "people.csv") as running:
            yield running


@pytest.fixture(scope="session")
async def with_made_up_people(made_up: Path) -> AsyncIterator[System]:
    """A system whose registry knows the people of the made-up sample."""
    with home() as folder:
        async with system(folder, people_file=made_up / "people.csv") as running:
            yield running
