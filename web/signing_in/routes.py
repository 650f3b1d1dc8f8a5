"""The way to the provider and back, the way out, and what was typed when a session ended."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from contracts.access import Role
from services.chassis.limits import household
from web.context import Ctx, context_of
from web.csrf import SESSION
from web.errors import sign_in_failed
from web.guards import OpenPage, signed_in
from web.navigation import home_of
from web.page_headers import origin_of
from web.rendering import go_to, page
from web.return_paths import own_path
from web.sessions.session import Session

router = APIRouter()
FLOW = "signing-in"
_FLOW_S = 600


async def _count(request: Request) -> None:
    context = context_of(request)
    await context.sign_ins.admit("address", household(context.address(request)))


Visitor = Annotated[
    Session | None,
    Depends(OpenPage("who signs in is not signed in yet; counted by address", _count)),
]
Leaving = Annotated[
    Session | None, Depends(OpenPage("who leaves may be signed out already; it shows nothing"))
]
Anybody = Annotated[Session, Depends(signed_in(*Role))]


@router.get("/sign-in")
async def begin_sign_in(
    request: Request, context: Ctx, visitor: Visitor, next: str | None = None
) -> Response:
    """Sends a browser to the provider, with what proves later that it was this browser."""
    back = own_path(next)
    if request.headers.get("host") != origin_of(context.cfg.public_origin).partition("://")[2]:
        # cookies belong to a name: the one at which the provider sends back to
        return go_to(f"{context.cfg.public_origin}/sign-in?{urlencode({'next': back})}")
    if visitor is not None:
        return go_to(back if back != "/" else home_of(visitor.roles))
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    target = await context.provider.authorize_url(state, nonce, verifier)
    flow = json.dumps([state, nonce, verifier, back]).encode()
    sealed = urlsafe_b64encode(context.sealer.seal(flow, FLOW.encode())).decode()
    context.jar.set(request, FLOW, sealed, _FLOW_S)
    return go_to(target)


@router.get("/signed-in")
async def end_sign_in(
    request: Request,
    context: Ctx,
    visitor: Visitor,
    code: str | None = None,
    state: str | None = None,
    iss: str | None = None,
) -> Response:
    """Takes what the provider sends back, and begins a session of its own."""
    flow = _flow_of(request, context)
    context.jar.forget(request, FLOW)
    if flow is None or code is None or state is None:
        raise sign_in_failed()
    begun, nonce, verifier, back = flow
    if not secrets.compare_digest(begun, state) or (iss or context.cfg.oidc.issuer) != (
        context.cfg.oidc.issuer
    ):
        raise sign_in_failed()
    tokens = await context.provider.exchange(code, verifier, nonce)
    before = context.jar.read(request, SESSION)
    cookie, has_draft = await context.sessions.begin(tokens, before)
    context.jar.set(request, SESSION, cookie)
    roles = frozenset(map(str, tokens.claims.get("roles") or ()))
    if has_draft:
        return go_to("/typed")
    return go_to(back if back != "/" else home_of(roles))


@router.post("/sign-out")
async def sign_out(
    request: Request, context: Ctx, visitor: Leaving, everywhere: Annotated[str, Form()] = ""
) -> Response:
    """Ends this session, or all of this person, and leads to the provider's own way out."""
    cookie = context.jar.read(request, SESSION)
    context.jar.forget(request, SESSION)
    kept = await context.sessions.find(cookie) if cookie else None
    if cookie is None or kept is None:
        return go_to("/signed-out")
    tokens = await context.sessions.end(cookie)
    if everywhere:
        await context.sessions.end_everywhere(kept.subject)
    back = f"{context.cfg.public_origin}/signed-out"
    url = await context.provider.logout_url(tokens.id_token, back) if tokens else None
    return RedirectResponse(url or "/signed-out", 303)


@router.get("/signed-out")
async def show_signed_out(request: Request, visitor: Leaving) -> Response:
    """Says that nobody is signed in here any more."""
    return page(request, "signing_in/signed_out.html")


@router.get("/typed")
async def show_typed(request: Request, context: Ctx, session: Anybody) -> Response:
    """Shows that what was typed is still there, to be sent again or thrown away."""
    draft = await context.sessions.draft_of(session.id)
    if draft is None:
        return go_to(home_of(session.roles))
    return page(request, "signing_in/typed.html", draft=draft)


@router.post("/typed/discard")
async def discard_typed(context: Ctx, session: Anybody) -> Response:
    """Throws it away."""
    await context.sessions.forget_draft(session.id)
    return go_to(home_of(session.roles))


def _flow_of(request: Request, context: Any) -> tuple[str, str, str, str] | None:
    kept = context.jar.read(request, FLOW)
    if not kept:
        return None
    try:
        plain = context.sealer.unseal(urlsafe_b64decode(kept), FLOW.encode())
    except ValueError:
        return None
    state, nonce, verifier, back = json.loads(plain)
    return state, nonce, verifier, back
