"""Whose request a service is told it is, through the gateway, and what of a service nobody outside
is shown.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from deploy.local.forwarded import Networks, client_of, networks
from deploy.local.gateway import build
from services.chassis.auth import Authenticator, AuthSettings
from services.chassis.http import create_app
from services.chassis.limits import client_address
from services.chassis.telemetry import Metrics

INGRESS, BALANCER = "10.1.0.7", "10.1.0.8"
OURS = networks("10.1.0.0/16, 2001:db8::5")


@pytest.fixture
async def signer(tmp_path: Path) -> AsyncIterator[str]:
    """A service on a Unix socket that says for whom it would count a request, by the rule of the
    look-ups.
    """

    async def told(request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "header": request.headers.getlist("x-forwarded-for"),
                "counted": client_address(request, "X-Forwarded-For"),
            }
        )

    socket = str(tmp_path / "signer.sock")
    async with _served(Starlette(routes=[Route("/signer/told", told)]), socket):
        yield socket


@pytest.fixture
async def scraped(tmp_path: Path) -> AsyncIterator[str]:
    """A service as all are built, on a Unix socket, that has counted something."""
    metrics, auth = (
        Metrics(),
        Authenticator(AuthSettings(issuer="https://issuer.example", jwks="unread")),
    )
    metrics.count("lookup", "not_answered")
    app = create_app(
        "signer", "", "signer", [], context=None, authenticator=auth, metrics=metrics, ready={}
    )
    socket = str(tmp_path / "scraped.sock")
    async with _served(app, socket):
        yield socket


@asynccontextmanager
async def _served(app: ASGIApp, socket: str) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, uds=socket, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await serving


async def _through(signer: str, trusted: Networks, peer: str, *sent: str) -> dict[str, object]:
    gateway = build({"signer": signer}, trusted)
    async with (
        gateway.router.lifespan_context(gateway),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(gateway, client=(peer, 4711)), base_url="http://hochieu"
        ) as client,
    ):
        answer = await client.get(
            "/signer/told", headers=[("X-Forwarded-For", one) for one in sent]
        )
    return dict(answer.json())


@pytest.mark.parametrize(
    ("trusted", "peer", "sent", "client"),
    [
        ((), "203.0.113.7", [], "203.0.113.7"),
        ((), "203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        (OURS, "203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        (OURS, INGRESS, ["203.0.113.7"], "203.0.113.7"),
        (OURS, INGRESS, ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (OURS, INGRESS, ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (OURS, INGRESS, [f"198.51.100.1, 203.0.113.7, {BALANCER}"], "203.0.113.7"),
        (OURS, "2001:db8::5", ["2001:db8:1::9"], "2001:db8:1::9"),
        (OURS, INGRESS, [], INGRESS),
        (OURS, INGRESS, [BALANCER], BALANCER),
        (OURS, INGRESS, ["unknown"], "unknown"),
    ],
)
async def test_a_service_counts_for_the_last_who_is_no_proxy_of_ours(
    trusted: Networks, peer: str, sent: list[str], client: str, signer: str
) -> None:
    assert await _through(signer, trusted, peer, *sent) == {"header": [client], "counted": client}
    assert client_of(peer, sent, trusted) == client


@pytest.mark.parametrize(
    "path",
    [
        "/signer/metrics",
        "/signer/metrics/",
        "/signer/metrics?a=b",
        "/signer%2Fmetrics",
        "/signer/%6detrics",
        "/signer/v1/../metrics",
        "/signer/./metrics",
    ],
)
async def test_metrics_are_shown_to_who_asks_the_service_and_to_nobody_through_the_gateway(
    path: str, scraped: str
) -> None:
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=scraped), base_url="http://hochieu"
    ) as direct:
        assert (
            'items_total{outcome="not_answered",stage="lookup"} 1.0'
            in (await direct.get("/signer/metrics")).text
        )
    gateway = build({"signer": scraped})
    async with gateway.router.lifespan_context(gateway), _served(gateway, f"{scraped}.gateway"):
        reader, writer = await asyncio.open_unix_connection(f"{scraped}.gateway")
        for asked, status in ((path, b"404"), ("/signer/healthz", b"200")):
            # as it stands: a client would tidy it up
            writer.write(f"GET {asked} HTTP/1.1\r\nHost: hochieu\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(
                next(
                    line
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                ).split(b":")[1]
            )
            assert (head.split(b" ", 2)[1], b"items_total" in await reader.readexactly(length)) == (
                status,
                False,
            )
        writer.close()


def test_what_is_no_network_is_refused() -> None:
    assert networks("") == []
    with pytest.raises(ValueError, match=r"10\.1\.0\.7/16"):
        networks("10.1.0.7/16")


async def test_events_pass_as_they_come_and_not_when_the_stream_has_ended(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def told() -> AsyncIterator[bytes]:
        yield b"data: first\n\n"
        await go_on.wait()
        yield b"data: last\n\n"

    async def stream(_: Request) -> StreamingResponse:
        return StreamingResponse(told(), media_type="text/event-stream")

    part, front = str(tmp_path / "part.sock"), str(tmp_path / "front.sock")
    gateway = build({"records": part})
    async with (
        asyncio.timeout(20),
        _served(Starlette(routes=[Route("/records/stream", stream)]), part),
        gateway.router.lifespan_context(gateway),
        _served(gateway, front),
        httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=front), base_url="http://hochieu"
        ) as client,
        client.stream("GET", "/records/stream") as answer,
    ):
        parts = answer.aiter_bytes()
        assert await anext(parts) == b"data: first\n\n"
        go_on.set()
        assert await anext(parts) == b"data: last\n\n"
