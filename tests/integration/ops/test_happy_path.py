"""The happy path of one dose, followed through the code: how many files a stranger must read."""

import sys
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from types import FrameType

import pytest

from tests.integration.verifier.work import EVERYBODY, TAM, typed
from tests.support.country import EVERYONE, Country, open_country
from tests.support.paths import ROOT
from tests.support.postgres import PostgresServer

MOST_FILES = 25
_SERVICES = f"{ROOT / 'services'}/"


class Follower:
    """Notes in which files of the services, besides the chassis, a function is entered."""

    def __init__(self) -> None:
        self.entered: defaultdict[str, set[str]] = defaultdict(set)

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(_SERVICES):
            file = code.co_filename.removeprefix(_SERVICES)
            if not file.startswith("chassis/") and code.co_name != "<module>":
                self.entered[file].add(code.co_name)

    def __enter__(self) -> "Follower":
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.fixture
async def country(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Country]:
    """Three services with nothing on record over one event log."""
    async with open_country(postgres, tmp_path, EVERYBODY) as opened:
        yield opened


async def test_one_dose_is_certified_within_few_files(country: Country) -> None:
    follower = Follower()
    with follower:
        answer = await country.client.post("/batches", json={"doses": [typed(TAM)]})
        await country.work(*EVERYONE)
    assert answer.status_code == 202, answer.text
    [(_, state, grade, _)] = (await country.stand()).values()
    assert (state, grade) == ("issued", "exact")
    by_service = defaultdict(list)
    for file in sorted(follower.entered):
        by_service[file.partition("/")[0]].append(file)
    assert set(by_service) == set(EVERYONE), "the follower sees all three"
    assert len(follower.entered) <= MOST_FILES, "\n".join(sorted(follower.entered))
