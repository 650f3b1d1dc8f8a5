"""Forms that only our own pages can send: a token in each of them, and the origin that the browser
names.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from web.cookies import Jar
from web.errors import foreign_form, stale_form

FIELD, HEADER = "csrf", "x-csrf-token"
SESSION, VISIT = "session", "visit"
"""The cookies whose secret a form's token is made of."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SIZE: Final = 32


def secret_of(request: Request, jar: Jar) -> str | None:
    """The secret of this browser: its session's, or that of a visit without one."""
    return jar.read(request, SESSION) or jar.read(request, VISIT)


def token_for(request: Request, jar: Jar) -> str:
    """A token for a form of this browser; it is another text each time, so compression tells
    nothing.
    """
    secret = secret_of(request, jar) or request.scope.get(VISIT)
    if secret is None:
        secret = request.scope[VISIT] = secrets.token_urlsafe(_SIZE)
        jar.set(request, VISIT, secret)
    pad = secrets.token_bytes(_SIZE)
    return urlsafe_b64encode(pad + _mixed(pad, _proof(secret))).decode()


def require_own_origin(request: Request, public_origin: str) -> None:
    """ServiceError 403 where a browser says that another site's page has sent this."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise foreign_form()
    if origin is None or (origin == "null" and site == "same-origin"):
        return
    named = urlsplit(origin)
    if origin != public_origin and named.netloc != request.headers.get("host", ""):
        raise foreign_form()


async def require_token(request: Request, jar: Jar) -> None:
    """ServiceError 403 where what changes something came without the token of this browser."""
    if request.method in SAFE:
        return
    sent = request.headers.get(HEADER)
    if sent is None and _is_form(request):
        value = (await request.form()).get(FIELD)
        sent = value if isinstance(value, str) else None
    secret = secret_of(request, jar)
    if sent is None or secret is None or not _is_of(sent, secret):
        raise stale_form()


def says_own_origin(request: Request) -> bool:
    """Whether the browser itself says that our own page has sent this."""
    return request.headers.get("sec-fetch-site") == "same-origin"


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")


def _is_of(token: str, secret: str) -> bool:
    try:
        sent = urlsafe_b64decode(token.encode())
    except ValueError:
        return False
    if len(sent) != 2 * _SIZE:
        return False
    return hmac.compare_digest(_mixed(sent[:_SIZE], sent[_SIZE:]), _proof(secret))


def _proof(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"form", "sha256")


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
