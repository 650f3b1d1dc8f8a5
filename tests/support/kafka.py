"""A Kafka broker for the tests of one session, where Java and Maven are; in CI they must be."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka.cluster import Cluster
from deploy.kafka.jars import jars, missing_tools
from tests.support.paths import ROOT


def needed_tools() -> None:
    """Skips the test where Java or Maven is missing; in CI it fails."""
    if missing := missing_tools():
        reason = f"a Kafka broker needs {' and '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka() -> Iterator[Cluster]:
    """One broker on free ports of loopback, gone afterwards."""
    needed_tools()
    with (
        tempfile.TemporaryDirectory(prefix="hochieu-kafka-") as folder,
        Cluster(Path(folder), jars(ROOT / "build" / "kafka")).running() as cluster,
    ):
        yield cluster
