"""The whole system over a registry of a few people, each of whom is one test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.chassis.bus import BusSettings, open_bus
from services.chassis.db import Database, DatabaseSettings
from services.chassis.encryption import Sealer, SealSettings
from services.chassis.idempotency import Idempotency
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.verifier import schema
from services.verifier.__main__ import MIGRATIONS
from services.verifier.context import Context
from services.verifier.enumeration_limits import EnumerationLimits
from services.verifier.guardian_lookups import GuardianLookups
from services.verifier.registry import Registry
from services.verifier.settings import CheckSettings, GuardianSettings
from tests.integration.verifier.work import EVERYBODY, Pipeline
from tests.support.postgres import PostgresServer, server
from tests.support.registry import registry, write_people
from tests.support.stack import system
from tests.support.volumes import volumes

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


@pytest.fixture(scope="session")
async def pipeline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pipeline]:
    """A running system that knows everybody, followed registry and all."""
    folder: Path = tmp_path_factory.mktemp("verifier")
    async with system(
        folder / "home", people_file=write_people(folder / "people.csv", EVERYBODY)
    ) as running:
        yield Pipeline(running)


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """A server for the tests that need no whole system."""
    return server()


@pytest.fixture
async def context(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Context]:
    """What a process of the verifier holds, over a registry in this process."""
    async with registry(tmp_path, EVERYBODY) as people, holding(postgres, people) as held:
        yield held


@asynccontextmanager
async def holding(
    postgres: PostgresServer,
    people: httpx.AsyncClient,
    guardian: GuardianSettings | None = None,
    check: CheckSettings | None = None,
) -> AsyncIterator[Context]:
    """The same over any registry, on 1 April 2022."""
    database = DatabaseSettings(url=SecretStr(await postgres.database_url("verifier")))
    log = BusSettings(url=SecretStr(await postgres.database_url("bus")), partitions=4)
    await upgrade(database, MIGRATIONS)
    seal = Sealer.of(SealSettings(keys=SecretStr(KEY), index_key=SecretStr(KEY)))
    metrics = Metrics()
    known = Registry(people, metrics)
    desk = GuardianLookups(known, guardian or GuardianSettings(), lambda: date(2022, 4, 1))
    guesses = EnumerationLimits(check or CheckSettings(), seal)
    async with Database.open(database) as db, open_bus(log) as bus:
        yield Context(
            db,
            Outbox(db, bus, "verifier"),
            known,
            desk,
            guesses,
            seal,
            Idempotency(db, schema.idempotency),
            metrics,
            volumes(metrics),
        )
