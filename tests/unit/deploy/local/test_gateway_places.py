"""The gateway asks a part only when it can be answered at once: nobody slow holds a place of it."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.gateway import build
from deploy.local.gateway_settings import GatewaySettings
from services.chassis.connection import BoundedConfig
from services.chassis.connection_limits import ConnectionLimits

CFG = GatewaySettings(
    http=ConnectionLimits(body_s=30),
    upstream_places=1,
    upstream_wait_s=0.2,
    buffer_bytes=64 << 20,
    max_upload_bytes=8_000_000,
)
LARGE = 24 << 20
PATIENCE_S = 20


class PartBehind:
    """A part that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.finished = asyncio.Event()
        self.go_on = asyncio.Event()

    async def echo(self, request: Request) -> Response:
        self.asked.append(request.method)
        body = await request.body()
        headers = {"X-Length": request.headers.get("content-length", ""), "Set-Cookie": "a=1"}
        answer = Response(body, headers=headers)
        answer.raw_headers.append((b"set-cookie", b"b=2"))
        return answer

    async def large(self, _: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(LARGE >> 20):
                yield bytes(1 << 20)
            self.finished.set()

        return StreamingResponse(parts())

    async def broken(self, _: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield bytes(1 << 20)
            raise ConnectionError

        return StreamingResponse(parts())

    async def waiting(self, request: Request) -> Response:
        self.asked.append(request.method)
        await self.go_on.wait()
        return Response(b"done")

    async def packed(self, _: Request) -> Response:
        return Response(gzip.compress(bytes(1000)), headers={"Content-Encoding": "gzip"})

    async def elsewhere(self, request: Request) -> Response:
        return RedirectResponse(request.query_params["to"])

    def app(self) -> Starlette:
        methods = ["GET", "HEAD", "POST"]
        return Starlette(
            routes=[
                Route(f"/part/{name}", getattr(self, name), methods=methods)
                for name in ("echo", "large", "broken", "waiting", "packed", "elsewhere")
            ]
        )


@asynccontextmanager
async def listening(
    app: Starlette, limits: ConnectionLimits, **where: object
) -> AsyncIterator[int]:
    server = uvicorn.Server(
        BoundedConfig(app, limits, log_config=None, timeout_graceful_shutdown=1, **where)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        name = server.servers[0].sockets[0].getsockname()
        yield name[1] if isinstance(name, tuple) else 0
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def part() -> PartBehind:
    return PartBehind()


@pytest.fixture
async def port(part: PartBehind, tmp_path: Path) -> AsyncIterator[int]:
    """Of a gateway with one place at one part."""
    socket = str(tmp_path / "part.sock")
    async with (
        listening(part.app(), ConnectionLimits(), uds=socket),
        listening(
            build({"part": socket, "away": f"{socket}.not"}, (), CFG), CFG.http, port=0
        ) as on,
    ):
        yield on


@pytest.fixture
async def client(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as opened:
        yield opened


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert answer.json()["code"] == code
    assert answer.json()["detail"] and answer.json()["detail_vi"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("size", [0, 1, 70_000, CFG.max_upload_bytes])
async def test_a_body_arrives_as_it_was_sent(size: int, client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield bytes(size)

    for content in (bytes(size), parts()):
        answer = await client.post("/part/echo", content=content)
        assert (answer.status_code, answer.content) == (200, bytes(size))
        # the part is expected its size, though the client sent pieces
        assert answer.headers["x-length"] == str(size)
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert len(answer.headers.get_list("date")) == 1


async def test_answers_of_all_kinds_pass(client: httpx.AsyncClient) -> None:
    assert (await client.get("/part/packed")).content == bytes(1000)
    assert len((await client.get("/part/large")).content) == LARGE
    head = await client.head("/part/packed")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


async def test_half_a_body_does_not_reach_the_part(
    port: int, part: PartBehind, client: httpx.AsyncClient
) -> None:
    writers = []
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /part/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
        writers.append(writer)
    assert (await client.get("/part/echo")).status_code == 200
    assert part.asked == ["GET"]
    for writer in writers:
        writer.transport.abort()


async def test_who_does_not_read_holds_no_place(
    port: int, part: PartBehind, client: httpx.AsyncClient
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(b"GET /part/large HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(PATIENCE_S):
        await part.finished.wait()
        while (await client.get("/part/echo")).status_code != 200:
            await asyncio.sleep(0.05)
    writer.transport.abort()


async def test_who_finds_no_place_is_told_soon_to_come_again(
    part: PartBehind, client: httpx.AsyncClient
) -> None:
    waiting = asyncio.create_task(client.get("/part/waiting"))
    while not part.asked:
        await asyncio.sleep(0.01)
    refused = await client.get("/part/echo")
    is_problem(refused, 503, "BUSY")
    assert refused.headers["retry-after"]
    part.go_on.set()
    assert (await waiting).content == b"done"
    assert (await client.get("/part/echo")).status_code == 200


async def test_its_own_answers_say_why_and_are_kept_nowhere(client: httpx.AsyncClient) -> None:
    is_problem(await client.get("/nobody"), 404, "NOT_FOUND")
    is_problem(await client.get("/away/x"), 503, "TRY_AGAIN")
    is_problem(await client.request("PROPFIND", "/part/echo"), 405, "METHOD_NOT_ALLOWED")
    is_problem(await client.post("/part/echo", content=bytes(8_000_001)), 413, "BODY_TOO_LARGE")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield bytes(1_000_000)

    is_problem(await client.post("/part/echo", content=pieces()), 413, "BODY_TOO_LARGE")


async def test_where_the_disk_is_full_a_large_body_is_refused_and_a_small_one_passes(
    tmp_path: Path, part: PartBehind
) -> None:
    socket = str(tmp_path / "part.sock")
    cfg = CFG.model_copy(update={"buffer_bytes": 1 << 20})
    async with (
        listening(part.app(), ConnectionLimits(), uds=socket),
        listening(build({"part": socket}, (), cfg), cfg.http, port=0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client,
    ):
        is_problem(await client.post("/part/echo", content=bytes(3 << 20)), 503, "BUSY")
        assert (await client.post("/part/echo", content=bytes(1000))).status_code == 200
        # an answer goes out at its reader's pace then
        assert len((await client.get("/part/large")).content) == LARGE


async def test_an_answer_that_breaks_off_is_not_taken_for_whole(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/part/broken")
    assert (await client.get("/part/echo")).status_code == 200


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("http://evil.example/part/x?a=b", "/part/x?a=b"),
        ("HTTPS://EVIL.example", "/"),
        ("/part/x", "/part/x"),
        ("https://other.example/x", "https://other.example/x"),
    ],
)
async def test_a_caller_s_host_stands_in_no_redirect(
    to: str, expected: str, client: httpx.AsyncClient
) -> None:
    answer = await client.get(
        "/part/elsewhere", params={"to": to}, headers={"Host": "evil.example"}
    )
    assert answer.headers["location"] == expected


@pytest.mark.parametrize(("method", "statuses"), [("GET", [204, 204]), ("POST", [204, 503])])
async def test_what_only_reads_is_asked_again_where_the_part_has_just_closed_the_connection(
    method: str, statuses: list[int], tmp_path: Path
) -> None:
    async def one_answer_a_connection(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
        writer.close()

    socket = str(tmp_path / "part.sock")
    server = await asyncio.start_unix_server(one_answer_a_connection, socket)
    gateway = listening(build({"part": socket}, (), CFG), CFG.http, port=0)
    async with server, gateway as port, httpx.AsyncClient(timeout=PATIENCE_S) as client:
        url = f"http://127.0.0.1:{port}/part/v1/x"
        answers = [await client.request(method, url) for _ in statuses]
    assert [answer.status_code for answer in answers] == statuses
