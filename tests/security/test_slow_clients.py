"""200 slow or endless connections at the gateway, and an honest caller is answered beside them."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import cycle, islice

import httpx
import pytest

from tests.support.siege import MOST_CONNECTIONS, besieged
from tests.support.stack import System, free_port

PATIENCE_S = 30
LOOKUP = b"POST /signer/v1/lookups HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
BEGUN = {
    "nothing": b"",
    "header": LOOKUP + b"X: ",
    "body": LOOKUP + b"Content-Length: 4000\r\n\r\n{",
    "large-body": b"POST /records/v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\n"
    b"Content-Length: 100000000\r\n\r\n" + b"x" * 100_000,
    "chunks": LOOKUP + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
}
NEXT = {"chunks": b"1\r\nx\r\n", "nothing": b""}
SHORT = {"HTTP_HEADER_S": "1", "HTTP_BODY_S": "1"}
"""Deadlines for a gateway of a test's own."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter, str]


@asynccontextmanager
async def held(
    port: int, kinds: Sequence[str], count: int = MOST_CONNECTIONS
) -> AsyncIterator[list[Connection]]:
    """So many connections that have begun a request, of each kind as many."""
    connections: list[Connection] = []
    try:
        for kind in islice(cycle(kinds), count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            connections.append((reader, writer, kind))
            writer.write(BEGUN[kind])
        yield connections
    finally:
        for _, writer, _ in connections:
            writer.transport.abort()


def drip(connections: list[Connection]) -> None:
    """Sends the next byte of each body or header; nothing where nothing was begun."""
    for _, writer, kind in connections:
        writer.write(NEXT.get(kind, b"x"))


def port_of(origin: str) -> int:
    return httpx.URL(origin).port or 80


@pytest.mark.parametrize(
    "kinds", [["body"], ["header", "large-body", "chunks"]], ids=["bodies", "others"]
)
async def test_who_sends_a_byte_now_and_then_holds_nobody_up(
    kinds: list[str], target: System
) -> None:
    async with besieged(target), held(port_of(target.stack.origin), kinds) as connections:
        for _ in range(4):
            drip(connections)
            await asyncio.sleep(1)


async def test_a_header_line_of_64_mb_is_refused_and_not_kept(target: System) -> None:
    port = port_of(target.stack.origin)

    async def attack() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            writer.write(b"GET /signer/v1/trust-list HTTP/1.1\r\nHost: a\r\nX: ")
            for _ in range(64):
                writer.write(b"x" * (1 << 20))
                await writer.drain()
        try:
            return await reader.read(100)
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()

    async with besieged(target) as siege:
        answers = await asyncio.gather(*(attack() for _ in range(10)))
    assert any(answer.startswith(b"HTTP/1.1 431 ") for answer in answers)
    assert siege.peaks["gateway"] < 256 << 20


async def test_who_reads_no_answer_holds_nobody_up(target: System) -> None:
    document = b"GET /records/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
    address = ("127.0.0.1", port_of(target.stack.origin))
    writers = []
    async with target.client(None) as client:
        # made on the first request
        assert (await client.get("/records/openapi.json")).status_code == 200
    async with besieged(target):
        for _ in range(14):
            # the kernel shall not read in its stead
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await asyncio.get_running_loop().sock_connect(deaf, address)
            _, writer = await asyncio.open_connection(sock=deaf, limit=1)
            writer.write(document * 40)
            writers.append(writer)
            # what is asked for here is where answers get stuck, not how many are made at once
            await asyncio.sleep(0.25)
    for writer in writers:
        writer.transport.abort()


@asynccontextmanager
async def own_gateway(target: System, **environment: str) -> AsyncIterator[str]:
    """Another gateway before the same parts, with settings of its own."""
    [gateway] = [part for part in target.stack.parts if part.name == "gateway"]
    arguments, port = list(gateway.arguments), free_port()
    arguments[arguments.index("--port") + 1] = str(port)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", gateway.module, *arguments,
        env={**os.environ, **gateway.environment, **environment},
    )  # fmt: skip
    origin = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            await until(lambda: answers(client, f"{origin}/signer/healthz"))
        yield origin
    finally:
        process.terminate()
        await process.wait()


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    with suppress(httpx.HTTPError):
        return (await client.get(url)).status_code == 200
    return False


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():
            await asyncio.sleep(0.05)


async def test_what_is_begun_and_not_ended_is_closed(target: System) -> None:
    async with (
        own_gateway(target, **SHORT) as origin,
        held(port_of(origin), list(BEGUN), 100) as connections,
    ):

        async def are_closed() -> bool:
            drip(connections)
            await asyncio.sleep(0.2)
            return all(
                reader.at_eof() or writer.transport.is_closing()
                for reader, writer, _ in connections
            )

        await until(are_closed)


async def test_one_address_cannot_take_all_connections(target: System) -> None:
    async with (
        own_gateway(target, HTTP_MAX_PER_ADDRESS="20") as origin,
        held(port_of(origin), ["body"], 20),
        httpx.AsyncClient() as client,
    ):
        refused = await client.get(f"{origin}/signer/v1/trust-list")
        assert (refused.status_code, refused.json()["code"]) == (503, "TOO_MANY_CONNECTIONS")
        assert refused.headers["retry-after"]
        assert refused.json()["detail"] and refused.json()["detail_vi"]


async def test_a_large_upload_still_goes_through(target: System) -> None:
    header = "Mã mũi tiêm,Họ tên\n".encode()

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000_000

    async with besieged(target), target.client() as client:
        # what the service says of it shows that it read it: none of it is a row
        answer = await client.post(
            "/records/v1/batches", content=parts(), headers={"Content-Type": "text/csv"}
        )
        assert answer.status_code in (202, 422), answer.text
        small = await client.post(
            "/records/v1/batches", content=header, headers={"Content-Type": "text/csv"}
        )
        assert small.status_code == 422, small.text
