"""What HTTP gives with every GET: HEAD, and for answers that may be kept a validator (`ETag`, 304).

An answer that everybody gets alike is packed as well. Others are not: where a secret and a caller's
own words stand in one packed answer, its length tells the secret (BREACH).
"""

import gzip
from collections.abc import MutableMapping
from hashlib import sha256
from typing import Final

from fastapi import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PACKED_FROM = 1024
_LEVEL = 6


class Keeping:
    """The dependency of a route whose answer may be kept, and is given again only where it has
    changed; `how`: its `Cache-Control`.
    """

    def __init__(self, how: str, vary: str = "") -> None:
        self._headers = {"Cache-Control": how, **({"Vary": vary} if vary else {})}

    async def __call__(self, response: Response) -> None:
        response.headers.update(self._headers)


KEPT_BY_CALLER: Final = Keeping("private, no-cache", "Authorization")
"""Its caller may keep it, and asks whether it still holds."""


class Representations:
    """Answers HEAD by GET's route, without a body; 304 where the caller has the answer already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        answer = _OutgoingAnswer(scope, receive, send)
        # the scope stays one: the layer above finds the route in it
        asked, scope["method"] = scope["method"], "GET"
        try:
            await self._app(scope, answer.receive, answer.send)
        finally:
            scope["method"] = asked
        return None


class _OutgoingAnswer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._is_head = scope["method"] == "HEAD"
        self._asked = Headers(scope=scope)
        self._receive, self._send = receive, send
        self._start: Message | None = None
        self._is_over = False

    async def receive(self) -> Message:
        """What the client sends; nothing more once a HEAD is answered."""
        return {"type": "http.disconnect"} if self._is_over else await self._receive()

    async def send(self, message: Message) -> None:
        """Passes the answer on: whole where it is short, as it comes where it is a stream."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is None:
            if not self._is_over:
                await self._send(message)
            return
        if start["status"] == 200 and not message.get("more_body", False):
            message = {**message, "body": self._chosen(start, message.get("body", b""))}
        if self._is_head:
            self._is_over = True
            message = {"type": "http.response.body", "body": b""}
        await self._send(start)
        await self._send(message)

    def _chosen(self, start: MutableMapping[str, object], body: bytes) -> bytes:
        """The body as this caller gets it; the start of the answer is changed with it."""
        headers = MutableHeaders(raw=start["headers"])  # type: ignore[arg-type]
        kept = headers.get("cache-control", "no-store")
        if "no-store" in kept:
            return body
        # a weak one: it is the same of the packed answer
        tag = headers.setdefault("etag", f'W/"{sha256(body).hexdigest()[:32]}"')
        if _has(self._asked.get("if-none-match", ""), tag):
            start["status"] = 304
            del headers["content-length"], headers["content-type"]
            body = b""
        elif "public" in kept and len(body) >= _PACKED_FROM:
            headers.add_vary_header("Accept-Encoding")
            if "gzip" in self._asked.get("accept-encoding", ""):
                body = gzip.compress(body, _LEVEL, mtime=0)
                headers["content-encoding"] = "gzip"
                headers["content-length"] = str(len(body))
        start["headers"] = headers.raw
        return body


def _has(sent: str, tag: str) -> bool:
    """Whether `If-None-Match` names the tag, compared weakly (RFC 9110, section 13.1.2)."""
    tags = {one.strip().removeprefix("W/") for one in sent.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
