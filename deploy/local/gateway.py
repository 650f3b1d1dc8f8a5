"""One origin for everything: passes each request on to the part that its first path segment names,
streaming both ways.

`/{part}/metrics` is nobody's outside: scrapers ask the parts themselves.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.forwarded import Networks, client_of, networks

# connection-level headers belong to one hop and are never passed on (RFC 9110, section 7.6.1)
_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_REPLACED = _HOP | {"x-forwarded-for"}  # a client's own word decides no rate limit
_INSIDE = "metrics"
"""What a part tells its scraper alone: a counter that moves tells what was made of the question
that somebody just asked.
"""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def build(parts: dict[str, str], trusted: Networks = ()) -> Starlette:
    """The gateway's application; `parts` maps a first path segment to who answers for it: a Unix
    socket, or an origin `http://host:port`.

    `trusted`: the proxies in front, whose word on the client's address is passed on; without any,
    the client is whoever is connected.
    """
    origins = {
        name: part if part.startswith("http://") else "http://hochieu"
        for name, part in parts.items()
    }
    clients: dict[str, httpx.AsyncClient] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            for name, part in parts.items():
                client = httpx.AsyncClient(
                    transport=httpx.AsyncHTTPTransport(
                        uds=None if part == origins[name] else part,
                        limits=httpx.Limits(max_connections=200),
                    ),
                    timeout=httpx.Timeout(600, connect=5),
                )
                clients[name] = await held.enter_async_context(client)
            yield

    async def forward(request: Request) -> Response:
        name = request.url.path.split("/", 2)[1]
        client = clients.get(name)
        if client is None:
            return _not_found()
        headers = [
            (key, value)
            for key, value in request.headers.raw
            if key.decode("latin-1").lower() not in _REPLACED
        ]
        peer = request.client.host if request.client else ""
        headers.append(
            (
                b"x-forwarded-for",
                client_of(peer, request.headers.getlist("x-forwarded-for"), trusted).encode(
                    "latin-1"
                ),
            )
        )
        path = request.scope["raw_path"] + (
            b"?" + request.scope["query_string"] if request.scope["query_string"] else b""
        )
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        outgoing = client.build_request(
            request.method, httpx.URL(origins[name]).copy_with(raw_path=path), headers=headers
        )
        # as the part will read it: whole, without escapes and dots
        if outgoing.url.path.split("/")[2:3] == [_INSIDE]:
            return _not_found()
        if has_body:
            outgoing = httpx.Request(
                request.method, outgoing.url, headers=headers, content=request.stream()
            )
        try:
            answer = await client.send(outgoing, stream=True)
        except ClientDisconnect:
            return Response(status_code=499)
        except httpx.HTTPError:
            return _problem(
                503,
                "TRY_AGAIN",
                "This part of the system is not running yet; try again.",
                "Hệ thống đang bận, hãy thử lại.",
            )
        passed = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP}
        return StreamingResponse(
            answer.aiter_raw(), answer.status_code, passed, background=BackgroundTask(answer.aclose)
        )

    async def lost(request: Request, error: Exception) -> Response:
        return _not_found()

    return Starlette(
        routes=[Route("/{path:path}", forward, methods=_METHODS)],
        lifespan=lifespan,
        exception_handlers={404: lost},
    )


def _not_found() -> Response:
    return _problem(
        404, "NOT_FOUND", "No part of the system answers to this path.", "Không tìm thấy."
    )


def _problem(status: int, code: str, detail: str, detail_vi: str) -> JSONResponse:
    return JSONResponse(
        {
            "type": "about:blank",
            "title": code,
            "status": status,
            "code": code,
            "detail": detail,
            "detail_vi": detail_vi,
        },
        status,
        media_type="application/problem+json",
    )


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
    server = uvicorn.Server(
        uvicorn.Config(
            build(given.parts, given.trusted_proxies),
            host=given.host,
            port=given.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
            proxy_headers=False,  # whose word counts is said above
        )
    )
    asyncio.run(server.serve())


if __name__ == "__main__":
    main()
