"""A body that is far too large costs its sender, and nobody else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.siege import besieged
from tests.support.stack import System

_JSON = {"Content-Type": "application/json"}
_GROWTH = 32 << 20
"""Bytes by which a part may grow while what is refused goes by."""


async def _sent(
    client: httpx.AsyncClient, path: str, body: bytes | AsyncIterator[bytes]
) -> httpx.Response | None:
    """The answer; None where the connection was closed before all of it was sent."""
    try:
        return await client.post(path, content=body, headers=_JSON)
    except (httpx.WriteError, httpx.RemoteProtocolError):
        return None


async def test_a_look_up_with_a_million_unknown_keys_is_refused_before_it_is_read(
    target: System,
) -> None:
    keys = {f"k{number:06}": 0 for number in range(1_200_000)}
    body = json.dumps(keys, separators=(",", ":")).encode()
    async with besieged(target), target.client(None) as client:
        answer = await _sent(client, "/signer/v1/lookups", body)
        if answer is not None:
            assert answer.status_code == 413
            assert len(answer.content) < 10_000


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
async def test_fifteen_megabytes_without_a_token_cost_no_memory(
    target: System, chunked: bool
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b"[]," * 87_000

    async with besieged(target) as quiet:
        pass
    async with besieged(target) as siege, target.client(None) as client:
        for path in ("/verifier/v1/checks", "/records/v1/batches", "/records/v1/worklist/assign"):
            bodies = [parts() if chunked else b"[]," * 5_220_000 for _ in range(3)]
            answers = await asyncio.gather(*(_sent(client, path, body) for body in bodies))
            assert {answer.status_code for answer in answers if answer is not None} <= {401, 404}
    for part in ("records", "verifier", "signer"):
        assert siege.peaks[part] - quiet.peaks[part] < _GROWTH, part


async def test_refused_look_ups_are_counted(target: System) -> None:
    # from an address of its own: what it uses up is nobody else's
    transport = httpx.AsyncHTTPTransport(local_address="127.0.0.13")
    async with httpx.AsyncClient(base_url=target.stack.origin, transport=transport) as client:
        statuses = [
            answer.status_code
            for _ in range(15)
            if (answer := await _sent(client, "/signer/v1/lookups", b"{}"))
        ]
    assert set(statuses) <= {422, 429}
    assert statuses[-1] == 429


async def test_uploads_that_are_dropped_are_no_errors_of_ours(target: System) -> None:
    token = target.client().headers["Authorization"]
    url = httpx.URL(target.stack.origin)
    for _ in range(5):
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(
            f"POST /records/v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
            "Content-Type: text/csv\r\nContent-Length: 1000000\r\n\r\nname,".encode()
        )
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.close()
    async with asyncio.timeout(10):
        while not (statuses := _counted(target, "/batches")) or "499" not in statuses:
            await asyncio.sleep(0.2)
    assert not [status for status in statuses if status.startswith("5")]


def _counted(target: System, route: str) -> dict[str, float]:
    """How many requests of a route records counted, by status."""
    with target.stack.direct("records") as direct:
        text = direct.get("/records/metrics").text
    counts = re.findall(
        rf'http_request_seconds_count{{method="POST",route="{route}",status="(\d+)"}} (\S+)', text
    )
    return {status: float(count) for status, count in counts}
