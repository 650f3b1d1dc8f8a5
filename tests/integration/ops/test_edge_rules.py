"""What the edge of the containers lets through, changes and answers by itself, before a part that
tells what reached it.
"""

import asyncio
import gzip
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.edge import body_limits
from services.chassis.gate import BodySize
from services.chassis.http import Problem
from tests.support.edge import Answer, Edge, edge, parse, read_answer

HSTS = "max-age=31536000"
BATCHES = "/records/v1/batches"


async def _echo(request: Request) -> Response:
    """What arrived; `?policy` lets the part say headers of its own."""
    arrived = {
        "headers": request.headers.items(),
        "path": request.scope["raw_path"].decode(),
        "routed": request.scope["path"],
        "length": len(await request.body()),
        "filling": "x" * 5000,
    }
    own = {"Content-Security-Policy": "default-src 'self'", "Referrer-Policy": "same-origin"}
    own["Strict-Transport-Security"] = "max-age=5"
    return JSONResponse(arrived, headers=own if "policy" in request.query_params else None)


@asynccontextmanager
async def _answering(path: Path) -> AsyncIterator[None]:
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", _echo, methods=methods)])
    server = uvicorn.Server(uvicorn.Config(app, uds=str(path), log_level="warning"))
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def _before_an_echo(**settings: str) -> AsyncIterator[Edge]:
    with TemporaryDirectory(prefix="hochieu-") as folder:
        path = Path(folder) / "echo.sock"
        parts = dict.fromkeys((*body_limits.SERVICES, "web"), path)
        parts["mail"] = Path(folder) / "away.sock"
        async with _answering(path), edge(parts, **settings) as running:
            yield running


@pytest.fixture(scope="module")
async def echoing() -> AsyncIterator[Edge]:
    """An edge before parts that tell what reached them, and one that is away."""
    async with _before_an_echo(EDGE_RATE="1000", EDGE_BURST="1000") as running:
        yield running


def told(answer: Answer) -> dict[str, str]:
    """The headers that reached the part."""
    assert answer[0] == 200, answer
    return dict(json.loads(answer[2])["headers"])


def assert_problem(answer: Answer, status: int) -> None:
    """A problem document of the edge's own, in both languages, with the headers of every
    answer.
    """
    sent, headers, body = answer
    assert sent == status, answer
    assert headers["content-type"] == "application/problem+json"
    document = Problem.model_validate_json(body)
    assert document.status == status
    assert document.detail != document.detail_vi
    assert headers["strict-transport-security"] == HSTS
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_what_a_caller_says_of_its_way_reaches_no_service(echoing: Edge) -> None:
    lies = """GET /signer/v1/me/passport
        X-Forwarded-For: 203.0.113.7
        X-Forwarded-Host: evil.example
        X-Real-IP: 203.0.113.7
        Forwarded: for=203.0.113.7
        Accept-Encoding: gzip
        TE: trailers"""
    lies = "\n".join(line.strip() for line in lies.splitlines())
    headers = told(await echoing.ask(lies, host="evil.example"))
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["host"] == f"127.0.0.1:{echoing.port}"
    assert headers["x-forwarded-proto"] == "https"
    gone = {"x-forwarded-host", "x-real-ip", "forwarded", "accept-encoding", "te"}
    assert not gone & set(headers)


async def test_only_a_trusted_proxy_says_whose_request_it_is() -> None:
    async with _before_an_echo(EDGE_TRUSTED_PROXIES="127.0.0.2, 10.0.0.0/8") as running:
        request = "GET /signer/v1/trust-list\nX-Forwarded-For: 192.0.2.1, 203.0.113.9, 10.1.2.3"
        by_proxy = told(await running.ask(request, source="127.0.0.2"))
        by_anybody = told(await running.ask(request, source="127.0.0.3"))
    assert by_proxy["x-forwarded-for"] == "203.0.113.9"
    assert by_anybody["x-forwarded-for"] == "127.0.0.3"


