"""What one connection may cost a server, on real sockets: nobody slow or endless keeps a place."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.chassis.connection import BoundedConfig
from services.chassis.connection_limits import ConnectionLimits

LIMITS = ConnectionLimits(
    max_header_bytes=4096, header_s=0.5, body_s=0.5, min_bytes_per_s=2000, idle_s=2,
    max_connections=12, max_per_address=8,
)  # fmt: skip
PATIENCE_S = 20


class Served:
    """A server on a port, what its application saw, and connections to it."""

    def __init__(self) -> None:
        self.port = 0
        self.disconnects = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.server: uvicorn.Server

    async def connect(
        self, limit: int = 1 << 16
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=limit)
        self.writers.append(writer)
        return reader, writer

    async def count(self, request: Request) -> Response:
        """How many bytes came, and the names of the headers."""
        try:
            size = len(await request.body())
        except ClientDisconnect:
            self.disconnects += 1
            return Response(status_code=499)
        return JSONResponse({"bytes": size, "names": sorted(request.headers)})

    async def large(self, _: Request) -> Response:
        return Response(bytes(32 << 20))


@asynccontextmanager
async def serving(limits: ConnectionLimits = LIMITS) -> AsyncIterator[Served]:
    served = Served()
    app = Starlette(
        routes=[
            Route("/count", served.count, methods=["GET", "POST"]),
            Route("/large", served.large),
        ]
    )
    served.server = server = uvicorn.Server(
        BoundedConfig(app, limits, port=0, log_config=None, lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    served.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        for writer in served.writers:
            writer.transport.abort()
        server.should_exit = True
        await task


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as running:
        yield running


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, object]]:
    async with asyncio.timeout(PATIENCE_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(lines["content-length"]))
    status = int(head.split(" ", 2)[1])
    if status >= 400:
        assert lines["content-type"] == "application/problem+json"
        assert lines["cache-control"] == "no-store"
        assert lines["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in lines["content-security-policy"]
        assert lines["connection"] == "close"
    return status, json.loads(body)


async def refused(reader: asyncio.StreamReader, status: int, code: str) -> None:
    assert (document := await answer(reader))[0] == status, document
    assert document[1]["code"] == code
    assert document[1]["detail"] and document[1]["detail_vi"]
    async with asyncio.timeout(PATIENCE_S):
        assert await reader.read() == b""


async def all_gone(served: Served) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while served.server.server_state.connections:
            await asyncio.sleep(0.02)
    assert not served.server.config.by_address  # type: ignore[attr-defined]


GET = b"GET /count HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
CHUNKED = b"POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_honest_requests_follow_each_other_on_one_connection(served: Served) -> None:
    reader, writer = await served.connect()
    for size in (0, 10, 200_000):
        writer.write(b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        writer.write(bytes(size))
        status, document = await answer(reader)
        assert (status, document["bytes"]) == (200, size)
    # two at once, in one packet
    writer.write(2 * (GET + b"\r\n"))
    assert [(await answer(reader))[0] for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    "endless",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nX: ",
        b"GET / HTTP/1.1\r\n",
        b"",
        CHUNKED + b"1;",
        CHUNKED + b"0\r\nX: ",
    ],
    ids=["path", "line", "lines", "empty-lines", "chunk-extension", "trailer"],
)
async def test_a_header_without_end_is_refused_and_never_kept(
    endless: bytes, served: Served
) -> None:
    reader, writer = await served.connect()
    part = {b"": b"\r\n", b"GET / HTTP/1.1\r\n": b"a:b\r\n"}.get(endless, b"x") * 1000
    writer.write(endless)
    sent = 0
    while not reader.at_eof() and sent < 64 << 20:
        try:
            writer.write(part)
            await writer.drain()
        except ConnectionError:
            break
        sent += len(part)
        await asyncio.sleep(0)
        if reader._buffer:  # type: ignore[attr-defined]
            break
    assert sent < 16 << 20
    await refused(reader, 431, "HEADER_TOO_LARGE")


async def test_a_header_that_comes_whole_is_measured_too(served: Served) -> None:
    reader, writer = await served.connect()
    writer.write(GET + b"X: " + b"x" * 3000 + b"\r\n\r\n")
    assert (await answer(reader))[0] == 200
    writer.write(GET + b"X: " + b"x" * 5000 + b"\r\n\r\n")
    await refused(reader, 431, "HEADER_TOO_LARGE")


@pytest.mark.parametrize(
    ("begun", "dripped", "code"),
    [
        (GET, b"X", "HEADER_TOO_SLOW"),
        (POST, b"x", "BODY_TOO_SLOW"),
        (CHUNKED, b"1\r\nx\r\n", "BODY_TOO_SLOW"),
    ],
)
async def test_who_sends_a_byte_now_and_then_is_told_and_closed(
    begun: bytes, dripped: bytes, code: str, served: Served
) -> None:
    reader, writer = await served.connect()
    started = time.monotonic()
    writer.write(begun)

    async def drip() -> None:
        while True:
            writer.write(dripped)
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    await refused(reader, 408, code)
    dripping.cancel()
    assert time.monotonic() - started > 0.4
    await all_gone(served)
    assert served.disconnects == (code == "BODY_TOO_SLOW")


async def test_a_body_that_grows_fast_enough_may_take_longer(served: Served) -> None:
    reader, writer = await served.connect()
    writer.write(b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 12000\r\n\r\n")
    started = time.monotonic()
    for _ in range(12):
        writer.write(bytes(1000))
        await asyncio.sleep(0.1)
    assert (await answer(reader))[0] == 200
    assert time.monotonic() - started > 2 * LIMITS.body_s


async def test_who_has_sent_much_may_not_go_slow_behind_it(served: Served) -> None:
    reader, writer = await served.connect()
    started = time.monotonic()
    writer.write(POST + bytes(60_000))
    while not reader.at_eof() and time.monotonic() - started < PATIENCE_S:
        writer.write(b"x")
        await asyncio.sleep(0.05)
        if reader._buffer:  # type: ignore[attr-defined]
            break
    await refused(reader, 408, "BODY_TOO_SLOW")
    assert time.monotonic() - started < 60_000 / LIMITS.min_bytes_per_s / 2


@pytest.mark.parametrize("sent", [b"", b"\r\n"], ids=["silent", "empty-line"])
async def test_a_connection_without_a_request_is_closed(sent: bytes, served: Served) -> None:
    reader, writer = await served.connect()
    writer.write(GET + b"\r\n" if sent else b"")
    if sent:
        assert (await answer(reader))[0] == 200
    writer.write(sent)
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
    await all_gone(served)


async def test_empty_lines_do_not_keep_a_connection_open(served: Served) -> None:
    reader, writer = await served.connect()
    async with asyncio.timeout(PATIENCE_S):
        while not reader.at_eof() and not writer.transport.is_closing():
            writer.write(b"\r\n")
            await asyncio.sleep(0.05)
    await all_gone(served)


async def test_who_was_answered_early_cannot_go_on_dripping() -> None:
    async with serving() as served:
        reader, writer = await served.connect()
        writer.write(POST.replace(b"/count", b"/nowhere"))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 404 " in head
        await all_gone(served)


async def test_who_does_not_read_its_answer_is_closed(served: Served) -> None:
    _, writer = await served.connect(limit=1)
    writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.sleep(0.1)
    assert served.server.server_state.connections
    await all_gone(served)


async def test_who_reads_slowly_but_steadily_gets_the_whole_answer(served: Served) -> None:
    reader, writer = await served.connect(limit=1 << 16)
    writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    size = 0
    while part := await reader.read(1 << 20):
        size += len(part)
        await asyncio.sleep(0.02)
    assert size > 32 << 20


async def test_an_address_has_its_share_of_connections(served: Served) -> None:
    held = [await served.connect() for _ in range(8)]
    reader, _ = await served.connect()
    await refused(reader, 503, "TOO_MANY_CONNECTIONS")
    held[0][1].close()
    async with asyncio.timeout(PATIENCE_S):
        while served.server.config.by_address["127.0.0.1"] == 8:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
    reader, writer = await served.connect()
    writer.write(GET + b"\r\n")
    assert (await answer(reader))[0] == 200


async def test_all_together_have_no_more_than_the_server_holds() -> None:
    async with serving(LIMITS.model_copy(update={"max_per_address": None})) as served:
        for _ in range(12):
            await served.connect()
        reader, _ = await served.connect()
        await refused(reader, 503, "TOO_MANY_CONNECTIONS")


async def test_what_stands_behind_a_body_is_no_header(served: Served) -> None:
    reader, writer = await served.connect()
    writer.write(CHUNKED + b"1\r\nx\r\n0\r\nX-Role: ministry\r\n\r\n")
    status, document = await answer(reader)
    assert status == 200
    assert document["names"] == ["host", "transfer-encoding"]


@pytest.mark.parametrize("wrong", [b"hello\r\n\r\n", CHUNKED + b"zz\r\n"], ids=["line", "chunk"])
async def test_what_is_no_http_is_told_so(wrong: bytes, served: Served) -> None:
    reader, writer = await served.connect()
    writer.write(wrong)
    await refused(reader, 400, "HTTP_MALFORMED")


async def closed_after_its_answer(served: Served) -> None:
    reader, writer = await served.connect()
    writer.write(GET + b"Connection: close\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head
    await reader.read()
    await all_gone(served)


async def refused_for_its_header(served: Served) -> None:
    reader, writer = await served.connect()
    writer.write(GET + b"X: " + b"x" * 5000)
    await refused(reader, 431, "HEADER_TOO_LARGE")
    await all_gone(served)


@pytest.mark.parametrize(
    "scenario",
    [
        closed_after_its_answer,
        refused_for_its_header,
        test_honest_requests_follow_each_other_on_one_connection,
        test_who_does_not_read_its_answer_is_closed,
        test_empty_lines_do_not_keep_a_connection_open,
    ],
)
def test_the_same_holds_on_the_loop_of_the_services(
    scenario: Callable[[Served], Coroutine[Any, Any, None]], caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with serving() as served:
            await scenario(served)

    uvloop.run(run())
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
