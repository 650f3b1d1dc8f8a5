"""An office's code: who has one looks up a passport however often others tried the number."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from contracts.access import Role
from services.signer.context import Context
from services.signer.schema import audit, lookup_code
from services.signer.settings import LookupSettings
from services.signer.store import lookup_codes
from services.signer.store.intents import person_index
from services.signer.workers.lookup_mailer import work_off
from tests.integration.signer.conftest import Clock, edge, strict
from tests.integration.signer.test_lookups import RIGHT
from tests.integration.signer.work import HOA, HUNG, SECOND, dose, handle, verified
from tests.support.bus import PATIENCE_S
from tests.support.mail import Sink
from tests.support.tokens import TestIssuer

_TRIED_OUT = LookupSettings(
    per_address="100 per minute", per_person="100 per hour", free_per_person="1 per day"
)


@pytest.fixture
async def tried(
    context: Context, issuer: TestIssuer, sink: Sink
) -> AsyncIterator[tuple[Context, httpx.AsyncClient]]:
    """A signer, whose worker answers, where others tried the number too often."""
    await handle(context, verified(dose(1), dose(2, number=2, given=SECOND)))
    tight, stop = strict(context, _TRIED_OUT), asyncio.Event()
    working = asyncio.create_task(work_off(tight, sink.mailer(), stop))
    async with edge(tight, issuer) as client:
        statuses = [
            (await client.post("/signer/v1/lookups", json=RIGHT | {"sex": "male"})).status_code
            for _ in range(3)
        ]
        assert statuses == [202, 202, 429]
        yield tight, client
    stop.set()
    async with asyncio.timeout(PATIENCE_S):
        await working


async def _code(
    client: httpx.AsyncClient, issuer: TestIssuer, personal_id: str = HOA.personal_id
) -> httpx.Response:
    return await client.post(
        "/signer/v1/lookup-codes",
        json={"personal_id": personal_id},
        headers=issuer.headers(Role.STATION, areas=["79"]),
    )


async def _ask(
    tried: tuple[Context, httpx.AsyncClient], code: str, **changed: str
) -> httpx.Response:
    context, client = tried
    answer = await client.post("/signer/v1/lookups", json={**RIGHT, "code": code, **changed})
    async with asyncio.timeout(PATIENCE_S):
        await context.lookups.waiting.join()
    return answer


async def test_a_code_of_the_office_gets_the_passport_once_however_often_others_tried(
    tried: tuple[Context, httpx.AsyncClient], issuer: TestIssuer, sink: Sink
) -> None:
    given = await _code(tried[1], issuer)
    assert (given.status_code, given.headers["cache-control"]) == (201, "no-store")
    code = given.json()["code"]
    typed = code.lower().replace("-", " ").replace("0", "o")
    first = await _ask(tried, typed)
    assert (first.status_code, len(sink.taken)) == (202, 1)
    second = await _ask(tried, code)
    assert (second.status_code, second.content, len(sink.taken)) == (202, first.content, 1)


async def test_a_wrong_code_another_persons_or_an_old_one_is_answered_alike_and_gets_nothing(
    tried: tuple[Context, httpx.AsyncClient], issuer: TestIssuer, sink: Sink
) -> None:
    context, client = tried
    others = (await _code(client, issuer, HUNG.personal_id)).json()["code"]
    own = (await _code(client, issuer)).json()["code"]
    answers = [await _ask(tried, code) for code in ("0000-0000-0000", "x", others)]
    assert isinstance(context.clock, Clock)
    context.clock.ahead = timedelta(hours=25)
    answers.append(await _ask(tried, own))
    assert sink.taken == []
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (202, answers[0].content)
    }


async def test_a_code_is_tried_a_few_times_and_replaces_no_detail(
    tried: tuple[Context, httpx.AsyncClient], issuer: TestIssuer, sink: Sink
) -> None:
    code = (await _code(tried[1], issuer)).json()["code"]
    for _ in range(lookup_codes.MOST_TRIES):
        await _ask(tried, code, full_name="Nguyễn Thị Hoa")
    await _ask(tried, code)
    assert sink.taken == []


async def test_what_is_stored_is_neither_code_nor_person_and_the_look_is_written_down(
    tried: tuple[Context, httpx.AsyncClient], issuer: TestIssuer
) -> None:
    context, client = tried
    given = (await _code(client, issuer)).json()
    unknown = await _code(client, issuer, "068180999999")
    assert (unknown.status_code, unknown.json().keys()) == (201, given.keys())
    async with context.db.begin() as tx:
        stored = (await tx.execute(select(lookup_code))).all()
        noted = (await tx.execute(select(audit.c.act, audit.c.kind, audit.c.subjects))).all()
    assert given["code"] not in str(stored)
    person = person_index(context.sealer, HOA.personal_id)
    assert person not in {row.code for row in stored}
    assert tuple(noted[0]) == ("lookup_code", "person", [person])
    assert len(noted) == 2


async def test_codes_are_given_by_stations_and_few_for_one_person(
    tried: tuple[Context, httpx.AsyncClient], issuer: TestIssuer
) -> None:
    _, client = tried
    body = {"personal_id": HOA.personal_id}
    for role in (Role.FACILITY, Role.CITIZEN, Role.POLICE):
        refused = await client.post(
            "/signer/v1/lookup-codes", json=body, headers=issuer.headers(role)
        )
        assert refused.status_code == 403
    assert (await client.post("/signer/v1/lookup-codes", json=body)).status_code == 401
    statuses = [(await _code(client, issuer)).status_code for _ in range(4)]
    assert statuses == [201, 201, 201, 429]
    assert (await _code(client, issuer, HUNG.personal_id)).status_code == 201


async def test_expired_codes_are_forgotten(context: Context) -> None:
    now = context.clock()
    async with context.db.begin() as tx:
        for code, age in ((1, -1), (2, 1), (3, 2)):
            await lookup_codes.add(tx, lookup_codes.CodeIndex(code), now - timedelta(days=age))
        assert await lookup_codes.forget_expired(tx, now, 10) == 2
        assert [row.code for row in await tx.execute(select(lookup_code))] == [1]
