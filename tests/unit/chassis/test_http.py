"""The HTTP edge: whatever goes wrong leaves as a problem document."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Body, Depends

from services.chassis.auth import Authenticator, Public
from services.chassis.errors import ServiceError, TransientError
from services.chassis.http import MAX_BODY, create_app
from services.chassis.telemetry import Metrics
from tests.support.tokens import TestIssuer

router = APIRouter(dependencies=[Depends(Public("a test"))])


@router.post("/echo")
async def echo(body: Annotated[dict[str, int], Body()]) -> dict[str, int]:
    return body


@router.get("/fails/{how}")
async def fails(how: str) -> None:
    raise {
        "expected": ServiceError(418, "TEAPOT", "Ấm trà.", "A teapot.", shape="round"),
        "away": TransientError("the wire"),
        "database": ConnectionRefusedError("no database"),
    }.get(how, RuntimeError("somebody's name"))


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    authenticator = Authenticator(TestIssuer(tmp_path).settings)
    app = create_app("t", "t", "t", [router], context=None, authenticator=authenticator, metrics=Metrics(), ready={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        yield client


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [("expected", 418, "TEAPOT"), ("away", 503, "TRY_AGAIN"), ("database", 503, "TRY_AGAIN"), ("unknown", 500, "INTERNAL")],
)
async def test_every_failure_is_a_problem_with_its_code(client: httpx.AsyncClient, how: str, status: int, code: str) -> None:
    answer = await client.get(f"/t/v1/fails/{how}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert "somebody" not in answer.text


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[]", b'{"a": "x"}', b""])
async def test_a_body_of_another_form_is_422_and_not_quoted(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/t/v1/echo", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_would_fill_the_memory_is_413(client: httpx.AsyncClient, declared: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // (1 << 20) + 1):
            yield b" " * (1 << 20)
            await asyncio.sleep(0)

    headers = {"Content-Type": "application/json", **({"Content-Length": str(MAX_BODY + 1)} if declared else {})}
    answer = await client.post("/t/v1/echo", content=parts(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(("path", "status"), [("/t/v1/nowhere", 404), ("/t/v1/echo", 405)])
async def test_a_wrong_path_or_method_is_a_problem_too(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
