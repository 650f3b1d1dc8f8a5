"""The gate before bodies: who calls first, then how large, then what; and who went away."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Request
from starlette.types import Message

from contracts.access import Role
from services.chassis import gate
from services.chassis.auth import Allow, Authenticator, Principal, Public
from services.chassis.errors import ServiceError
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import create_app
from services.chassis.telemetry import Metrics
from tests.support.tokens import TestIssuer

router = APIRouter()
ministry = Allow(Role.MINISTRY)
counted: list[str] = []


async def _too_often(request: Request) -> None:
    counted.append(request.url.path)
    if len(counted) > 2:
        raise ServiceError(429, "TOO_OFTEN", "Quá nhiều.", "Too often.")


@router.post("/guarded")
async def guarded(
    caller: Annotated[Principal, Depends(ministry)], body: Annotated[dict[str, Any], Body()]
) -> str:
    return caller.subject


@router.post("/counted", dependencies=[Depends(Public("a test", _too_often))])
async def of_anybody(body: Annotated[dict[str, int], Body()]) -> None:
    return None


@router.post("/listed", dependencies=[Depends(Public("a test")), Depends(MaxBody(BodySize.LIST))])
async def listed(body: Annotated[dict[str, str], Body()]) -> None:
    return None


@router.post("/streamed", dependencies=[Depends(Public("a test"))])
async def streamed(request: Request) -> int:
    return sum([len(part) async for part in request.stream()])


class Sender:
    """Sends a request part by part, and notes how many of them were taken."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.taken = 0
        self.said: list[Message] = []

    async def send(
        self, path: str, parts: Iterator[bytes], headers: dict[str, str], whole: bool = True
    ) -> tuple[int, Any]:
        """Status and body of the answer; status 0 where there was none."""

        async def receive() -> Message:
            part = next(parts, None)
            if part is None and not whole:
                return {"type": "http.disconnect"}
            self.taken += 1
            return {"type": "http.request", "body": part or b"", "more_body": part is not None}

        async def answered(message: Message) -> None:
            self.said.append(message)

        sent = {"content-type": "application/json", **headers}
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
            "query_string": b"", "http_version": "1.1", "scheme": "http",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        }  # fmt: skip
        await self._app(scope, receive, answered)
        if not self.said:
            return 0, None
        body = b"".join(message.get("body", b"") for message in self.said[1:])
        return self.said[0]["status"], json.loads(body) if body else None


@pytest.fixture
def issuer(tmp_path: Path) -> TestIssuer:
    return TestIssuer(tmp_path)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app(issuer: TestIssuer, metrics: Metrics) -> FastAPI:
    counted.clear()
    return create_app(
        "t", "t", "t", [router], context=None, authenticator=Authenticator(issuer.settings),
        metrics=metrics, ready={},
    )  # fmt: skip


def _statuses(metrics: Metrics) -> list[str]:
    return [
        sample.labels["status"]
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "http_request_seconds_count"
    ]


async def test_nothing_of_a_body_is_read_before_the_token_was_looked_at(
    app: FastAPI, issuer: TestIssuer
) -> None:
    for headers, status in (
        ({}, 401),
        ({"authorization": "Bearer x.y.z"}, 401),
        (issuer.headers(Role.CITIZEN, personal_id="079085123456"), 403),
    ):
        sender = Sender(app)
        answered, problem = await sender.send("/t/v1/guarded", iter([b"[]" * 500]), headers)
        assert (answered, problem["status"], sender.taken) == (status, status, 0)


async def test_a_body_that_says_that_it_is_too_large_is_not_read_either(
    app: FastAPI, issuer: TestIssuer
) -> None:
    sender = Sender(app)
    headers = {**issuer.headers(Role.MINISTRY), "content-length": str(BodySize.FORM + 1)}
    status, problem = await sender.send("/t/v1/guarded", iter([b"{}"]), headers)
    assert (status, problem["code"], sender.taken) == (413, "BODY_TOO_LARGE", 0)


async def test_a_body_that_does_not_say_so_is_read_as_far_as_its_limit(
    app: FastAPI, issuer: TestIssuer
) -> None:
    sender = Sender(app)
    parts = iter([b" " * (BodySize.FORM // 4)] * 1000)
    status, problem = await sender.send("/t/v1/guarded", parts, issuer.headers(Role.MINISTRY))
    assert (status, problem["code"], sender.taken) == (413, "BODY_TOO_LARGE", 5)


async def test_a_token_is_checked_once_a_request(
    app: FastAPI, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    principal = app.state.authenticator.principal

    async def noted(token: str) -> Principal:
        checked.append(token)
        caller: Principal = await principal(token)
        return caller

    monkeypatch.setattr(app.state.authenticator, "principal", noted)
    status, _ = await Sender(app).send(
        "/t/v1/guarded", iter([b"{}"]), issuer.headers(Role.MINISTRY)
    )
    assert (status, len(checked)) == (200, 1)


async def test_refused_requests_are_counted_and_then_no_longer_read(app: FastAPI) -> None:
    assert (await Sender(app).send("/t/v1/counted", iter([b"x"]), {}))[0] == 422
    assert (await Sender(app).send("/t/v1/counted", iter([b'{"a":1}']), {}))[0] == 200
    sender = Sender(app)
    status, _ = await sender.send("/t/v1/counted", iter([b'{"a":1}']), {})
    assert (status, sender.taken, len(counted)) == (429, 0, 3)


async def test_a_client_that_goes_away_in_mid_body_is_no_error_of_ours(
    app: FastAPI, issuer: TestIssuer, metrics: Metrics
) -> None:
    for path in ("/t/v1/guarded", "/t/v1/streamed"):
        await Sender(app).send(path, iter([b'{"a"']), issuer.headers(Role.MINISTRY), whole=False)
    assert _statuses(metrics) == ["499", "499"]


async def test_larger_bodies_share_a_room_that_is_given_back(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_HELD", 1 << 20)
    for times, status in ((12, 200), (40, 503), (12, 200)):
        parts = [b'{"a":"', *[b"x" * BodySize.FORM] * (times - 1), b'"}']
        answered, _ = await Sender(app).send("/t/v1/listed", iter(parts), {})
        assert answered == status
