"""`/p/…`: the link of a look-up's letter; `/passport`: what it opened, for a short while.

The link itself only shows a button. A scanner of mail that follows it uses nothing up.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.errors import ServiceError
from web.asking import answered
from web.asset_names import STATIC, app_icons, asset, needed_by
from web.citizen.passport_view import code_png, shown_passport
from web.citizen.visitors import Visitor, keep, kept, signer
from web.clients.signer.api.lookups import (
    open_passport_link,
    print_passport_link,
    reopen_passport_link,
)
from web.clients.signer.models import PassportLink
from web.context import context_of
from web.rendering import go_to, page

router = APIRouter()
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_FONTS = tuple(
    f"files/be-vietnam-pro-{subset}-{weight}-normal.woff2"
    for weight in (400, 700)
    for subset in ("latin", "latin-ext", "vietnamese")
)
_PAGE = "/passport"


@router.get("/p/{token}")
async def show_link(request: Request, token: str, visitor: Visitor) -> Response:
    """A button alone: opening is a POST."""
    return page(request, "citizen/open_link.html", headers=_PRIVATE, used=False)


@router.post("/p/{token}")
async def open_link(request: Request, token: str, visitor: Visitor) -> Response:
    """Opens the passport once, and goes on to it."""
    context = context_of(request)
    if not 20 <= len(token) <= 100 or not token.replace("-", "").replace("_", "").isalnum():
        return _gone(request)
    try:
        opened: Any = answered(
            await open_passport_link.asyncio_detailed(
                client=signer(context, request), body=PassportLink(token=token)
            )
        )
    except ServiceError as error:
        if error.status not in (404, 422):
            raise
        # who opened it here a moment ago pressed twice
        return go_to(_PAGE) if kept(request, "opened") else _gone(request)
    age_s = max(1, int((opened.again_until - datetime.now(UTC)).total_seconds()))
    keep(request, "opened", opened.again, age_s)
    return go_to(_PAGE)


@router.get("/passport")
async def show_passport(request: Request, visitor: Visitor) -> Response:
    """What the link opened, while this browser may look again."""
    passport = await _again(request)
    if passport is None:
        return _gone(request)
    shown = shown_passport(passport)
    return page(request, "citizen/passport.html", headers=_PRIVATE, passport=shown, own=False)


@router.get("/passport/ho-chieu-vac-xin.pdf")
async def print_passport(request: Request, visitor: Visitor) -> Response:
    """The passport to print."""
    token = kept(request, "opened")
    if token is None:
        return _gone(request)
    context = context_of(request)
    answer = await print_passport_link.asyncio_detailed(
        client=signer(context, request), body=PassportLink(token=token)
    )
    if int(answer.status_code) in (404, 422):
        return _gone(request)
    answered(answer)
    return saved(answer.content, "application/pdf", "ho-chieu-vac-xin.pdf")


@router.get("/passport/dose-{number}.png")
async def save_code(request: Request, number: int, visitor: Visitor) -> Response:
    """One dose's code as a picture."""
    passport = await _again(request)
    if passport is None or not 1 <= number <= len(passport.certificates):
        return _gone(request)
    picture = code_png(passport.certificates[number - 1].qr)
    return saved(picture, "image/png", f"mui-{number}.png")


@router.get("/passport/worker.js")
async def read_keeper(request: Request, visitor: Visitor) -> Response:
    """The script that keeps the page on a device whose owner asks for it."""
    names = ("css/main.css", "css/passport.css", "js/main.js", "icons.svg", "images/icon.svg")
    files = [*map(asset, (*names, *_FONTS)), *needed_by("js/passport.js")]
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]
    offline = json.dumps({"version": version, "page": _PAGE, "files": files})
    script = (STATIC / asset("js/passport_worker.js").removeprefix("/assets/")).read_text()
    return Response(
        f"globalThis.offline={offline};\n{script}",
        media_type="text/javascript",
        headers={"Service-Worker-Allowed": _PAGE, "Cache-Control": "no-cache"},
    )


@router.get("/passport/app.webmanifest")
async def read_passport_app(request: Request, visitor: Visitor) -> Response:
    """What a phone needs to put the page on its home screen."""
    content = {
        "id": _PAGE,
        "name": "Hộ chiếu vắc xin",
        "short_name": "Hộ chiếu",
        "lang": "vi",
        "start_url": _PAGE,
        "scope": _PAGE,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": app_icons(),
    }
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/manifest+json")


def saved(content: bytes, media_type: str, name: str) -> Response:
    """A file that a browser saves, and nobody keeps on the way."""
    headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


async def _again(request: Request) -> Any:
    """The passport that this browser opened; None where its time is over."""
    token = kept(request, "opened")
    if not isinstance(token, str):
        return None
    context = context_of(request)
    answer = await reopen_passport_link.asyncio_detailed(
        client=signer(context, request), body=PassportLink(token=token)
    )
    return None if int(answer.status_code) in (404, 422) else answered(answer)


def _gone(request: Request) -> Response:
    return page(request, "citizen/open_link.html", status=404, headers=_PRIVATE, used=True)
