"""Who comes to the open pages, and small things that their browser keeps sealed for a while."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

from fastapi import Depends, Request

from web.context import Context, context_of
from web.guards import OpenPage
from web.sessions.session import Session

Visitor = Annotated[
    Session | None,
    Depends(
        OpenPage("people without a smartphone or an account use it; it says nothing of anybody")
    ),
]


def keep(request: Request, name: str, value: Any, max_age_s: int) -> None:
    """Has the browser keep something that only this process can read or make."""
    context = context_of(request)
    sealed = context.sealer.seal(json.dumps(value).encode(), _bound(name))
    context.jar.set(request, name, urlsafe_b64encode(sealed).decode(), max_age_s)


def kept(request: Request, name: str) -> Any:
    """What `keep` was given; None where it is not there, or was not made here."""
    context = context_of(request)
    value = context.jar.read(request, name)
    if not value:
        return None
    try:
        return json.loads(context.sealer.unseal(urlsafe_b64decode(value), _bound(name)))
    except ValueError:
        return None


def signer(context: Context, request: Request) -> Any:
    """The signer's client in nobody's name."""
    return context.services.client("signer", None, context.address(request))


def _bound(name: str) -> bytes:
    return b"visitor:" + name.encode()