async def test_a_household_is_limited_as_one() -> None:
    """It has a whole /64 of IPv6 addresses, in whatever form they are written."""
    settings = {"EDGE_TRUSTED_PROXIES": "127.0.0.1", "EDGE_RATE": "1", "EDGE_BURST": "1"}
    async with _before_an_echo(**settings) as running:

        async def status(address: str) -> int:
            asked = f"GET /signer/v1/trust-list\nX-Forwarded-For: {address}"
            return (await running.ask(asked))[0]

        home = ["2001:db8:1:2::7", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::"]
        assert [await status(one) for one in home] == [200, 200, 429]
        assert await status("2001:db8:1:3::7") == 200
        short = ["2001:db8::7", "2001:db8::ffff:1:2", "2001:db8:0:0:1:2:3:4"]
        assert [await status(one) for one in short] == [200, 200, 429]
        assert [await status(f"192.0.2.{one}") for one in range(3)] == [200, 200, 200]


async def test_a_path_arrives_as_it_was_asked(echoing: Edge) -> None:
    asked = "/records/v1/doses/a%2Fb%20c?x=%2F&y=1"
    answer = await echoing.ask(f"GET {asked}")
    assert json.loads(answer[2])["path"] == asked.partition("?")[0]


METRICS = (
    "/records/metrics", "/signer/metrics/", "/verifier/metrics?x=1", "/signer//metrics",
    "//records/metrics", "/signer/%6Detrics", "/signer/./metrics", "/signer/v1/../metrics",
    "/signer/x/%2e%2e/metrics", "/signer/metrics%2F", "/x/../signer/metrics", "/mail/metrics",
)  # fmt: skip


@pytest.mark.parametrize("path", METRICS)
async def test_no_spelling_of_metrics_is_routed(echoing: Edge, path: str) -> None:
    assert_problem(await echoing.ask(f"GET {path}"), 404)


SEGMENTS = (
    "signer", "records", "metrics", "", ".", "..", "%2e%2e", "%2E", "%6Detrics", "metric%73",
    "%2F", "metrics%2F", "v1", "METRICS", "metrics;x", "metrics%00", "metrics\\", "%25", "a%2F..",
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=5), st.sampled_from(["", "?x=/.."]))
async def test_whatever_is_asked_no_part_is_routed_to_its_metrics(
    echoing: Edge, segments: Sequence[str], query: str
) -> None:
    status, _, body = await echoing.ask(f"GET /{'/'.join(segments)}{query}")
    assert status in {200, 400, 404, 503}
    if status == 200:
        parts = "|".join((*body_limits.SERVICES, "web", "mail"))
        assert not re.fullmatch(rf"/+(?:{parts})/+metrics/*", json.loads(body)["routed"])


async def test_what_no_part_answers_to_is_a_page_and_what_is_inside_is_not_found(
    echoing: Edge,
) -> None:
    for path in ("/", "/desk", "/registry/v1/changes", "/recordsx/v1/batches", "/assets/a.js"):
        status, _, body = await echoing.ask(f"GET {path}")
        assert (status, json.loads(body)["path"]) == (200, path)
    for path in ("/edge/problems/404.json", "/sso/realms/hochieu"):
        assert_problem(await echoing.ask(f"GET {path}"), 404)


async def test_what_the_edge_says_in_place_of_the_pages_is_a_page_too() -> None:
    with TemporaryDirectory(prefix="hochieu-") as folder:
        async with edge({"web": Path(folder) / "away.sock"}) as running:
            status, headers, body = await running.ask("GET /desk")
            assert (status, headers["content-type"]) == (503, "text/html; charset=utf-8")
            assert "Hãy thử lại sau ít phút" in body.decode()
            assert headers["retry-after"] == "5" and headers["cache-control"] == "no-store"
            style = re.search(r"<style>(.*?)</style>", body.decode())
            assert style
            digest = b64encode(sha256(style[1].encode()).digest()).decode()
            assert f"style-src 'sha256-{digest}'" in headers["content-security-policy"]
            status, _, body = await running.ask("POST /desk", b"x" * 70_000)
            assert (status, "chia nhỏ tệp" in body.decode()) == (413, True)


async def test_a_part_that_is_away_is_told_so(echoing: Edge) -> None:
    answer = await echoing.ask("GET /mail/messages")
    assert_problem(answer, 503)
    assert answer[1]["retry-after"] == "5"


async def test_the_edge_says_of_itself_that_it_lives(echoing: Edge) -> None:
    assert (await echoing.ask("GET /edge/healthz"))[0] == 200


def test_the_bodies_limits_are_those_of_the_services() -> None:
    assert body_limits.FILE.read_text() == body_limits.written(), "run python -m deploy.edge"
    assert body_limits.limits()[BATCHES].size == 180_000_000


