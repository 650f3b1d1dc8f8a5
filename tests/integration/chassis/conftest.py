"""A bus of each kind, and a service's database with nothing but an outbox, an inbox, answers given
and a table to write to.
"""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.schema import CreateTable

from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.db import Database, DatabaseSettings
from services.chassis.idempotency import idempotency_table
from services.chassis.inbox import inbox_table
from services.chassis.outbox import outbox_table
from tests.support.kafka import kafka  # noqa: F401
from tests.support.postgres import PostgresServer, postgres  # noqa: F401

METADATA = MetaData()
SEEN = Table("seen", METADATA, Column("id", Text, primary_key=True))
outbox_table(METADATA)
inbox_table(METADATA)
IDEMPOTENCY = idempotency_table(METADATA)


@pytest.fixture(params=["postgres", "kafka"])
async def any_bus_settings(request: pytest.FixtureRequest) -> BusSettings:
    """Where a bus of each kind is."""
    if request.param == "postgres":
        return await event_log_settings(request.getfixturevalue("postgres"))
    return BusSettings(url=SecretStr(request.getfixturevalue("kafka").url), partitions=4)


@pytest.fixture
async def any_bus(any_bus_settings: BusSettings) -> AsyncIterator[Bus]:
    """A bus of each kind in turn."""
    async with open_bus(any_bus_settings) as bus:
        yield bus


@pytest.fixture
async def log_settings(postgres: PostgresServer) -> BusSettings:
    """Where an empty event log is."""
    return await event_log_settings(postgres)


@pytest.fixture
async def bus(log_settings: BusSettings) -> AsyncIterator[Bus]:
    """An empty event log."""
    async with open_bus(log_settings) as bus:
        yield bus


@pytest.fixture
def topic() -> str:
    """A topic nobody else uses."""
    return f"things.{uuid4().hex[:8]}.v1"


@pytest.fixture
async def url(postgres: PostgresServer) -> str:
    """The address of a service's database."""
    return await postgres.database_url("service")


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """A service's database, with the tables of `METADATA`."""
    async with Database.open(DatabaseSettings(url=SecretStr(url))) as db:
        async with db.begin() as tx:
            for table in METADATA.sorted_tables:
                await tx.execute(CreateTable(table))
        yield db


async def event_log_settings(server: PostgresServer) -> BusSettings:
    """A new, empty event log on `server`."""
    return BusSettings(url=SecretStr(await server.database_url("bus")), partitions=4)
