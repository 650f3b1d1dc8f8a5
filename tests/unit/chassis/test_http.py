"""The HTTP edge: whatever goes wrong leaves as a problem document."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from structlog.testing import capture_logs

from services.chassis.auth import Allow, Authenticator, Public
from services.chassis.errors import ServiceError, TransientError
from services.chassis.gate import BodySize
from services.chassis.http import create_app
from services.chassis.invalid import members
from services.chassis.settings import HttpSettings
from services.chassis.telemetry import Metrics
from tests.support.tokens import TestIssuer

router = APIRouter(dependencies=[Depends(Public("a test"))])


@router.post("/echo")
async def echo(
    body: Annotated[dict[str, int], Body()], limit: Annotated[int, Query(ge=1)] = 5
) -> dict[str, int]:
    return body


@router.get("/fails/{how}")
async def fails(how: str) -> None:
    raise {
        "expected": ServiceError(418, "TEAPOT", "Ấm trà.", "A teapot.", shape="round"),
        "away": TransientError("the wire"),
        "database": ConnectionRefusedError("no database"),
        "often": ServiceError(422, "MANY", "Nhiều.", "Many.", errors=[{"code": "x"}] * 30),
    }.get(how, RuntimeError("somebody's name"))


guarded = APIRouter(dependencies=[Depends(Allow("police"))])


@guarded.get("/people/{number}")
async def person(number: str) -> str:
    return number


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    authenticator = Authenticator(TestIssuer(tmp_path).settings)
    app = create_app(
        "t",
        "t",
        "t",
        [router, guarded],
        context=None,
        authenticator=authenticator,
        metrics=Metrics(),
        ready={},
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        yield client


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("expected", 418, "TEAPOT"),
        ("away", 503, "TRY_AGAIN"),
        ("database", 503, "TRY_AGAIN"),
        ("unknown", 500, "INTERNAL"),
    ],
)
async def test_every_failure_is_a_problem_with_its_code(
    client: httpx.AsyncClient, how: str, status: int, code: str
) -> None:
    answer = await client.get(f"/t/v1/fails/{how}")
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert answer.json()["code"] == code
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert "somebody" not in answer.text


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[]", b'{"a": "x"}', b""])
async def test_a_body_of_another_form_is_422_and_not_quoted(
    client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post(
        "/t/v1/echo", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID")


async def test_everything_that_is_wrong_is_told_at_once_in_both_languages(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/t/v1/echo?limit=0&colour=red&limt=5", json={"a": "x", "b": []})
    assert answer.status_code == 422
    codes = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert codes == {
        "limit": "greater_than_equal", "colour": "parameter_unknown", "limt": "parameter_unknown",
        "a": "int_parsing", "b": "int_type",
    }  # fmt: skip
    assert all(error["message"] and error["message_vi"] for error in answer.json()["errors"])


@pytest.mark.parametrize("path", ["/t/v1/fails/x?verbose=1", "/t/healthz?verbose=1"])
async def test_a_parameter_that_a_route_does_not_know_is_refused_before_anything_is_done(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "verbose")


async def test_one_request_knows_nothing_of_the_parameters_of_another(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.post("/t/v1/echo?colour=red", json={"a": 1})).status_code == 422
    assert (await client.post("/t/v1/echo?limit=5", json={"a": 1})).status_code == 200
    assert (await client.get("/t/healthz?")).status_code == 200


def test_every_kind_of_error_that_a_route_can_give_has_its_words_in_vietnamese() -> None:
    class Everything(BaseModel):
        model_config = ConfigDict(extra="forbid")

        text: str = Field(min_length=2, max_length=3, pattern="^a")
        number: int = Field(ge=1, lt=5)
        flag: bool
        kind: Literal["a", "b"]
        day: date
        many: list[int] = Field(min_length=1, max_length=2)

    wrong: list[dict[str, Any]] = [
        {}, {"text": "a", "number": 0, "flag": "x", "kind": "c", "day": "x", "many": [], "more": 1},
        {"text": "aaaa", "number": 9, "flag": [], "kind": 1, "day": [], "many": [1, 2, 3]},
        {"text": "bb", "number": "x", "many": "x"},
        {"text": 5, "number": 1.5, "many": ["x"]},
    ]  # fmt: skip
    for sent in wrong:
        with pytest.raises(ValidationError) as raised:
            Everything.model_validate(sent)
        for error in members(raised.value.errors(), skip=0)["errors"]:
            assert error["message_vi"] not in ("", "Giá trị không hợp lệ."), error
            assert "{" not in error["message_vi"]


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_would_fill_the_memory_is_413(
    client: httpx.AsyncClient, declared: bool
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(2):
            yield b" " * BodySize.FORM
            await asyncio.sleep(0)

    headers = {
        "Content-Type": "application/json",
        **({"Content-Length": str(2 * BodySize.FORM)} if declared else {}),
    }
    answer = await client.post("/t/v1/echo", content=parts(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(("path", "status"), [("/t/v1/nowhere", 404), ("/t/v1/echo", 405)])
async def test_a_wrong_path_or_method_is_a_problem_too(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )


async def test_of_many_errors_twenty_are_told_and_the_others_are_counted(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/t/v1/echo", json={f"k{number}": "x" for number in range(1000)})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 20)
    assert answer.json()["errors_left_out"] == 980


async def test_that_holds_for_errors_of_a_route_too(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/t/v1/fails/often")).json()
    assert (len(problem["errors"]), problem["errors_left_out"]) == (20, 10)


async def test_a_name_as_long_as_the_body_is_not_told_whole(client: httpx.AsyncClient) -> None:
    answer = await client.post("/t/v1/echo", json={"k" * 60_000: "x"})
    assert answer.status_code == 422
    assert len(answer.content) < 1_000


async def test_a_body_of_very_many_values_is_refused_before_it_is_taken_apart(
    client: httpx.AsyncClient,
) -> None:
    body = b"[" + b"[]," * 20_000 + b"[]]"
    assert len(body) < BodySize.FORM
    answer = await client.post(
        "/t/v1/echo", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "json_too_many_values")


async def test_a_path_with_a_slash_too_many_is_not_there_and_sends_nobody_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/t/healthz/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


async def test_https_alone_is_said_where_people_come_by_https(tmp_path: Path) -> None:
    for seconds, said in ((0, None), (3600, "max-age=3600")):
        app = create_app(
            "t", "t", "t", [], context=None, metrics=Metrics(), ready={},
            hsts=HttpSettings(hsts_s=seconds).hsts,
            authenticator=Authenticator(TestIssuer(tmp_path).settings),
        )  # fmt: skip
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://t"
        ) as client:
            answer = await client.get("/t/healthz")
            assert answer.headers.get("strict-transport-security") == said


async def test_a_refused_caller_is_logged_by_route_and_never_by_what_was_asked_for(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as lines:
        answer = await client.get("/t/v1/people/079085123456")
        await client.post("/t/v1/echo", json={})
    assert answer.status_code == 401
    [line] = [line for line in lines if line["event"] == "refused"]
    assert (line["route"], line["status"]) == ("/people/{number}", 401)
    assert "079085123456" not in str(lines)