async def test_a_body_is_measured_before_it_is_read(echoing: Edge) -> None:
    limits = {path: limit.size for path, limit in body_limits.limits().items()}
    assert set(limits.values()) == {*BodySize} - {BodySize.FILE} | {180_000_000}
    for path, size in limits.items():
        reader, writer = await echoing.connect()
        asked = path.replace("{", "").replace("}", "")
        head = f"POST {asked} HTTP/1.1\r\nHost: a\r\nContent-Length: {size + 1}\r\n\r\n"
        writer.write(head.encode())
        assert_problem(await asyncio.wait_for(read_answer(reader), 10), 413)
        writer.close()


async def test_without_a_token_a_large_body_is_not_waited_for(echoing: Edge) -> None:
    for path in (BATCHES, "/verifier/v1/checks"):
        reader, writer = await echoing.connect()
        writer.write(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n".encode())
        answer = await asyncio.wait_for(read_answer(reader), 10)
        assert_problem(answer, 401)
        assert answer[1]["www-authenticate"] == "Bearer"
        writer.close()
    assert (await echoing.ask("POST /signer/v1/verify", b"{}"))[0] == 200, "it wants no token"


async def test_a_whole_body_arrives_whole(echoing: Edge) -> None:
    head = f"POST {BATCHES}\nContent-Type: text/csv\nAuthorization: Bearer x"
    answer = await echoing.ask(head, b"x" * 3_000_000)
    assert json.loads(answer[2])["length"] == 3_000_000


async def test_large_headers_and_addresses_are_refused(echoing: Edge) -> None:
    assert_problem(await echoing.ask(f"GET /signer/v1/trust-list\nX-Long: {'x' * 9000}"), 431)
    many = "\n".join(f"X-{number}: {'x' * 7000}" for number in range(5))
    assert_problem(await echoing.ask(f"GET /signer/v1/trust-list\n{many}"), 431)
    assert_problem(await echoing.ask(f"GET /signer/v1/{'x' * 9000}"), 414)
    assert_problem(await echoing.ask("GET /signer/v1/trust-list\nno header"), 400)


async def test_a_request_without_tls_is_told_so(echoing: Edge) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echoing.port)
    writer.write(b"GET /signer/v1/trust-list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert_problem(parse(await reader.read()), 400)
    writer.close()


async def test_what_a_service_says_of_its_own_stays_and_the_rest_is_added(echoing: Edge) -> None:
    own = (await echoing.ask("GET /signer/docs?policy"))[1]
    assert own["content-security-policy"] == "default-src 'self'"
    assert own["referrer-policy"] == "same-origin"
    plain = (await echoing.ask("GET /signer/v1/me/passport"))[1]
    assert plain["referrer-policy"] == "no-referrer"
    assert own["strict-transport-security"] == "max-age=5"
    assert plain["strict-transport-security"] == HSTS
    for headers in (own, plain):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert "cache-control" not in plain, "what may be kept, the service says"


async def test_only_what_is_the_same_for_everybody_is_compressed(echoing: Edge) -> None:
    """A secret and a caller's own words in one compressed answer tell the secret by its length
    (BREACH).
    """
    same = ("/signer/v1/trust-list", "/signer/v1/revocations", "/records/openapi.json")
    own = ("/signer/v1/me/passport", "/records/v1/worklist?name=x", "/signer/v1/trust-list/x")
    for path in same:
        _, headers, body = await echoing.ask(f"GET {path}\nAccept-Encoding: gzip")
        assert headers["content-encoding"] == "gzip", path
        assert gzip.decompress(unchunked(body)), path
    for path in own:
        _, headers, _ = await echoing.ask(f"GET {path}\nAccept-Encoding: gzip")
        assert "content-encoding" not in headers, path


def unchunked(body: bytes) -> bytes:
    """A body without the sizes of its chunks."""
    parts: Sequence[bytes] = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        parts = [*parts, body[:length]]
        body = body[length + 2 :]
    return b"".join(parts)


async def test_tls_is_1_2_at_least_and_speaks_http_2(echoing: Edge) -> None:
    async def curl(*more: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
            "--cacert", str(echoing.authority), *more, f"{echoing.origin}/edge/healthz",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        return process.returncode, out.decode()

    assert await curl("--http2") == (0, "2 200")
    assert await curl("--http1.1", "--tls-max", "1.2") == (0, "1.1 200")
    refused, _ = await curl("--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0")
    assert refused
