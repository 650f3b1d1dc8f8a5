"""What answers say to browsers beside the chassis's headers: a page runs what is ours alone, and
cookies are set.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.cookies import pending

_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_KEPT_BY_BROWSERS: Final = b"public, max-age=31536000, immutable"


def policy(form_targets: Sequence[str] = (), *, wasm: bool = False) -> str:
    """The content security policy of a page.

    `form_targets`: origins beside our own to which a form may lead. `wasm`: whether it runs
    WebAssembly of ours.
    """
    scripts = "; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:" if wasm else ""
    targets = " ".join(["'self'", *form_targets])
    return f"{_POLICY}{scripts}; form-action {targets}"


def origin_of(address: str) -> str:
    """The origin of an address."""
    url = urlsplit(address)
    return f"{url.scheme}://{url.netloc}"


class PageHeaders:
    """Adds cookies and the policy to what the pages answer; a page that says another one keeps
    it.
    """

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._policy = policy.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = Request(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._own(request, message)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
        return None

    def _own(self, request: Request, start: Message) -> list[tuple[bytes, bytes]]:
        said = {name.lower() for name, _ in start["headers"]}
        own = [(b"set-cookie", cookie.encode()) for cookie in pending(request)]
        # with `no-referrer` browsers would not name the origin of a form
        own += [(b"referrer-policy", b"same-origin")] if b"referrer-policy" not in said else []
        if b"content-security-policy" not in said:
            own.append((b"content-security-policy", self._policy))
        is_asset = request.url.path.startswith("/assets/") and start["status"] == 200
        if is_asset and b"cache-control" not in said:
            own.append((b"cache-control", _KEPT_BY_BROWSERS))
        return own
