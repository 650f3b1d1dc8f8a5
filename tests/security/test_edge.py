"""The edge of the containers under attack, before the running services: honest callers beside it
do not feel it, and what it holds stays small.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.edge import Edge, close, edge_of, parse
from tests.support.siege import MEMORY_LIMIT, MOST_CONNECTIONS, besieged
from tests.support.stack import System

OFFENDER = "127.0.0.2"
HEADER_S = 10.0
"""`client_header_timeout` of the edge."""
AT_ONCE = 64
"""How many requests at once the edge takes of an address."""
LARGE = "/records/docs/assets/swagger-ui-bundle.js"


@pytest.fixture
async def front(target: System, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Edge]:
    """The edge before the services that are attacked."""
    async with edge_of(target) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running


def behind(front: Edge, target: System) -> System:
    """The system as it is reached through the edge."""
    return System(replace(target.stack, origin=front.origin))


async def begin(front: Edge, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of the attacker's on which something was sent, and nothing follows."""
    reader, writer = await front.connect(OFFENDER)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def test_slow_bodies_and_half_headers_hold_no_service(front: Edge, target: System) -> None:
    """Half of the connections send a body byte by byte, the others never end their headers."""
    body = b"POST /signer/v1/lookups HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"
    half = b"GET /records/v1/worklist HTTP/1.1\r\nHost: a\r\nX-Half: "
    before = connected(target, "signer")
    async with besieged(behind(front, target)):
        bodies = [await begin(front, body) for _ in range(MOST_CONNECTIONS // 2)]
        halves = [await begin(front, half) for _ in range(MOST_CONNECTIONS // 2)]
        began = time.monotonic()
        for _ in range(3):
            await asyncio.sleep(0.5)
            for reader, writer in bodies:
                if not reader.at_eof() and not writer.is_closing():
                    writer.write(b" ")
        assert connected(target, "signer") - before < 10, "slow bodies reached the service"
        refused = [reader for reader, _ in bodies if reader._buffer]  # type: ignore[attr-defined]
        assert len(refused) == len(bodies) - AT_ONCE
        assert parse(bytes(refused[0]._buffer))[0] == 429  # type: ignore[attr-defined]
        # what is left of a header comes in time, or never
        await asyncio.wait_for(
            asyncio.gather(*(ended(reader) for reader, _ in halves)), HEADER_S + 5
        )
        assert time.monotonic() - began < HEADER_S + 5
        assert front.memory < MEMORY_LIMIT // 3
    for _, writer in (*bodies, *halves):
        await close(writer)


async def ended(reader: asyncio.StreamReader) -> None:
    """Waits until the other side has closed."""
    with suppress(OSError, ssl.SSLError):
        await reader.read()


def connected(target: System, name: str) -> int:
    """How many connections a part has on its socket."""
    path = next(str(part.socket) for part in target.stack.parts if part.name == name)
    lines = Path("/proc/net/unix").read_text().splitlines()
    return sum(1 for line in lines if line.endswith(f" {path}") and line.split()[5] == "03")


async def test_a_header_of_64_megabytes_is_not_read(front: Edge, target: System) -> None:
    async with besieged(behind(front, target)):
        reader, writer = await begin(front, b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ")
        sent = 0
        with suppress(OSError, ssl.SSLError):
            while sent < 64 << 20 and not reader.at_eof():
                writer.write(b"x" * (1 << 16))
                await asyncio.wait_for(writer.drain(), 5)
                sent += 1 << 16
        assert sent < 8 << 20, "what was in flight, and no more"
        assert front.memory < MEMORY_LIMIT // 3
        await close(writer)


async def test_slow_readers_hold_no_service(front: Edge, target: System) -> None:
    """They ask for a large answer and do not read it; the service has long been done with it."""
    before = connected(target, "records")
    async with besieged(behind(front, target)):
        readers = [await slow_reader(front) for _ in range(AT_ONCE)]
        async with asyncio.timeout(10):
            while connected(target, "records") - before > 4:
                await asyncio.sleep(0.1)
        assert front.memory < MEMORY_LIMIT // 3
    for one in readers:
        one.close()


async def slow_reader(front: Edge) -> socket.socket:
    """A client with a small window that asked and does not read."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.bind((OFFENDER, 0))
    await asyncio.to_thread(raw.connect, ("127.0.0.1", front.port))
    context = ssl.create_default_context(cafile=str(front.authority))
    secured = await asyncio.to_thread(context.wrap_socket, raw, server_hostname="localhost")
    request = f"GET {LARGE} HTTP/1.1\r\nHost: a\r\n\r\n"
    await asyncio.to_thread(secured.sendall, request.encode())
    return secured


async def test_an_address_has_its_rate_and_another_does_not_feel_it(
    front: Edge, target: System
) -> None:
    async with besieged(behind(front, target)):
        answers = await asyncio.gather(*(burst(front, 20) for _ in range(20)))
    statuses = [status for some in answers for status in some]
    assert statuses.count(200) >= 100, "a burst is let in"
    assert statuses.count(429) > 100
    assert set(statuses) == {200, 429}


async def burst(front: Edge, count: int) -> list[int]:
    """The statuses of so many requests on one connection."""
    reader, writer = await front.connect(OFFENDER)
    statuses = []
    for _ in range(count):
        writer.write(b"GET /signer/healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        status, headers, _ = parse(head)
        if status == 429:
            assert headers["retry-after"] == "5"
        await reader.readexactly(int(headers["content-length"]))
        statuses.append(status)
    await close(writer)
    return statuses


async def test_probes_go_through_the_edge_and_metrics_do_not(front: Edge) -> None:
    for service in ("records", "verifier", "signer"):
        assert (await front.ask(f"GET /{service}/readyz"))[0] == 200
        assert (await front.ask(f"GET /{service}/metrics"))[0] == 404


async def test_nobody_makes_up_an_address_to_ask_more_often(front: Edge) -> None:
    """The signer counts look-ups by the address that the edge wrote."""
    answers = [
        (
            await front.ask(
                f"POST /signer/v1/lookups\nX-Forwarded-For: 203.0.113.{number}\n"
                "Content-Type: application/json",
                LOOKUP % number,
                source="127.0.0.4",
            )
        )[0]
        for number in range(12)
    ]
    assert answers[0] == 202
    assert answers[-1] == 429


LOOKUP = (
    b'{"full_name": "Nobody", "date_of_birth": "1990-01-02", "sex": "female",'
    b' "personal_id": "0790900%05d", "last_dose_date": "2021-09-01", "email": "a@example.vn"}'
)
