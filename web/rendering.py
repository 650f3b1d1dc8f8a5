"""Makes pages of templates: with who is signed in, the reader's language, and what is to say."""

import gzip
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from web.built_files import encodings_of
from web.context import context_of
from web.csrf import token_for
from web.guards import session_of
from web.languages import Language, language_of, remember_choices, theme_of
from web.navigation import person_of, places_of
from web.sessions.session import NOTICES

_WORTH_PACKING: Final = 1_400
"""Bytes: what is smaller goes in one packet anyway."""
_LEVEL: Final = 6
_PADDING: Final = 64


def page(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **views: Any,
) -> HTMLResponse:
    """A page, or a part of one, made of `template` with these views.

    Beside them it has `session` and `person` (or None), `places`, `notices`, `lang`, `theme`,
    `path` and `other_language` (an address), and may call `t`, `asset` and `csrf_field`.
    """
    context = context_of(request)
    session, language = session_of(request), language_of(request)
    remember_choices(request, context.jar)
    said = [] if is_part(request) or session is None else session.notices()
    if said:
        context.jar.forget(request, NOTICES)
    text = context.templates.render(
        template,
        language,
        token_for(request, context.jar),
        {
            "session": session,
            "person": person_of(session.roles, session.claims, language) if session else None,
            "theme": theme_of(request),
            "places": places_of(session.roles) if session else (),
            "notices": [{"kind": kind, "vi": vi, "en": en} for kind, vi, en in said],
            "path": request.url.path,
            "other_language": _in_other(request, language),
            **views,
        },
    )
    return _packed(request, text, status, dict(headers or {}))


def _packed(request: Request, text: str, status: int, headers: dict[str, str]) -> HTMLResponse:
    """The answer, smaller on the wire where the browser can read it so.

    Tokens of forms are masked anew each time, and the length is never quite the same. So the size
    tells nothing of what stands in a page.
    """
    headers["Vary"] = "Accept-Encoding"
    content = text.encode()
    if len(content) < _WORTH_PACKING or "gzip" not in encodings_of(request.scope):
        return HTMLResponse(content, status, headers=headers)
    headers["Content-Encoding"] = "gzip"
    padding = f"<!--{secrets.token_hex(1 + secrets.randbelow(_PADDING))}-->".encode()
    return HTMLResponse(gzip.compress(content + padding, _LEVEL), status, headers=headers)


def go_to(path: str) -> RedirectResponse:
    """Sends a browser on to a page, after a form: by GET, so that a reload sends nothing again."""
    return RedirectResponse(path, 303)


def is_part(request: Request) -> bool:
    """Whether a script asks for a part of a page."""
    return "hx-request" in request.headers and "hx-boosted" not in request.headers


def _in_other(request: Request, language: Language) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"?{urlencode([*kept, ('lang', 'vi' if language == 'en' else 'en')])}"
