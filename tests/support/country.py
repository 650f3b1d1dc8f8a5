"""The three services in one process over a database each and one event log: they work when a test
says so.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from contracts.access import Role
from deploy.sample.population import Registered
from services.chassis.auth import Authenticator
from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.bus.signatures import Signatures
from services.chassis.db import Database, DatabaseSettings
from services.chassis.encryption import Sealer, SealSettings
from services.chassis.http import create_app
from services.chassis.idempotency import Idempotency
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.settings import WorkerSettings
from services.chassis.subscriptions import Subscription, consumers, lag_of
from services.chassis.telemetry import Metrics
from services.records import __main__ as records
from services.records import api as records_api
from services.records import schema as records_schema
from services.records.complaints.service import complaint_limits
from services.records.context import Context as RecordsContext
from services.records.exports.places import ExportPlaces
from services.records.live.live_places import LivePlaces
from services.records.pipeline import consumer as records_consumer
from services.records.quotas import upload_quotas
from services.records.settings import Settings as RecordsSettings
from services.records.suggestions.service import card_limits
from services.signer import app as signer
from services.signer import consumer as signer_consumer
from services.signer.context import Context as SignerContext
from services.signer.hcert.cose import Algorithm
from services.signer.keys.files import open_key_folder
from services.signer.keys.signed_list import SignedList
from services.signer.lookup_queue import LookupCounter
from services.signer.pictures.picture_reader import PictureReader
from services.signer.settings import Settings as SignerSettings
from services.verifier import __main__ as verifier
from services.verifier import api as verifier_api
from services.verifier import consumer as verifier_consumer
from services.verifier import schema as verifier_schema
from services.verifier.context import Context as VerifierContext
from services.verifier.enumeration_limits import EnumerationLimits
from services.verifier.guardian_lookups import GuardianLookups
from services.verifier.registry import Registry
from services.verifier.settings import CheckSettings, GuardianSettings
from tests.support.postgres import PostgresServer
from tests.support.registry import registry
from tests.support.signatures import signatures
from tests.support.tokens import TestIssuer
from tests.support.volumes import volumes

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
SEAL = SealSettings(keys=SecretStr(KEY), index_key=SecretStr(KEY))
EVERYONE = ("records", "verifier", "signer")


@dataclass(frozen=True, slots=True)
class Service:
    """What a worker of one service does."""

    url: str
    db: Database
    outbox: Outbox
    followed: Sequence[Subscription]
    signatures: Signatures


@dataclass(frozen=True, slots=True)
class Country:
    """The three services in this process, which work when they are told to."""

    services: Mapping[str, Service]
    bus: Bus
    bus_url: str
    client: httpx.AsyncClient
    """Of records' routes, as a service."""
    recording: RecordsContext
    signing: SignerContext
    issuer: TestIssuer
    verifying: httpx.AsyncClient
    """Of the verifier's routes, without a token."""

    async def work(self, *names: str) -> None:
        """Lets these services work until nothing waits for them and nothing is left to publish."""
        stop = asyncio.Event()
        async with asyncio.timeout(120), asyncio.TaskGroup() as live:
            for name in names:
                one = self.services[name]
                live.create_task(one.outbox.drain_forever(stop))
                for loop in consumers(
                    self.bus, one.db, name, one.followed, WorkerSettings(), Metrics(),
                    one.signatures,
                ):  # fmt: skip
                    live.create_task(loop.run(stop))
            quiet = 0
            # twice: what was in hand at the first look has put its events by the second
            while quiet < 2:
                quiet = quiet + 1 if await self._waiting(names) == 0 else 0
                await asyncio.sleep(0.05)
            stop.set()

    async def _waiting(self, names: Sequence[str]) -> int:
        waiting = 0
        for name in names:
            one = self.services[name]
            waiting += (
                sum((await lag_of(self.bus, name, one.followed)()).values())
                + await one.outbox.depth()
            )
        return waiting

    async def publish(self, name: str) -> None:
        """What a service has put goes to the log."""
        while await self.services[name].outbox.drain_once():
            pass

    async def rows(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement on a service's database."""
        async with self.services[name].db.begin() as tx:
            return [tuple(row) for row in await tx.raw.fetch(statement)]

    async def stand(self) -> dict[int, tuple[int, str, str | None, str | None]]:
        """Version, state, grade and certificate of each dose as records has it."""
        found = (
            "SELECT id, dose.version, coalesce(state, 'pending'), grade, uvci FROM dose LEFT JOIN"
            " dose_status ON dose_id = id"
        )
        rows = await self.rows("records", f"{found} AND dose_status.version = dose.version")
        return {row[0]: row[1:] for row in rows}


@asynccontextmanager
async def open_country(
    postgres: PostgresServer, folder: Path, people: Iterable[Registered]
) -> AsyncIterator[Country]:
    """Three services with nothing on record over one event log, and a registry of these people."""
    issuer = TestIssuer(folder / "issuer")
    async with AsyncExitStack() as held:
        bus_url = await postgres.database_url("bus")
        bus = await held.enter_async_context(
            open_bus(BusSettings(url=SecretStr(bus_url), partitions=4))
        )
        dbs: dict[str, Database] = {}
        urls = {name: await postgres.database_url(name) for name in EVERYONE}
        for name, part in zip(EVERYONE, (records, verifier, signer), strict=True):
            settings = DatabaseSettings(url=SecretStr(urls[name]))
            await upgrade(settings, part.MIGRATIONS)
            dbs[name] = await held.enter_async_context(Database.open(settings))
        signing_with = signatures(folder / "events")
        outboxes = {
            name: Outbox(db, bus, name, signing_with[name].signer) for name, db in dbs.items()
        }
        common: dict[str, Any] = {
            "environment": "test",
            "bus": {"url": bus_url},
            "auth": issuer.settings,
            "seal": SEAL,
        }
        sealer = Sealer.of(SEAL)

        def now() -> datetime:
            return datetime.now(UTC)

        of_records = RecordsSettings(**common, database={"url": urls["records"]})
        idempotency = Idempotency(dbs["records"], records_schema.idempotency)
        limits = complaint_limits(of_records.complaint)
        recording = RecordsContext(
            of_records, dbs["records"], outboxes["records"], sealer, idempotency, Metrics(),
            frozenset(), now, limits, ExportPlaces(of_records.export),
            LivePlaces(of_records.live), upload_quotas(of_records.upload), volumes(),
            card_limits(of_records.acceptance),
        )  # fmt: skip
        metrics = Metrics()
        asked = Registry(await held.enter_async_context(registry(folder, people)), metrics)
        desk = GuardianLookups(asked, GuardianSettings(), lambda: date(2022, 4, 1))
        own = Idempotency(dbs["verifier"], verifier_schema.idempotency)
        enumeration = EnumerationLimits(CheckSettings(), sealer)
        verifying = VerifierContext(
            dbs["verifier"], outboxes["verifier"], asked, desk, enumeration, sealer, own, metrics,
            volumes(),
        )  # fmt: skip
        of_signer = SignerSettings(**common, database={"url": urls["signer"]})
        profile = signer.profile_of(of_signer.certificate)
        ring = open_key_folder(folder / "keys", Algorithm.ES256, profile.country, "test", now())
        signing = SignerContext(
            of_signer, dbs["signer"], outboxes["signer"], sealer, ring,
            signer.trust_of(of_signer.trust, ring), profile,
            LookupCounter(of_signer.lookup),
            PictureReader(of_signer.verify, of_signer.lookup.counters), SignedList(), Metrics(),
            now, os.urandom,
            volumes(),
        )  # fmt: skip
        followed = {
            "records": records_consumer.subscriptions(recording),
            "verifier": verifier_consumer.subscriptions(verifying),
            "signer": signer_consumer.subscriptions(signing),
        }
        app = create_app(
            **records_api.ABOUT, routers=records_api.ROUTERS, context=recording,
            authenticator=Authenticator(issuer.settings),
            metrics=recording.metrics, ready={},
        )  # fmt: skip
        transport, headers = httpx.ASGITransport(app), issuer.headers(Role.SERVICE)
        client = httpx.AsyncClient(
            transport=transport, base_url="http://records/records/v1", headers=headers
        )
        await held.enter_async_context(client)
        services = {
            name: Service(urls[name], dbs[name], outboxes[name], followed[name], signing_with[name])
            for name in EVERYONE
        }
        officers = create_app(
            **verifier_api.ABOUT, routers=verifier_api.ROUTERS, context=verifying,
            authenticator=Authenticator(issuer.settings),
            metrics=metrics, ready={},
        )  # fmt: skip
        of_officers = httpx.AsyncClient(
            transport=httpx.ASGITransport(officers), base_url="http://verifier/verifier/v1"
        )
        await held.enter_async_context(of_officers)
        yield Country(services, bus, bus_url, client, recording, signing, issuer, of_officers)
