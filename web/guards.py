"""Who may open a page, and that what changes something comes from our own pages."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import Request

from contracts.access import Role
from services.chassis.auth import Allow, Principal, Public
from services.chassis.errors import TransientError
from services.chassis.gate import BodySize
from web.context import Context, context_of
from web.csrf import SAFE, SESSION, require_own_origin, require_token
from web.errors import SignInNeededError, not_your_page
from web.navigation import places_of
from web.sessions.keeper import Kept, LateForm
from web.sessions.session import Session

_FOUND, _LATE = "hochieu.session", "hochieu.late"
_CSRF: Final = "csrf"


class SignedIn(Allow):
    """A page for people with one of `roles`; gives the route their `Session`.

    A form is taken with its token alone. One that comes after the session's end is kept until the
    same person has signed in again.
    """

    async def admit(self, request: Request) -> Principal:
        """Looks before the body is read; SignInNeededError, or ServiceError 403."""
        context = context_of(request)
        require_own_origin(request, context.cfg.public_origin)
        session, kept = await _found(context, request)
        if session is None:
            if kept is not None and _may_be_kept(request):
                request.scope[_LATE] = kept
                return Principal("", frozenset(), {})
            raise SignInNeededError(ended=kept is not None)
        if not session.roles & self.roles:
            raise _elsewhere(session)
        return session

    async def __call__(self, request: Request) -> Session:  # type: ignore[override]
        session = await self.admit(request)
        context = context_of(request)
        await require_token(request, context.jar)
        if not isinstance(session, Session):
            await _keep(context, request, request.scope[_LATE])
            raise SignInNeededError(ended=True, kept=True)
        return session


class OpenPage(Public):
    """A page that nobody signs in for; gives the route the `Session` of who is signed in, or None.

    Arguments as of `Public`.
    """

    def __init__(self, why: str, count: Callable[[Request], Awaitable[None]] | None = None) -> None:
        super().__init__(why, count)

    async def admit(self, request: Request) -> None:
        """Looks at who sends, and counts, before the body is read."""
        require_own_origin(request, context_of(request).cfg.public_origin)
        await super().admit(request)

    async def __call__(self, request: Request) -> Session | None:  # type: ignore[override]
        await self.admit(request)
        context = context_of(request)
        await require_token(request, context.jar)
        try:
            session, _ = await _found(context, request)
        except TransientError:
            return None  # the page is for everybody; who it is matters less than that it is there
        return session


def signed_in(*roles: Role) -> SignedIn:
    """The dependency of a page for these roles."""
    return SignedIn(*roles)


def session_of(request: Request) -> Session | None:
    """Who is signed in, where a guard has looked."""
    session, _ = request.scope.get(_FOUND, (None, None))
    return session if isinstance(session, Session) else None


async def _found(context: Context, request: Request) -> tuple[Session | None, Kept | None]:
    """The session and what is kept of it, looked for once a request."""
    if _FOUND not in request.scope:
        cookie = context.jar.read(request, SESSION)
        kept = await context.sessions.find(cookie) if cookie else None
        session = _session(context, request, kept) if kept is not None else None
        request.scope[_FOUND] = (session, kept)
    found: tuple[Session | None, Kept | None] = request.scope[_FOUND]
    return found


def _session(context: Context, request: Request, kept: Kept) -> Session | None:
    if kept.tokens is None:
        return None
    claims = kept.tokens.claims
    roles = claims.get("roles")
    return Session(
        subject=str(claims["sub"]),
        roles=frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(),
        claims=claims,
        id=kept.id,
        tokens=kept.tokens,
        request=request,
        jar=context.jar,
        sealer=context.sealer,
        services=context.services,
        address=context.address(request),
    )


def _may_be_kept(request: Request) -> bool:
    """Whether it is a form, as small as one that people type."""
    declared = request.headers.get("content-length", "")
    kind = request.headers.get("content-type", "")
    return (
        request.method not in SAFE
        and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data"))
        and declared.isdigit()
        and int(declared) <= BodySize.FORM
    )


async def _keep(context: Context, request: Request, kept: Kept) -> None:
    form = await request.form()
    fields = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name != _CSRF
    ]
    await context.sessions.keep_draft(kept.id, LateForm(request.url.path, fields))


def _elsewhere(session: Session) -> Any:
    places = places_of(session.roles)
    if not places:
        return not_your_page("Hãy liên hệ đơn vị quản lý.", "Ask those who run the system.")
    place = places[0]
    return not_your_page(
        f"Trang của bạn là “{place.vi}” ({place.path}).", f"Yours is “{place.en}” ({place.path})."
    )
