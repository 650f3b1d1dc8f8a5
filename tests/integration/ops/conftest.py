"""A bus of each kind, and the three databases with nothing in them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.schema import CreateSequence, CreateTable

from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.db import Database, DatabaseSettings
from services.records import schema as records
from services.signer import schema as signer
from services.verifier import schema as verifier
from tests.integration.chassis.conftest import (
    any_bus,  # noqa: F401
    any_bus_settings,  # noqa: F401
    bus,  # noqa: F401
    db,  # noqa: F401
    log_settings,  # noqa: F401
    topic,  # noqa: F401
    url,  # noqa: F401
)
from tests.support.kafka import kafka  # noqa: F401
from tests.support.postgres import PostgresServer, postgres  # noqa: F401

SCHEMAS = {"records": records, "verifier": verifier, "signer": signer}


@dataclass(frozen=True, slots=True)
class Trio:
    """The three databases and the event log between them."""

    urls: dict[str, str]
    databases: dict[str, Database]
    bus: Bus
    bus_url: str

    async def write(self, name: str, *statements: str) -> None:
        """Runs statements on one database."""
        connection = await asyncpg.connect(self.urls[name])
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture
async def trio(postgres: PostgresServer) -> AsyncIterator[Trio]:
    """Three empty databases and an empty event log."""
    async with AsyncExitStack() as held:
        urls = {name: await postgres.database_url(name) for name in SCHEMAS}
        databases: dict[str, Database] = {}
        for name, schema in SCHEMAS.items():
            databases[name] = database = await held.enter_async_context(
                Database.open(DatabaseSettings(url=SecretStr(urls[name])))
            )
            async with database.begin() as tx:
                for sequence in schema.metadata._sequences.values():
                    await tx.execute(CreateSequence(sequence))
                for table in schema.metadata.sorted_tables:
                    await tx.execute(CreateTable(table))
        bus_url = await postgres.database_url("bus")
        log = await held.enter_async_context(
            open_bus(BusSettings(url=SecretStr(bus_url), partitions=4))
        )
        yield Trio(urls, databases, log, bus_url)
