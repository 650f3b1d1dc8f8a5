"""Whose request a service is told it is, through the gateway."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.local.forwarded import Networks, client_of, networks
from deploy.local.gateway import build
from services.chassis.limits import client_address

INGRESS, BALANCER = "10.1.0.7", "10.1.0.8"
OURS = networks("10.1.0.0/16, 2001:db8::5")


@pytest.fixture
async def signer(tmp_path: Path) -> AsyncIterator[str]:
    """A service on a Unix socket that says for whom it would count a request, by the rule of the look-ups."""

    async def told(request: Request) -> JSONResponse:
        return JSONResponse({"header": request.headers.getlist("x-forwarded-for"), "counted": client_address(request, "X-Forwarded-For")})

    socket = str(tmp_path / "signer.sock")
    config = uvicorn.Config(Starlette(routes=[Route("/signer/told", told)]), uds=socket, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield socket
    server.should_exit = True
    await serving


async def _through(signer: str, trusted: Networks, peer: str, *sent: str) -> dict[str, object]:
    gateway = build({"signer": signer}, trusted)
    async with (
        gateway.router.lifespan_context(gateway),
        httpx.AsyncClient(transport=httpx.ASGITransport(gateway, client=(peer, 4711)), base_url="http://hochieu") as client,
    ):
        answer = await client.get("/signer/told", headers=[("X-Forwarded-For", one) for one in sent])
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


def test_what_is_no_network_is_refused() -> None:
    assert networks("") == []
    with pytest.raises(ValueError, match=r"10\.1\.0\.7/16"):
        networks("10.1.0.7/16")
