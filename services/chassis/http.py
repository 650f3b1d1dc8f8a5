"""The HTTP edge: the application factory, problem documents (RFC 9457), health and readiness,
request ids, traces, metrics.
"""

import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import invalid, trace
from services.chassis.auth import Authenticator, Public
from services.chassis.docs import add_docs
from services.chassis.errors import ServiceError, TransientError
from services.chassis.parameters import known_parameters
from services.chassis.telemetry import Metrics
from services.chassis.transient import is_transient

log = structlog.get_logger()

MAX_BODY = 16 << 20
"""Bytes of a body, where a route does not say otherwise: a telephone's picture fits, and nothing
that would fill the memory.
"""

Check = Callable[[], Awaitable[None]]


class Problem(BaseModel):
    """A problem document (RFC 9457): `detail` in English, `detail_vi` in Vietnamese, `code` for
    programs.
    """

    type: str = Field("about:blank", description="always about:blank: `code` names the problem")
    title: str
    status: int
    code: str
    detail: str
    detail_vi: str
    instance: str | None = Field(None, description="the request's id")
    errors: list[dict[str, Any]] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of the problem documents that a route may answer."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def create_app(
    title: str,
    description: str,
    prefix: str,
    routers: Sequence[APIRouter],
    *,
    context: Any,
    authenticator: Authenticator,
    metrics: Metrics,
    ready: Mapping[str, Check],
) -> FastAPI:
    """One service's application: its routers below `/{prefix}/v1`, and `/{prefix}/healthz`,
    `/readyz`, `/metrics` beside them.
    """
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        openapi_url=f"/{prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        max_body_size=MAX_BODY,
    )
    app.state.context, app.state.authenticator = context, authenticator
    strict = [Depends(known_parameters)]
    for router in routers:
        app.include_router(router, prefix=f"/{prefix}/v1", dependencies=strict)
    app.include_router(_operations(metrics, ready), prefix=f"/{prefix}", dependencies=strict)
    add_docs(app, prefix)
    _publish_problem_schema(app)
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(TransientError, _on_transient)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_middleware(_Edge, metrics=metrics)
    return app


def _publish_problem_schema(app: FastAPI) -> None:
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        document["components"] = document.get("components", {})
        document["components"].setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unused, None)
        # whatever a route takes, it refuses parameters that it does not know
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"]["422"] = problems(422)[422]
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(metrics: Metrics, ready: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(
        tags=["operations"],
        dependencies=[
            Depends(Public("probes and scrapers carry no token; nothing personal is told"))
        ],
    )

    @router.get("/healthz", summary="The process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get(
        "/readyz", summary="The process and what it stands on answer", responses=problems(503)
    )
    async def readyz() -> dict[str, str]:
        for name, check in ready.items():
            try:
                await check()
            except Exception as error:
                log.warning("not_ready", part=name, error=type(error).__name__)
                raise ServiceError(
                    503, "NOT_READY", f"Chưa sẵn sàng: {name}.", f"Not ready: {name}."
                ) from error
        return {"status": "ready"}

    @router.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    async def prometheus() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def problem(
    request: Request,
    status: int,
    code: str,
    en: str,
    vi: str,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    """One problem document as a response."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": en,
        "detail_vi": vi,
        "instance": request.scope.get("request_id"),
        **members,
    }
    return JSONResponse(
        body, status, headers=dict(headers or {}), media_type="application/problem+json"
    )


async def _on_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    return problem(
        request, error.status, error.code, error.en, error.vi, error.headers, **error.members
    )


async def _on_transient(request: Request, error: Exception) -> Response:
    log.warning("transient", error=type(error).__name__)
    return problem(
        request,
        503,
        "TRY_AGAIN",
        "Something this service stands on is not answering; try again.",
        "Hệ thống đang bận, hãy thử lại.",
        {"Retry-After": "5"},
    )


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = invalid.told(error.errors())
    return problem(
        request,
        422,
        "REQUEST_INVALID",
        "The request does not have the documented form.",
        "Yêu cầu không đúng mẫu.",
        errors=errors,
    )


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        # the framework's word for a body that is no JSON at all; to a caller it is the same mistake
        return await _on_invalid(request, RequestValidationError([invalid.NO_JSON]))
    if error.status_code == 413:
        return problem(
            request,
            413,
            "BODY_TOO_LARGE",
            "The body is too large for this request.",
            "Yêu cầu quá lớn.",
        )
    phrase = HTTPStatus(error.status_code).phrase
    vi = {404: "Không tìm thấy.", 405: "Phương thức không được hỗ trợ."}.get(
        error.status_code, "Yêu cầu không được chấp nhận."
    )
    return problem(
        request,
        error.status_code,
        phrase.upper().replace(" ", "_"),
        f"{phrase}.",
        vi,
        error.headers,
    )


class _Edge:
    """Outermost layer: gives each request an id and a trace, and times it by route.

    Errors that pass by themselves (a database that is away) become 503. Unknown ones become a bare
    500, with the request's id in the log.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        # one header, or none: several contradict each other
        sent = [
            value.decode("latin-1")
            for name, value in scope["headers"]
            if name == trace.HEADER.encode()
        ]
        with trace.continued({trace.HEADER: sent[0]} if len(sent) == 1 else {}):
            await self._answer(scope, receive, send)
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = uuid.uuid4().hex
        scope["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            if is_transient(error):
                response = await _on_transient(Request(scope), error)
            else:
                log.error("unexpected", error=type(error).__name__, exc_info=error)
                response = problem(
                    Request(scope),
                    500,
                    "INTERNAL",
                    "An unexpected error; quote the instance id.",
                    "Lỗi hệ thống; hãy báo mã yêu cầu.",
                )
            if status == 0:
                await response(scope, receive, send_with_id)
        finally:
            route = scope.get("route")
            self._metrics.requests.labels(
                scope["method"], getattr(route, "path", "unmatched"), status
            ).observe(time.perf_counter() - started)
            structlog.contextvars.clear_contextvars()
