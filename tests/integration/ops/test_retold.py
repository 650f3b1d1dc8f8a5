"""Events that the broker deleted before they were read: the operator's command tells them again, and every dose gets where it belongs."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from contracts.access import Role
from contracts.topics import ISSUED, RECORDED, VERIFIED, WITHDRAWN, Topic
from services.chassis.auth import Authenticator
from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.db import Database, DatabaseSettings
from services.chassis.http import create_app
from services.chassis.idempotency import Idempotency
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.seal import Sealer, SealSettings
from services.chassis.settings import WorkerSettings
from services.chassis.subscriptions import Subscription, consumers, lag_of
from services.chassis.telemetry import Metrics
from services.records import __main__ as records
from services.records import api as records_api
from services.records import consumer as records_consumer
from services.records import schema as records_schema
from services.records.complaints import complaint_limits
from services.records.context import Context as RecordsContext
from services.records.retell import read_age, retell_pending, run
from services.records.settings import Settings as RecordsSettings
from services.signer import __main__ as signer
from services.signer import consumer as signer_consumer
from services.signer.context import Context as SignerContext
from services.signer.hcert.cose import Algorithm
from services.signer.keys.files import open_key_folder
from services.signer.lookups import LookupCounter
from services.signer.reader import PictureReader
from services.signer.settings import Settings as SignerSettings
from services.verifier import __main__ as verifier
from services.verifier import consumer as verifier_consumer
from services.verifier import schema as verifier_schema
from services.verifier.context import Context as VerifierContext
from services.verifier.guardians import GuardianDesk
from services.verifier.guesses import GuessLimits
from services.verifier.registry import Registry
from services.verifier.settings import CheckSettings, GuardianSettings
from tests.integration.verifier.work import BINH, EVERYBODY, TAM, typed
from tests.support.postgres import PostgresServer
from tests.support.registry import registry
from tests.support.tokens import TestIssuer

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
SEAL = SealSettings(keys=SecretStr(KEY), index_key=SecretStr(KEY))
EVERYONE = ("records", "verifier", "signer")
_REVOKED = "SELECT uvci FROM revocation ORDER BY uvci"
_VALID = f"SELECT dose_id, version, uvci FROM intent WHERE uvci NOT IN ({_REVOKED}) ORDER BY dose_id"


@dataclass(frozen=True, slots=True)
class Service:
    """What a worker of one service does."""

    url: str
    db: Database
    outbox: Outbox
    followed: Sequence[Subscription]


@dataclass(frozen=True, slots=True)
class Country:
    """The three services in this process, which work when they are told to."""

    services: Mapping[str, Service]
    bus: Bus
    bus_url: str
    client: httpx.AsyncClient
    """Of records' routes, as a service."""

    async def work(self, *names: str) -> None:
        """Lets these services work until nothing waits for them and nothing is left to publish."""
        stop = asyncio.Event()
        async with asyncio.timeout(120), asyncio.TaskGroup() as live:
            for name in names:
                one = self.services[name]
                live.create_task(one.outbox.drain_forever(stop))
                for loop in consumers(self.bus, one.db, name, one.followed, WorkerSettings(), Metrics()):
                    live.create_task(loop.run(stop))
            quiet = 0
            while quiet < 2:  # twice: what was in hand at the first look has put its events by the second
                quiet = quiet + 1 if await self._waiting(names) == 0 else 0
                await asyncio.sleep(0.05)
            stop.set()

    async def _waiting(self, names: Sequence[str]) -> int:
        waiting = 0
        for name in names:
            one = self.services[name]
            waiting += sum((await lag_of(self.bus, name, one.followed)()).values()) + await one.outbox.depth()
        return waiting

    async def publish(self, name: str) -> None:
        """What a service has put goes to the log."""
        while await self.services[name].outbox.drain_once():
            pass

    async def lose(self, topic: Topic) -> None:
        """Deletes what is in the log of a topic, read or not."""
        connection = await asyncpg.connect(self.bus_url)
        try:
            status = await connection.execute("DELETE FROM event WHERE topic = ANY($1)", [topic.name, topic.express])
        finally:
            await connection.close()
        assert status != "DELETE 0"

    async def rows(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement on a service's database."""
        async with self.services[name].db.begin() as tx:
            return [tuple(row) for row in await tx.raw.fetch(statement)]

    async def retell(self, what: str, *, later: timedelta = timedelta(hours=2)) -> str:
        """Runs the command with an age of one hour, some time later."""
        one = self.services["records"]
        return await run([what, "1h" if what == "pending" else "1d"], one.db, one.outbox, Sealer.of(SEAL), datetime.now(UTC) + later)

    async def record(self) -> dict[int, int]:
        """Two people's doses, one of them corrected at once: their versions by id."""
        answer = await self.client.post("/batches", json={"doses": [typed(TAM), typed(BINH)]})
        assert answer.status_code == 202, answer.text
        corrected, _ = ids = [row[0] for row in await self.rows("records", "SELECT id FROM dose ORDER BY id")]
        patched = await self.client.patch(f"/doses/{corrected}", json={"reason": "by the box", "lot": "FK0113"})
        assert patched.status_code == 200, patched.text
        return dict(zip(ids, (2, 1), strict=True))

    async def stand(self) -> dict[int, tuple[int, str, str | None, str | None]]:
        """Version, state, grade and certificate of each dose as records has it."""
        found = "SELECT id, dose.version, coalesce(state, 'pending'), grade, uvci FROM dose LEFT JOIN dose_status ON dose_id = id"
        rows = await self.rows("records", f"{found} AND dose_status.version = dose.version")
        return {row[0]: row[1:] for row in rows}


@pytest.fixture
async def country(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Country]:
    """Three services with nothing on record over one event log."""
    issuer = TestIssuer(tmp_path / "issuer")
    async with AsyncExitStack() as held:
        bus_url = await postgres.database_url("bus")
        bus = await held.enter_async_context(open_bus(BusSettings(url=SecretStr(bus_url), partitions=4)))
        dbs: dict[str, Database] = {}
        urls = {name: await postgres.database_url(name) for name in EVERYONE}
        for name, part in zip(EVERYONE, (records, verifier, signer), strict=True):
            settings = DatabaseSettings(url=SecretStr(urls[name]))
            await upgrade(settings, part.MIGRATIONS)
            dbs[name] = await held.enter_async_context(Database.open(settings))
        outboxes = {name: Outbox(db, bus, name) for name, db in dbs.items()}
        common = {"environment": "test", "bus": {"url": bus_url}, "auth": issuer.settings, "seal": SEAL}
        sealer, now = Sealer.of(SEAL), lambda: datetime.now(UTC)

        of_records = RecordsSettings(**common, database={"url": urls["records"]})
        idempotency = Idempotency(dbs["records"], records_schema.idempotency)
        limits = complaint_limits(of_records.complaint)
        recording = RecordsContext(
            of_records, dbs["records"], outboxes["records"], sealer, idempotency, Metrics(), frozenset(), now, limits
        )  # fmt: skip
        metrics = Metrics()
        people = Registry(await held.enter_async_context(registry(tmp_path, EVERYBODY)), metrics)
        desk = GuardianDesk(people, GuardianSettings(), lambda: date(2022, 4, 1))
        own = Idempotency(dbs["verifier"], verifier_schema.idempotency)
        guesses = GuessLimits(CheckSettings(), sealer)
        verifying = VerifierContext(dbs["verifier"], outboxes["verifier"], people, desk, guesses, sealer, own, metrics)
        of_signer = SignerSettings(**common, database={"url": urls["signer"]})
        profile = signer.profile_of(of_signer.certificate)
        ring = open_key_folder(tmp_path / "keys", Algorithm.ES256, profile.country, "test", now())
        signing = SignerContext(
            of_signer, dbs["signer"], outboxes["signer"], sealer, ring, signer.trust_of(of_signer.trust, ring), profile,
            LookupCounter(of_signer.lookup), PictureReader(), Metrics(), now, os.urandom,
        )  # fmt: skip
        followed = {
            "records": records_consumer.subscriptions(recording),
            "verifier": verifier_consumer.subscriptions(verifying),
            "signer": signer_consumer.subscriptions(signing),
        }
        app = create_app(
            **records_api.ABOUT, routers=records_api.ROUTERS, context=recording, authenticator=Authenticator(issuer.settings),
            metrics=recording.metrics, ready={},
        )  # fmt: skip
        transport, headers = httpx.ASGITransport(app), issuer.headers(Role.SERVICE)
        client = httpx.AsyncClient(transport=transport, base_url="http://records/records/v1", headers=headers)
        await held.enter_async_context(client)
        services = {name: Service(urls[name], dbs[name], outboxes[name], followed[name]) for name in EVERYONE}
        yield Country(services, bus, bus_url, client)


@pytest.mark.parametrize(
    ("before", "lost", "left"),
    [
        ((), RECORDED, ("pending", None)),
        (("verifier",), VERIFIED, ("pending", None)),
        (("verifier", "signer"), VERIFIED, ("issued", None)),
        (("verifier", "signer"), ISSUED, ("eligible", "exact")),
    ],
    ids=["recorded", "verified", "verified for records alone", "issued"],
)
async def test_doses_whose_events_were_lost_are_told_again_and_issued_once(
    country: Country, before: Sequence[str], lost: Topic, left: tuple[str, str | None]
) -> None:
    versions = await country.record()
    await country.publish("records")
    for name in before:
        await country.work(name)
    await country.lose(lost)
    await country.work(*EVERYONE)
    signed, revoked = await country.rows("signer", _VALID), await country.rows("signer", _REVOKED)
    assert {dose[1:3] for dose in (await country.stand()).values()} == {left}

    assert await country.retell("pending", later=timedelta()) == "0 doses told again"
    assert await country.retell("pending") == "2 doses told again"
    await country.work(*EVERYONE)
    stand = await country.stand()
    assert {dose_id: one[:3] for dose_id, one in stand.items()} == {id_: (version, "issued", "exact") for id_, version in versions.items()}
    certificates = await country.rows("signer", _VALID)
    assert [(dose_id, one[0], one[3]) for dose_id, one in sorted(stand.items())] == certificates
    assert signed in ([], certificates), "what was signed before keeps its identifier"
    assert await country.rows("signer", _REVOKED) == revoked
    assert await country.rows("verifier", "SELECT dose_id, max(version) FROM verification GROUP BY dose_id ORDER BY 1") == [
        *sorted(versions.items())
    ]
    assert await country.retell("pending") == "0 doses told again"


async def test_a_withdrawal_that_was_lost_is_told_again_and_ends_the_certificate(country: Country) -> None:
    (first, second) = await country.record()
    await country.work(*EVERYONE)
    uvci = (await country.stand())[first][3]
    answer = await country.client.request("DELETE", f"/doses/{first}", params={"reason": "entered_in_error"})
    assert answer.status_code in (200, 204), answer.text
    await country.publish("records")
    await country.lose(WITHDRAWN)
    await country.work(*EVERYONE)
    revoked = await country.rows("signer", _REVOKED)
    assert (uvci,) not in revoked

    assert await country.retell("withdrawn", later=timedelta(days=2)) == "0 withdrawals told again"
    for _ in range(2):
        assert await country.retell("withdrawn") == "1 withdrawals told again"
        await country.work(*EVERYONE)
        assert await country.rows("signer", _REVOKED) == sorted([*revoked, (uvci,)])
    assert {id_: one[1] for id_, one in (await country.stand()).items()} == {first: "withdrawn", second: "issued"}


async def test_doses_are_looked_at_in_slices_and_told_by_their_batch(country: Country) -> None:
    for _ in range(2):
        answer = await country.client.post("/batches", json={"doses": [typed(TAM) for _ in range(3)]})
        assert answer.status_code == 202
    await country.publish("records")
    await country.lose(RECORDED)
    one = country.services["records"]
    assert await retell_pending(one.db, one.outbox, Sealer.of(SEAL), datetime.now(UTC) + timedelta(hours=1), slice_of=2) == 6
    await country.work(*EVERYONE)
    batches = await country.rows("records", "SELECT batch_id, count(*) FROM dose GROUP BY batch_id ORDER BY 1")
    assert await country.rows("verifier", "SELECT batch_id, count(*) FROM verification GROUP BY batch_id ORDER BY 1") == batches
    assert [count for _, count in batches] == [3, 3]


@pytest.mark.parametrize("text", ["", "d", "0d", "1w", "1.5d", "-1d", "10000d", "1d "])
def test_an_age_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no age"):
        read_age(text)


def test_an_age_is_hours_or_days() -> None:
    assert (read_age("36h"), read_age("40d")) == (timedelta(hours=36), timedelta(days=40))


def test_a_command_that_is_none_prints_how_it_is_used() -> None:
    shown = subprocess.run([sys.executable, "-m", "services.records.retell", "pending"], capture_output=True, text=True, check=False)
    assert shown.returncode == 2
    assert "withdrawn AGE" in shown.stderr
