"""A real Apache Kafka with TLS, a user a service and the ACLs of the contracts: each does its own
part alone, and the whole system runs on it.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.topics import TOPICS, VERIFIED, Topic
from deploy.audit.run import audit
from deploy.contracts.bus_rights import OPERATOR, SERVICES, lanes
from deploy.kafka.acls import acls, apply
from deploy.kafka.cluster import Cluster
from deploy.kafka.jars import jars
from deploy.kafka.secured import USERS, broker_settings, certificate_files
from deploy.sample import generate
from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.errors import TransientError
from services.chassis.subscriptions import express_group
from tests.support.bus import PATIENCE_S, an_event, take
from tests.support.kafka import needed_tools
from tests.support.paths import ROOT
from tests.support.stack import home, system


@dataclass(frozen=True, slots=True)
class Secured:
    """A broker that knows its users, and their settings by name."""

    cluster: Cluster
    users: Mapping[str, BusSettings]


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    """One broker with the ACLs set."""
    needed_tools()
    with tempfile.TemporaryDirectory(prefix="hochieu-kafka-") as folder:
        files = certificate_files(Path(folder) / "certificates", ["127.0.0.1", "localhost"])
        settings = broker_settings(str(files["kafka.keystore"]), str(files["kafka.ca"]))
        made = Cluster(Path(folder) / "data", jars(ROOT / "build" / "kafka"), settings=settings)
        with made.running() as cluster:
            users = {
                name: BusSettings(
                    url=SecretStr(cluster.url),
                    partitions=2,
                    tls=True,
                    ca_file=str(files["kafka.ca"]),
                    cert_file=str(files[f"{name}.bus"]),
                )
                for name in USERS
            }
            assert asyncio.run(apply(users["admin"])) == (len(acls()), 0)
            assert asyncio.run(apply(users["admin"])) == (0, 0)
            yield Secured(cluster, users)


@pytest.fixture
async def buses(secured: Secured) -> AsyncIterator[dict[str, Bus]]:
    """The broker as each user sees it."""
    async with AsyncExitStack() as held:
        yield {
            name: await held.enter_async_context(open_bus(cfg))
            for name, cfg in secured.users.items()
        }


async def refused(bus: Bus, lane: str) -> bool:
    """Whether the broker does not take an event."""
    try:
        await bus.publish([an_event(lane)])
    except TransientError as error:
        assert "TopicAuthorizationFailed" in str(error), error
        return True
    return False


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_a_topic_is_written_by_its_writer_and_read_by_its_readers_alone(
    buses: dict[str, Bus], topic: Topic
) -> None:
    for lane in lanes(topic):
        for name in (topic.writer, *SERVICES):
            assert await refused(buses[name], lane) == (name != topic.writer), (name, lane)
        for name in topic.readers:
            group = express_group(name) if lane == topic.express else name
            assert await take(buses[name], [lane], group, bool)
            assert not await refused(buses[name], f"{lane}.dlq")


async def test_no_service_reads_a_topic_or_works_in_a_group_of_another_one(
    buses: dict[str, Bus],
) -> None:
    await buses["verifier"].publish([an_event(VERIFIED.name)])
    with pytest.raises(TransientError, match="TopicAuthorizationFailed"):
        async for _ in buses["verifier"].peek([VERIFIED.name], "verifier"):
            pass
    with pytest.raises(TransientError, match="GroupAuthorizationFailed"):
        await buses["records"].lag([VERIFIED.name], "signer")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(4):
            await take(buses["records"], [VERIFIED.name], "signer", bool)


async def test_who_has_no_certificate_of_the_authority_is_nobody(secured: Secured) -> None:
    cfg = secured.users["records"]
    for changed in ({"cert_file": None}, {"tls": False, "ca_file": None, "cert_file": None}):
        async with open_bus(cfg.model_copy(update=changed)) as bus:
            with pytest.raises(TransientError):
                await bus.publish([an_event(VERIFIED.name)])


async def test_the_whole_system_runs_on_it_and_the_operator_reconciles(
    secured: Secured, tmp_path: Path
) -> None:
    generate(300, 2021, tmp_path, 400)
    of_all = {"BUS_TLS": "true", "BUS_CA_FILE": str(secured.users["records"].ca_file)}
    of_service = {name: {"BUS_CERT_FILE": str(secured.users[name].cert_file)} for name in SERVICES}
    with home() as folder:
        async with system(
            folder,
            people_file=tmp_path / "people.csv",
            bus_url=secured.cluster.url,
            environment=of_all | {"BUS_PARTITIONS": "2"},
            of_service=of_service,
        ) as running:
            batch = await running.push((tmp_path / "doses.csv").read_bytes())
            assert batch["states"]["issued"] > 200
            async with open_bus(secured.users[OPERATOR]) as bus, asyncio.timeout(PATIENCE_S):
                while True:
                    report = await audit(running.stack.databases, bus)
                    # what the tests before have written is read by nobody who understands it
                    if not set(report.findings) - {"DEAD_LETTERS", "UNREAD"}:
                        break
                    await asyncio.sleep(0.3)
