"""The page on which a service's OpenAPI is read and tried, with its script and style from this
machine: no page waits for the internet.
"""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class _Assets(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        # named by no version: asked for again, and sent again only where it has changed
        response.headers["Cache-Control"] = "no-cache"
        return response


def add_docs(app: FastAPI, prefix: str) -> None:
    """Serves the page at `/{prefix}/docs`; the application's own `docs_url` must be None."""
    page = get_swagger_ui_html(
        openapi_url=f"/{prefix}/openapi.json",
        title=app.title,
        swagger_js_url=f"/{prefix}/docs/assets/swagger-ui-bundle.js",
        swagger_css_url=f"/{prefix}/docs/assets/swagger-ui.css",
        swagger_favicon_url="data:,",
    )
    page.headers["Content-Security-Policy"] = _policy(bytes(page.body))

    async def docs(_: Request) -> HTMLResponse:
        return page

    app.add_route(f"/{prefix}/docs", docs, include_in_schema=False)
    app.mount(f"/{prefix}/docs/assets", _Assets(packages=[("fastapi_offline", "static")]))


def _policy(page: bytes) -> str:
    """Lets the page run its own scripts alone, and ask this origin alone."""
    digests = [b64encode(sha256(script).digest()).decode() for script in _SCRIPT.findall(page)]
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
