"""Records over a database of its own: its context, its HTTP edge in this process, an event log, and
what a verifier would say.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import select

from contracts.access import Role
from contracts.events import (
    MAX_CHUNK,
    AttributeResult,
    CasesChanged,
    CertificatesIssued,
    ChangedCase,
    DosesVerified,
    IssuedDose,
    RefusedAcceptance,
    RefusedDose,
    SuggestedPerson,
    VerifiedDose,
    checked,
)
from contracts.reasons import ADVICE
from contracts.topics import CASES, ISSUED, VERIFIED, Topic
from contracts.words import Grade, Reason, Result
from services.chassis.auth import Authenticator
from services.chassis.bus import Bus, BusSettings, Event, open_bus
from services.chassis.db import Database, DatabaseSettings
from services.chassis.encryption import Sealer, SealSettings
from services.chassis.http import create_app
from services.chassis.idempotency import Idempotency
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.records import api, schema
from services.records.__main__ import MIGRATIONS
from services.records.complaints.service import complaint_limits
from services.records.context import Context
from services.records.domain.dose import Raw
from services.records.exports.places import ExportPlaces
from services.records.live.live_places import LivePlaces
from services.records.pipeline.consumer import subscriptions
from services.records.quotas import upload_quotas
from services.records.settings import Settings
from services.records.suggestions.service import card_limits
from tests.support.files import CSV, csv_file
from tests.support.mail import sink  # noqa: F401
from tests.support.postgres import PostgresServer, postgres  # noqa: F401
from tests.support.tokens import TestIssuer
from tests.support.volumes import volumes

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
Judgement = tuple[Grade, Sequence[Reason]]


class Clock:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    """What time records thinks it is."""
    return Clock()


@pytest.fixture
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TestIssuer:
    """Who makes tokens."""
    return TestIssuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
async def database(postgres: PostgresServer) -> DatabaseSettings:
    """An empty database."""
    return DatabaseSettings(url=SecretStr(await postgres.database_url("records")))


@pytest.fixture
async def bus(postgres: PostgresServer) -> AsyncIterator[Bus]:
    """An empty event log."""
    async with open_bus(
        BusSettings(url=SecretStr(await postgres.database_url("bus")), partitions=4)
    ) as bus:
        yield bus


@pytest.fixture
async def context(
    database: DatabaseSettings, bus: Bus, issuer: TestIssuer
) -> AsyncIterator[Context]:
    """What a process of records holds, on a migrated database."""
    await upgrade(database, MIGRATIONS)
    seal = SealSettings(keys=SecretStr(KEY), index_key=SecretStr(KEY))
    cfg = Settings(
        environment="test",
        database=database,
        bus=BusSettings(url=database.url),
        auth=issuer.settings,
        seal=seal,
    )
    async with Database.open(database) as db:
        metrics = Metrics()
        yield Context(
            cfg=cfg,
            db=db,
            outbox=Outbox(db, bus, "records"),
            sealer=Sealer.of(seal),
            idempotency=Idempotency(db, schema.idempotency),
            metrics=metrics,
            facilities=frozenset(),
            clock=lambda: datetime.now(UTC),
            complaints=complaint_limits(cfg.complaint),
            exports=ExportPlaces(cfg.export),
            live=LivePlaces(cfg.live),
            quotas=upload_quotas(cfg.upload),
            volumes=volumes(metrics),
            cards=card_limits(cfg.acceptance),
        )


class Caller:
    """A client of records with one token."""

    def __init__(self, client: httpx.AsyncClient, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any request below `/records/v1`."""
        headers = {**self._headers, **more.pop("headers", {})}
        return await self._client.request(method, f"/records/v1{path}", headers=headers, **more)

    async def get(self, path: str, **filters: Any) -> Any:
        """The JSON of a request that succeeds."""
        answer = await self.ask("GET", path, params=filters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> Any:
        """The JSON of a request that succeeds."""
        answer = await self.ask("POST", path, json=body)
        assert answer.status_code in (200, 204), answer.text
        return answer.json() if answer.content else None

    async def upload(self, content: bytes, media_type: str = CSV) -> Any:
        """The answer to a file that is taken."""
        answer = await self.ask(
            "POST", "/batches", content=content, headers={"Content-Type": media_type}
        )
        assert answer.status_code == 202, answer.text
        return answer.json()


class Records:
    """Records in this process: callers by role, and the verifier's part."""

    def __init__(self, context: Context, client: httpx.AsyncClient, issuer: TestIssuer) -> None:
        self.context = context
        self._client = client
        self._issuer = issuer

    def caller(self, role: Role = Role.MINISTRY, **limits: Any) -> Caller:
        """Who asks."""
        return Caller(self._client, self._issuer.headers(role, **limits))

    async def record(self, raws: Iterable[Raw]) -> Any:
        """Takes rows in as a service, and answers the batch."""
        return await self.caller(Role.SERVICE).upload(csv_file(raws))

    async def judge(
        self,
        judgements: Mapping[str, Judgement],
        suggested: Mapping[str, Sequence[SuggestedPerson]] = MappingProxyType({}),
        opened: Collection[str] = (),
        doubts: Sequence[str] = (),
    ) -> None:
        """What the verifier concludes of doses by their source ids, at their current versions;
        `suggested`: whom they may mean. `opened`: those with which it opened a case. `doubts`: why
        people must decide on each.
        """
        async with self.context.db.begin() as tx:
            rows = await tx.execute(
                select(schema.dose.c.id, schema.dose.c.version, schema.dose.c.source_id)
            )
            doses = [
                replace(
                    _verified(row, *judgements[row.source_id], suggested.get(row.source_id, ())),
                    case="open" if row.source_id in opened else None,
                    doubts=tuple(doubts),
                )
                for row in rows
                if row.source_id in judgements
            ]
            assert len(doses) == len(judgements)
            chunks = [doses[at : at + MAX_CHUNK] for at in range(0, len(doses), MAX_CHUNK)]
            handler = next(
                one.handler for one in subscriptions(self.context) if one.topic == VERIFIED.name
            )
            await handler(
                tx,
                [
                    _event(DosesVerified(batch_id=1, algorithm="test", doses=chunk))
                    for chunk in chunks
                ],
            )

    async def sign(
        self,
        issued: Iterable[str] = (),
        refused: Mapping[str, str] = MappingProxyType({}),
        uvci: str = "URN:{}",
    ) -> None:
        """What the signer tells of doses by their source ids, at their current versions:
        certificates, and the codes of refusals.
        """
        now = datetime.now(UTC)
        async with self.context.db.begin() as tx:
            rows = await tx.execute(
                select(schema.dose.c.source_id, schema.dose.c.id, schema.dose.c.version)
            )
            doses = {row.source_id: (row.id, row.version) for row in rows}
            told = CertificatesIssued(
                kid="",
                issued_at=now,
                expires_at=now,
                certificates=[IssuedDose(*doses[one], uvci.format(one)) for one in issued],
                refused=[RefusedDose(*doses[one], code) for one, code in refused.items()],
            )
            handler = next(
                one.handler for one in subscriptions(self.context) if one.topic == ISSUED.name
            )
            await handler(tx, [_event(told, ISSUED)])

    async def tell_cases(
        self, *cases: ChangedCase, refused: Sequence[RefusedAcceptance] = ()
    ) -> None:
        """What the verifier tells of cases, and of acceptances that did not hold."""
        told = CasesChanged(cases=list(cases), refused=list(refused))
        handler = next(
            one.handler for one in subscriptions(self.context) if one.topic == CASES.name
        )
        async with self.context.db.begin() as tx:
            await handler(tx, [_event(told, CASES)])

    async def ids(self) -> dict[str, int]:
        """Dose ids by source id."""
        async with self.context.db.begin() as tx:
            return {
                row.source_id: row.id
                for row in await tx.execute(select(schema.dose.c.id, schema.dose.c.source_id))
            }


def _event(told: BaseModel, topic: Topic = VERIFIED) -> Event:
    value = told.model_dump_json().encode()
    return Event(
        uuid4().hex, topic.name, topic.name, "another service", "1", datetime.now(UTC), value
    )


def _verified(
    row: Any, grade: Grade, reasons: Sequence[Reason], suggested: Sequence[SuggestedPerson]
) -> VerifiedDose:
    attributes = tuple(
        checked(
            AttributeResult,
            {"name": ADVICE[one].field, "result": Result.MISMATCH, "reason": one},
        )
        for one in reasons
    )
    return VerifiedDose(
        dose_id=row.id,
        version=row.version,
        grade=grade,
        attributes=attributes,
        suggestions=tuple(suggested),
    )


@pytest.fixture
async def client(context: Context, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of records' routes."""
    app = create_app(
        **api.ABOUT,
        routers=api.ROUTERS,
        context=context,
        authenticator=Authenticator(issuer.settings),
        metrics=context.metrics,
        ready={"database": context.db.ping},
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://records"
    ) as open_client:
        yield open_client


@pytest.fixture
def records(context: Context, client: httpx.AsyncClient, issuer: TestIssuer) -> Records:
    """Records with nothing on record."""
    return Records(context, client, issuer)
