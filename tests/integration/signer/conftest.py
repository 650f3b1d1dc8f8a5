"""A signer over a database of its own: its context, its HTTP edge in this process, and an event
log.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.chassis.auth import Authenticator
from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.db import Database, DatabaseSettings
from services.chassis.encryption import Sealer, SealSettings
from services.chassis.http import create_app
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.signer import api
from services.signer.app import MIGRATIONS, profile_of, trust_of
from services.signer.context import Context
from services.signer.domain.claims import Profile
from services.signer.hcert.cose import Algorithm
from services.signer.keys.files import open_key_folder
from services.signer.keys.ring import KeyRing
from services.signer.keys.signed_list import SignedList
from services.signer.lookup_queue import LookupCounter
from services.signer.pictures.picture_reader import PictureReader
from services.signer.settings import LookupSettings, Settings, VerifySettings
from tests.support.mail import sink  # noqa: F401
from tests.support.postgres import PostgresServer, postgres  # noqa: F401
from tests.support.tokens import TestIssuer
from tests.support.volumes import volumes

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


class Clock:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def issuer(tmp_path: Path) -> TestIssuer:
    """Who makes tokens."""
    return TestIssuer(tmp_path / "issuer")


@pytest.fixture
async def database(postgres: PostgresServer) -> DatabaseSettings:
    """An empty database."""
    return DatabaseSettings(url=SecretStr(await postgres.database_url("signer")))


@pytest.fixture
async def bus(postgres: PostgresServer) -> AsyncIterator[Bus]:
    """An empty event log."""
    async with open_bus(
        BusSettings(url=SecretStr(await postgres.database_url("bus")), partitions=4)
    ) as bus:
        yield bus


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """The keys of `context`, in files."""
    folder, country = tmp_path / "keys", Profile().country
    return open_key_folder(folder, Algorithm.ES256, country, "test", datetime.now(UTC))


@pytest.fixture
async def context(
    database: DatabaseSettings, bus: Bus, issuer: TestIssuer, ring: KeyRing
) -> AsyncIterator[Context]:
    """What a process of the signer holds, on a migrated database."""
    await upgrade(database, MIGRATIONS)
    seal = SealSettings(keys=SecretStr(KEY), index_key=SecretStr(KEY))
    cfg = Settings(
        environment="test",
        database=database,
        bus=BusSettings(url=database.url),
        auth=issuer.settings,
        seal=seal,
        verify=VerifySettings(pictures_per_address="1000 per minute"),
        lookup=LookupSettings(
            per_address="1000 per minute",
            per_person="1000 per minute",
            free_per_person="1000 per minute",
            per_mailbox="1000 per minute",
        ),
    )
    profile, clock = profile_of(cfg.certificate), Clock()
    async with Database.open(database) as db:
        yield Context(
            cfg=cfg,
            db=db,
            outbox=Outbox(db, bus, "signer"),
            sealer=Sealer.of(seal),
            ring=ring,
            trust=trust_of(cfg.trust, ring),
            profile=profile,
            lookups=LookupCounter(cfg.lookup),
            pictures=PictureReader(cfg.verify, cfg.lookup.counters),
            verifier_list=SignedList(),
            metrics=Metrics(),
            clock=clock,
            random=os.urandom,
            volumes=volumes(),
        )


def edge(context: Context, issuer: TestIssuer) -> httpx.AsyncClient:
    """A client of the signer's routes over `context`."""
    app = create_app(
        **api.ABOUT,
        routers=api.ROUTERS,
        context=context,
        authenticator=Authenticator(issuer.settings),
        metrics=context.metrics,
        ready={"database": context.db.ping},
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://signer")


@pytest.fixture
async def client(context: Context, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the signer's routes."""
    async with edge(context, issuer) as open_client:
        yield open_client


def strict(context: Context, limits: LookupSettings) -> Context:
    """The same with other limits."""
    return replace(context, lookups=LookupCounter(limits))
