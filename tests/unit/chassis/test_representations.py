"""What HTTP gives with every GET: HEAD, validators, packing, limits that are told, languages, and
pages of other origins.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.responses import StreamingResponse

from services.chassis.auth import Authenticator, Public
from services.chassis.errors import ServiceError
from services.chassis.http import create_app
from services.chassis.limits import AmountLimits, LimitRefusal, RateLimits
from services.chassis.representations import KEPT_BY_CALLER, Keeping
from services.chassis.settings import HttpSettings
from services.chassis.telemetry import Metrics
from tests.contract.reading import committed
from tests.support.tokens import TestIssuer

APP = "https://app.example"
REFUSAL = LimitRefusal("TOO_MANY", "Quá nhiều.", "Too many.")
router = APIRouter(dependencies=[Depends(Public("a test"))])
amounts = AmountLimits("async+memory://", {"listed": "10 per hour"}, REFUSAL)
rates = RateLimits("async+memory://", {"address": "3 per hour", "person": "3 per hour"}, REFUSAL)
left = asyncio.Event()


@router.get("/counts", dependencies=[Depends(KEPT_BY_CALLER)])
async def read_counts() -> dict[str, int]:
    return {"doses": 7}


@router.get("/list", dependencies=[Depends(Keeping("public, max-age=60"))])
async def read_list() -> list[str]:
    return ["a signer's key"] * 200


@router.get("/person")
async def read_person() -> str:
    await amounts.take("listed", "somebody", 4)
    await rates.admit("address", "192.0.2.1")
    await rates.admit("person", "the one who is asked about")
    return "a name" * 500


@router.get("/endless", response_class=StreamingResponse)
async def read_endless() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more"
                await asyncio.sleep(0.01)
        finally:
            left.set()

    return StreamingResponse(parts())


@router.post("/refused")
async def refuse() -> None:
    raise ServiceError(409, "NO", "Không.", "No.")


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        "t", "t", "t", [router], context=None, metrics=Metrics(), ready={}, cors_origins=[APP],
        authenticator=Authenticator(TestIssuer(tmp_path).settings),
    )  # fmt: skip
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://t/t/v1"
    ) as open_client:
        yield open_client


async def test_every_get_has_a_head_with_the_same_headers_and_no_body(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/counts", "/list", "/refused"):
        whole, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        for name in ("content-type", "etag", "content-length"):
            assert head.headers.get(name) == whole.headers.get(name), (path, name)


async def test_a_head_of_what_would_never_end_is_answered_and_ends_it(
    client: httpx.AsyncClient,
) -> None:
    async with asyncio.timeout(10):
        assert (await client.head("/endless")).status_code == 200
        await left.wait()


async def test_who_has_the_answer_already_is_told_so(client: httpx.AsyncClient) -> None:
    first = await client.get("/counts")
    assert first.headers["cache-control"] == "private, no-cache"
    for tag in (first.headers["etag"], f'"other", {first.headers["etag"]}', "*"):
        again = await client.get("/counts", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert (await client.get("/counts", headers={"If-None-Match": '"x"'})).status_code == 200


async def test_what_is_personal_has_no_validator_and_is_never_packed(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/person", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["cache-control"] == "no-store"
    assert not {"etag", "content-encoding"} & set(answer.headers)


async def test_what_everybody_gets_alike_is_packed_for_who_takes_it(
    client: httpx.AsyncClient,
) -> None:
    async with client.stream("GET", "/list", headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    plain = await client.get("/list", headers={"Accept-Encoding": "identity"})
    assert gzip.decompress(raw) == plain.content
    assert int(packed.headers["content-length"]) == len(raw) < len(plain.content)
    assert packed.headers["etag"] == plain.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]


async def test_limits_of_the_caller_are_told_and_those_of_who_is_asked_about_are_not(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/person")
    assert answer.headers["ratelimit-policy"] == '"listed";q=10;w=3600, "address";q=3;w=3600'
    assert "ratelimit" not in (await client.get("/counts")).headers
    told = [one.split(";") for one in answer.headers["ratelimit"].split(", ")]
    assert [name for name, *_ in told] == ['"listed"', '"address"']


@pytest.mark.parametrize(
    ("wished", "order"),
    [
        (None, "vi, en"),
        ("en", "en, vi"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en, vi"),
        ("fr, vi;q=0.5, en;q=0.4", "vi, en"),
        ("en;q=nonsense", "vi, en"),
    ],
)
async def test_a_problem_is_told_in_both_languages_and_the_message_in_the_preferred_one(
    client: httpx.AsyncClient, wished: str | None, order: str
) -> None:
    headers = {"Accept-Language": wished} if wished else {}
    answer = await client.post("/refused", headers=headers)
    problem = answer.json()
    assert (problem["detail"], problem["detail_vi"]) == ("No.", "Không.")
    assert answer.headers["content-language"] == order
    assert problem["message"] == ("No." if order.startswith("en") else "Không.")


async def test_only_pages_of_origins_that_are_named_may_ask(client: httpx.AsyncClient) -> None:
    asked = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    ours = await client.options("/counts", headers={"Origin": APP, **asked})
    assert ours.headers["access-control-allow-origin"] == APP
    assert "access-control-allow-credentials" not in ours.headers
    others = await client.options("/counts", headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in others.headers
    answer = await client.get("/counts", headers={"Origin": APP})
    assert answer.headers["access-control-allow-origin"] == APP


async def test_a_page_may_read_every_header_that_the_documents_describe(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/counts", headers={"Origin": APP})
    may_read = set(answer.headers["access-control-expose-headers"].split(", "))
    # what every page may read (Fetch standard), and what says how to sign in
    always = {"Cache-Control", "WWW-Authenticate"}
    described = {
        header
        for path in committed("openapi/records.json")["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
        for header in response.get("headers", {})
    }
    assert described - always - may_read == set()


@pytest.mark.parametrize("origin", ["*", "https://*.example", "https://app.example/", "null"])
def test_no_setting_names_more_than_exact_origins(origin: str) -> None:
    with pytest.raises(ValidationError):
        HttpSettings(cors_origins=(origin,))
