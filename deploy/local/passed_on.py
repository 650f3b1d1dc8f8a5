"""A part's answer on its way to the client."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from deploy.local.buffer import IN_MEMORY, Buffer, BufferFullError, BufferSpace

# of one hop alone; the server writes its own date
_OF_ONE_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("trailer", "transfer-encoding", "upgrade", "date"),
    }
)
_EVENTS = "text/event-stream"
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)


async def pass_on(request: Request, answer: httpx.Response, space: BufferSpace) -> Response:
    """The answer of a part as ours; httpx.HTTPError where it breaks off before we began.

    A short one is whole before it goes out, and its place free. Of a long one the rest is taken
    into a buffer. Events pass as they come.
    """
    headers = _passed(request, answer)
    begun, parts = bytearray(), answer.aiter_raw()
    if answer.headers.get("content-type", "").startswith(_EVENTS):
        return _with_headers(_Buffered(answer, parts, Buffer(space)), headers)
    try:
        async for part in parts:
            begun += part
            if len(begun) > IN_MEMORY:
                break
        else:
            await answer.aclose()
            return _with_headers(Response(bytes(begun), answer.status_code), headers)
    except BaseException:
        await answer.aclose()
        raise
    buffer = Buffer(space)
    buffer.write(bytes(begun))
    return _with_headers(_Buffered(answer, parts, buffer), headers)


class _Buffered(StreamingResponse):
    """An answer that is taken as fast as its part gives it, whoever reads it."""

    def __init__(self, answer: httpx.Response, rest: AsyncIterator[bytes], buffer: Buffer) -> None:
        super().__init__(buffer.parts(), answer.status_code)
        self._answer, self._rest, self._buffer = answer, rest, buffer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        filling = asyncio.create_task(self._fill())
        try:
            await super().__call__(scope, receive, send)
        finally:
            filling.cancel()
            await asyncio.wait({filling})
            self._buffer.close()

    async def _fill(self) -> None:
        error: Exception | None = None
        try:
            async for part in self._rest:
                try:
                    self._buffer.write(part)
                except BufferFullError:
                    # the client sets the pace then
                    await self._buffer.drained()
                    self._buffer.write(part)
        except httpx.HTTPError as broken:
            error = broken
        finally:
            self._buffer.end(error)
            await self._answer.aclose()


def _with_headers(response: Response, headers: list[tuple[bytes, bytes]]) -> Response:
    """Its own length stays where the part told none: it came in pieces, and is whole now."""
    names = {name.lower() for name, _ in headers}
    own = [
        (name, value)
        for name, value in response.raw_headers
        if name == b"content-length" and name not in names and value != b"0"
    ]
    response.raw_headers = headers + own
    return response


def _passed(request: Request, answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    return [
        (name, _location(value, request) if name.lower() == b"location" else value)
        for name, value in answer.headers.raw
        if name.decode("latin-1").lower() not in _OF_ONE_HOP
    ]


def _location(value: bytes, request: Request) -> bytes:
    """Where a part sends on to the origin that it was asked by, the path alone: a caller may have
    written any name into `Host`.
    """
    text = value.decode("latin-1")
    match = _ABSOLUTE.match(text)
    if match is None or match[1].lower() != request.headers.get("host", "").lower():
        return value
    path = text[match.end() :]
    return (path if path.startswith("/") else f"/{path}").encode("latin-1")
