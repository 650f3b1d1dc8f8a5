"""One origin for everything: passes each request on to the part that its first path segment names,
or else to the pages.

A part is asked once the body is there, and its answer is taken at once. So neither who sends slowly
nor who reads slowly holds one of its places.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.local import gateway_answers as answers
from deploy.local.buffer import Buffer, BufferFullError, BufferSpace
from deploy.local.forwarded import Networks, client_of, networks
from deploy.local.gateway_settings import GatewaySettings
from deploy.local.passed_on import pass_on
from deploy.stubs.own_pages import is_foreign, is_misdirected
from services.chassis.connection import BoundedConfig

# connection-level headers belong to one hop and are never passed on (RFC 9110, section 7.6.1); the
# body's length is written anew, and nobody need wait for a body that is there
_NOT_PASSED = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("trailer", "transfer-encoding", "upgrade", "content-length", "expect"),
        # a client's own word decides no rate limit
        "x-forwarded-for",
    }
)
_INSIDE = {"registry": frozenset({"metrics", "v1/control"})}
_INSIDE_ALL = frozenset({"metrics"})
"""What nobody outside is shown: a counter that moves tells what was made of a question that
somebody just asked. The registry's control is for tests, which ask the stub itself.
"""
_WITHOUT_TOKENS = frozenset({"registry", "mail", "issuer"})
_PAGES = "web"
"""The part that every other first segment belongs to, where there is one."""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class _BodyTooLargeError(Exception):
    pass


def build(
    parts: dict[str, str], trusted: Networks = (), cfg: GatewaySettings | None = None
) -> Starlette:
    """The gateway's application; `parts` maps a first path segment to who answers for it: a Unix
    socket, or an origin `http://host:port`.

    `trusted`: the proxies in front, whose word on the client's address is passed on; without any,
    the client is whoever is connected.
    """
    cfg = cfg or GatewaySettings()
    origins = {
        name: part if part.startswith("http://") else "http://hochieu"
        for name, part in parts.items()
    }
    clients: dict[str, httpx.AsyncClient] = {}
    space = BufferSpace(cfg.buffer_bytes, cfg.buffer_files)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            for name, part in parts.items():
                client = httpx.AsyncClient(
                    transport=httpx.AsyncHTTPTransport(
                        uds=None if part == origins[name] else part,
                        limits=httpx.Limits(max_connections=cfg.upstream_places),
                    ),
                    timeout=httpx.Timeout(600, connect=5, pool=cfg.upstream_wait_s),
                )
                clients[name] = await held.enter_async_context(client)
            yield

    async def forward(request: Request) -> Response:
        named = request.url.path.split("/", 2)[1]
        name = named if named in clients else _PAGES
        client = clients.get(name)
        if client is None:
            return answers.not_here()
        path = request.scope["raw_path"] + (
            b"?" + request.scope["query_string"] if request.scope["query_string"] else b""
        )
        url = httpx.URL(origins[name]).copy_with(raw_path=path)
        if _is_inside(name, url.path):
            return answers.not_here()
        if name in _WITHOUT_TOKENS:
            if is_misdirected(request.headers, cfg.names):
                return answers.misdirected()
            if is_foreign(request.headers):
                return answers.foreign()
        with closing(Buffer(space)) as body:
            try:
                await _receive(request, body, cfg.max_upload_bytes)
                outgoing = httpx.Request(
                    request.method,
                    url,
                    headers=_headers(request, body.size, trusted),
                    content=body.parts() if body.size else None,
                )
                answer = await _sent(client, outgoing)
                return await pass_on(request, answer, space)
            except ClientDisconnect:
                return Response(status_code=499)
            except _BodyTooLargeError:
                return answers.too_large(cfg.max_upload_bytes)
            except (BufferFullError, httpx.PoolTimeout):
                return answers.busy()
            except (httpx.LocalProtocolError, httpx.InvalidURL):
                return answers.malformed()
            except httpx.HTTPError:
                return answers.not_running()

    async def lost(request: Request, error: Exception) -> Response:
        return answers.not_here()

    async def no_method(request: Request, error: Exception) -> Response:
        return answers.no_method()

    async def unexpected(request: Request, error: Exception) -> Response:
        return answers.unexpected()

    return Starlette(
        routes=[Route("/{path:path}", forward, methods=_METHODS)],
        lifespan=lifespan,
        exception_handlers={404: lost, 405: no_method, Exception: unexpected},
    )


def _is_inside(part: str, path: str) -> bool:
    """Whether a path is not shown outside; `path` as the part will read it: whole, without escapes
    and dots.
    """
    asked = path.split("/", 2)[2:]
    return bool(asked) and any(
        f"{asked[0]}/".startswith(f"{inside}/") for inside in _INSIDE.get(part, _INSIDE_ALL)
    )


async def _sent(client: httpx.AsyncClient, outgoing: httpx.Request) -> httpx.Response:
    """The answer's head; what only reads is sent once more where its connection was just closed."""
    try:
        return await client.send(outgoing, stream=True)
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        if outgoing.method not in ("GET", "HEAD") or "Content-Length" in outgoing.headers:
            raise
        return await client.send(outgoing, stream=True)


async def _receive(request: Request, body: Buffer, max_bytes: int) -> None:
    """Takes the whole body in; `_BodyTooLargeError` as soon as it is too large, and
    BufferFullError where there is no room.
    """
    if int(request.headers.get("content-length", "0")) > max_bytes:
        raise _BodyTooLargeError
    async for part in request.stream():
        if body.size + len(part) > max_bytes:
            raise _BodyTooLargeError
        body.write(part)
    body.end()


def _headers(request: Request, size: int, trusted: Networks) -> list[tuple[bytes, bytes]]:
    """The headers of a request that is passed on, with the client's address."""
    headers = [
        # the space around a value is not part of it (RFC 9110, section 5.5)
        (key, value.strip(b" \t"))
        for key, value in request.headers.raw
        if key.decode("latin-1").lower() not in _NOT_PASSED
    ]
    peer = request.client.host if request.client else ""
    client = client_of(peer, request.headers.getlist("x-forwarded-for"), trusted)
    headers.append((b"x-forwarded-for", client.encode("latin-1")))
    if size or request.method in ("POST", "PUT", "PATCH"):
        headers.append((b"content-length", str(size).encode()))
    return headers


def main() -> None:
    """`python -m deploy.local.gateway --port N --parts '{"records": "/…/records.sock", …}'
    [--trusted-proxies 10.0.0.0/8]`.
    """
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--parts", type=json.loads, required=True)
    arguments.add_argument(
        "--trusted-proxies",
        type=networks,
        default=(),
        help="addresses and networks, separated by commas",
    )
    given = arguments.parse_args()
    cfg = GatewaySettings()
    server = uvicorn.Server(
        BoundedConfig(
            build(given.parts, given.trusted_proxies, cfg),
            cfg.http,
            host=given.host,
            port=given.port,
            log_level="warning",
            timeout_graceful_shutdown=3,
        )
    )
    asyncio.run(server.serve())


if __name__ == "__main__":
    main()
