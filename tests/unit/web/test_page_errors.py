"""What goes wrong is told in words that say what to do, and what was typed is still there."""

from typing import Annotated, Any, cast

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Form
from pydantic import SecretStr

from services.chassis.db import Database, DatabaseSettings
from services.chassis.encryption import SealSettings
from services.chassis.errors import ServiceError, TransientError
from services.chassis.telemetry import Metrics
from web.app import create_pages, make_context
from web.asking import Services
from web.guards import OpenPage
from web.sessions.session import Session
from web.settings import ReachedService, Settings, SignInSettings

KEY = SecretStr("A" * 43 + "=")
NAME = "Nguyễn Thị <script>alert(1)</script> Ái"
ERRORS: dict[str, Exception] = {
    "unreachable": httpx.ConnectError("x"),
    "transient": TransientError("x"),
    "too-often": ServiceError(
        429, "TOO_MANY", "Hãy chờ.", "Please wait.", headers={"Retry-After": "17"}
    ),
    "broken": RuntimeError("079077462790"),
}


def app() -> FastAPI:
    """Pages that fail, each in its own way."""
    router = APIRouter()
    visitor = Annotated[Session | None, Depends(OpenPage("a page that fails in this test"))]

    @router.get("/form")
    async def show() -> None:
        raise ServiceError(404, "X", "Không có.", "Nothing here.")

    @router.post("/form/{kind}")
    async def fail(kind: str, visitor: visitor, name: Annotated[str, Form()]) -> None:
        raise ERRORS[kind]

    reached = ReachedService(url="http://127.0.0.1:1")
    cfg = Settings(
        database=DatabaseSettings(url=SecretStr("postgresql://x")),
        seal=SealSettings(keys=KEY, index_key=KEY),
        records=reached,
        verifier=reached,
        signer=reached,
        oidc=SignInSettings(issuer="http://127.0.0.1:1/issuer", client_secret=KEY),
        public_origin="http://test",
    )
    metrics = Metrics()
    services = Services({}, {})
    context = make_context(cfg, cast(Database, None), services, metrics)
    return create_pages([router], context=context, metrics=metrics, ready={})


async def sent(kind: str, **headers: str) -> httpx.Response:
    """A form that somebody has filled in, and what it is answered."""
    transport = httpx.ASGITransport(app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        page = (await client.get("/nowhere")).text
        token = page.split('name="csrf-token" content="')[1].split('"')[0]
        own: dict[str, Any] = {"Sec-Fetch-Site": "same-origin", **headers}
        form = {"csrf": token, "name": NAME}
        return await client.post(f"/form/{kind}", data=form, headers=own)


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("unreachable", 503, "Không có gì bị mất"),
        ("transient", 503, "Không có gì bị mất"),
        ("too-often", 429, "Hãy chờ."),
        ("broken", 500, "không phải của bạn"),
    ],
)
async def test_an_error_is_a_page_of_words_and_quotes_nothing_of_the_inside(
    kind: str, status: int, words: str
) -> None:
    answer = await sent(kind)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "079077462790" not in answer.text and "Traceback" not in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("kind", ["unreachable", "too-often"])
async def test_what_was_typed_can_be_sent_again_from_the_page_of_the_error(kind: str) -> None:
    answer = await sent(kind)
    assert 'value="Nguyễn Thị &lt;script&gt;alert(1)&lt;/script&gt; Ái"' in answer.text
    assert f'action="/form/{kind}"' in answer.text
    assert answer.headers["retry-after"] == ("17" if kind == "too-often" else "5")


async def test_a_form_of_another_site_is_never_offered_to_be_sent_again() -> None:
    answer = await sent("too-often", **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert 'action="/form' not in answer.text and "Ái" not in answer.text


async def test_a_part_of_a_page_is_answered_by_a_part_and_no_second_page() -> None:
    answer = await sent("unreachable", **{"HX-Request": "true"})
    assert answer.status_code == 503
    assert "<html" not in answer.text and "Không có gì bị mất" in answer.text
