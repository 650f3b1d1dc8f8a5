"""The page on which a service's OpenAPI is read and tried, with its script and style from this
machine: no page waits for the internet.
"""

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles


def add_docs(app: FastAPI, prefix: str) -> None:
    """Serves the page at `/{prefix}/docs`; the application's own `docs_url` must be None."""
    page = get_swagger_ui_html(
        openapi_url=f"/{prefix}/openapi.json",
        title=app.title,
        swagger_js_url=f"/{prefix}/docs/assets/swagger-ui-bundle.js",
        swagger_css_url=f"/{prefix}/docs/assets/swagger-ui.css",
        swagger_favicon_url="data:,",
    )

    async def docs(_: Request) -> HTMLResponse:
        return page

    app.add_route(f"/{prefix}/docs", docs, include_in_schema=False)
    app.mount(f"/{prefix}/docs/assets", StaticFiles(packages=[("fastapi_offline", "static")]))
