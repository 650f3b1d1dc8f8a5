"""`/verify`: the page, what makes it an app that opens without a network, and the data it keeps."""

import gzip
import hashlib
import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import JSONResponse, Response

from services.chassis.auth import Public
from web.asking import answered
from web.asset_names import STATIC, app_icons, asset, needed_by
from web.built_files import encodings_of
from web.clients.signer.api.trust import read_verifier_data
from web.clients.signer.api.verification import verify_passport
from web.clients.signer.models import VerifyRequest
from web.context import Context, context_of
from web.guards import OpenPage
from web.languages import language_of
from web.page_headers import policy
from web.rendering import page
from web.sessions.session import Session
from web.verify.views import ShownResult, result_of

router = APIRouter()
Visitor = Annotated[
    Session | None,
    Depends(OpenPage("whoever is shown a passport must be able to check it; nothing is kept")),
]
_app = Depends(Public("the page as an app: its name, its files and the public lists it judges by"))
_HEADERS: Final = {
    "Content-Security-Policy": policy(wasm=True),
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}
_FONTS: Final = tuple(
    f"files/be-vietnam-pro-{subset}-{weight}-normal.woff2"
    for weight in (400, 700)
    for subset in ("latin", "latin-ext", "vietnamese")
)
_PAGE: Final = "/verify"


@router.get("/verify")
async def show_verify(request: Request, visitor: Visitor) -> Response:
    """The page; it judges by its own script, and asks the server only where none runs."""
    return page(request, "verify/verify.html", headers=_HEADERS, shown=ShownResult())


@router.post("/verify")
async def judge_code(
    request: Request, visitor: Visitor, code: Annotated[str, Form(max_length=40_000)] = ""
) -> Response:
    """The answer to a code that was typed or pasted where no script runs."""
    context = context_of(request)
    response = await verify_passport.asyncio_detailed(
        client=_signer(request, context), body=VerifyRequest(qr=code)
    )
    verdict: dict[str, Any] = answered(response).to_dict()
    shown = result_of(verdict, language_of(request))
    return page(request, "verify/verify.html", headers=_HEADERS, shown=shown)


@router.get("/verify/data", dependencies=[_app])
async def read_data(request: Request) -> Response:
    """The signed data by which the page judges, as the signer gives them."""
    context = context_of(request)
    response = await read_verifier_data.asyncio_detailed(client=_signer(request, context))
    lists = JSONResponse(answered(response).to_dict(), headers={"Vary": "Accept-Encoding"})
    if "gzip" in encodings_of(request.scope):
        # all of it is public: how long it is tells nothing
        lists.body = gzip.compress(bytes(lists.body))
        lists.headers.update({"Content-Encoding": "gzip", "Content-Length": str(len(lists.body))})
    return lists


@router.get("/verify/worker.js", dependencies=[_app])
async def read_worker() -> Response:
    """The script that keeps the page; it names the files as they were built last."""
    names = ("css/main.css", "css/verify.css", "js/main.js", "icons.svg", "images/icon.svg")
    files = [*map(asset, (*names, *_FONTS)), *needed_by("js/verify.js"), "/verify/app.webmanifest"]
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]
    offline = json.dumps({"version": version, "page": _PAGE, "files": files})
    script = (STATIC / asset("js/verify_worker.js").removeprefix("/assets/")).read_text()
    return Response(
        f"globalThis.offline={offline};\n{script}",
        media_type="text/javascript",
        headers={"Service-Worker-Allowed": _PAGE, "Cache-Control": "no-cache"},
    )


@router.get("/verify/app.webmanifest", dependencies=[_app])
async def read_app() -> Response:
    """What a phone needs to install the page: its name, colours and icon."""
    content = {
        "id": _PAGE,
        "name": "Kiểm tra hộ chiếu vắc xin / Vaccine passport check",
        "short_name": "Kiểm tra mã",
        "lang": "vi",
        "start_url": _PAGE,
        "scope": _PAGE,
        "display": "standalone",
        "background_color": "#000000",
        "theme_color": "#000000",
        "icons": app_icons(),
    }
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/manifest+json")


def _signer(request: Request, context: Context) -> Any:
    return context.services.client("signer", None, context.address(request))
