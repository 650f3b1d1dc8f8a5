"""The link in a look-up's letter: it opens the passport once, for a day, and tells nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from services.signer.context import Context
from services.signer.schema import passport_link
from services.signer.settings import LookupSettings
from services.signer.store import passport_links
from services.signer.workers.lookup_mailer import work_off
from tests.integration.signer.conftest import Clock, edge, strict
from tests.integration.signer.test_lookups import RIGHT
from tests.integration.signer.work import HOA, SECOND, dose, handle, verified, withdrawn
from tests.support.bus import PATIENCE_S
from tests.support.mail import Sink
from tests.support.pages import read_page
from tests.support.tokens import TestIssuer

LINKS = "/signer/v1/passport-links"


@pytest.fixture
async def token(context: Context, client: httpx.AsyncClient, sink: Sink) -> AsyncIterator[str]:
    """Of the link that a letter brought."""
    await handle(context, verified(dose(1), dose(2, number=2, given=SECOND)))
    stop = asyncio.Event()
    working = asyncio.create_task(work_off(context, sink.mailer(), stop))
    await client.post("/signer/v1/lookups", json=RIGHT)
    async with asyncio.timeout(PATIENCE_S):
        await context.lookups.waiting.join()
    body = sink.taken[0].get_body(("plain",))
    assert body
    links = set(re.findall(r"http://127\.0\.0\.1:8000/p/([\w-]+)", body.get_content()))
    assert len(links) == 1
    yield links.pop()
    stop.set()
    async with asyncio.timeout(PATIENCE_S):
        await working


async def _open(client: httpx.AsyncClient, token: str, to: str = "open") -> httpx.Response:
    return await client.post(f"{LINKS}/{to}", json={"token": token})


async def test_the_link_opens_the_passport_once(client: httpx.AsyncClient, token: str) -> None:
    first = await _open(client, token)
    assert first.status_code == 200, first.text
    assert first.headers["Cache-Control"] == "no-store"
    opened = first.json()
    assert opened["passport"]["fields"][0]["value_vi"] == HOA.full_name
    assert len(opened["passport"]["certificates"]) == 2
    assert HOA.personal_id not in first.text
    second = await _open(client, token)
    assert (second.status_code, second.json()["code"]) == (404, "LINK_NOT_OPEN")
    # who opened it looks again, and prints
    again = await _open(client, opened["again"], "again")
    assert again.json()["fields"] == opened["passport"]["fields"]
    page = await _open(client, opened["again"], "passport.pdf")
    assert read_page(page.content).code()[0] == again.json()["certificates"][-1]["qr"]


async def test_what_only_looks_at_the_link_does_not_use_it_up(
    client: httpx.AsyncClient, token: str
) -> None:
    # a mail scanner follows links by GET and HEAD
    for method in ("GET", "HEAD"):
        assert (await client.request(method, f"{LINKS}/open")).status_code == 405
    assert (await _open(client, token)).status_code == 200


@pytest.mark.parametrize(
    "guess", ["x" * 43, "", "../../etc", "x" * 200, "a b", "%00", "ABC'; DROP TABLE intent"]
)
async def test_a_guess_opens_nothing_and_is_told_nothing(
    guess: str, client: httpx.AsyncClient, token: str
) -> None:
    answer = await _open(client, guess)
    assert answer.status_code in (404, 422)
    assert (await _open(client, token)).status_code == 200


async def test_neither_token_does_what_the_other_does(
    client: httpx.AsyncClient, token: str
) -> None:
    assert (await _open(client, token, "again")).status_code == 404
    again = (await _open(client, token)).json()["again"]
    assert (await _open(client, again)).status_code == 404


async def test_a_link_ends_after_a_day_and_looking_again_after_half_an_hour(
    context: Context, client: httpx.AsyncClient, token: str
) -> None:
    clock = context.clock
    assert isinstance(clock, Clock)
    again = (await _open(client, token)).json()["again"]
    clock.ahead = timedelta(minutes=31)
    assert (await _open(client, again, "again")).status_code == 404
    async with context.db.begin() as tx:
        await tx.raw.execute("UPDATE passport_link SET again = NULL")
    clock.ahead = timedelta(hours=24, minutes=1)
    assert (await _open(client, token)).json()["code"] == "LINK_NOT_OPEN"


async def test_the_table_holds_no_token_and_forgets(context: Context, token: str) -> None:
    async with context.db.begin() as tx:
        (row,) = await tx.execute(select(passport_link))
        assert token.encode() not in row.token
        assert await passport_links.forget_expired(tx, row.expires_at, 10) == 0
        assert (
            await passport_links.forget_expired(tx, row.expires_at + timedelta(seconds=1), 10) == 1
        )


async def test_a_certificate_withdrawn_meanwhile_is_not_shown(
    context: Context, client: httpx.AsyncClient, token: str
) -> None:
    await handle(context, withdrawn(2))
    opened = (await _open(client, token)).json()
    assert len(opened["passport"]["certificates"]) == 1


async def test_one_address_may_try_links_so_often(
    context: Context, issuer: TestIssuer, token: str
) -> None:
    limited = strict(context, LookupSettings(openings_per_address="3 per minute"))
    async with edge(limited, issuer) as client:
        statuses = [(await _open(client, f"{n:043}")).status_code for n in range(4)]
        assert statuses == [404, 404, 404, 429]
