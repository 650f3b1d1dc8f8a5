"""One system a bus for the whole matrix: each fault leaves it healed, and finds the doses of the
faults before.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.kafka.cluster import Cluster
from deploy.kafka.jars import jars, missing_tools
from deploy.sample import generate
from tests.faults.arena import Arena, Load, opened
from tests.support.paths import ROOT

WHOLE = os.environ.get("FAULTS") == "all"
DOSES = 20_000 if WHOLE else 2_000


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """people.csv and doses.csv."""
    folder = tmp_path_factory.mktemp("sample")
    generate(DOSES // 2, 11, folder, DOSES)
    return folder


@pytest.fixture(scope="session")
def brokers() -> Iterator[Cluster]:
    """Three brokers."""
    if missing := missing_tools():
        reason = f"a Kafka broker needs {' and '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with (
        tempfile.TemporaryDirectory(prefix="hochieu-kafka-") as folder,
        Cluster(Path(folder), jars(ROOT / "build" / "kafka"), 3).running() as cluster,
    ):
        yield cluster


@pytest.fixture(scope="session")
async def arena(request: pytest.FixtureRequest, sample: Path) -> AsyncIterator[Arena]:
    """A system on the embedded bus, or on Kafka (`request.param`)."""
    # not below pytest's own folder, which the next session closes to the user that PostgreSQL runs
    # as
    folder = Path(tempfile.mkdtemp(prefix="hochieu-faults-"))
    cluster = request.getfixturevalue("brokers") if request.param == "kafka" else None
    load = Load.of(sample / "doses.csv", upload_rows=500 if WHOLE else 200, pace_s=0.25)
    async with opened(folder, sample, load, cluster, 600 if WHOLE else 90) as arena:
        yield arena
    shutil.rmtree(folder, ignore_errors=True)
