"""The HTTP edge: the application factory, problem documents (RFC 9457), health and readiness,
request ids, traces, metrics.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from services.chassis import invalid, preferred_language
from services.chassis.auth import Authenticator, Public
from services.chassis.docs import add_docs
from services.chassis.edge import Edge
from services.chassis.errors import ServiceError, TransientError
from services.chassis.gate import UnreadBodyError
from services.chassis.openapi import SERVERS, finish_document, operation_id, tags_of
from services.chassis.origins import allow_origins
from services.chassis.parameters import known_parameters
from services.chassis.representations import Representations
from services.chassis.telemetry import Metrics
from services.chassis.transient import is_transient

log = structlog.get_logger()

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
    message: str = Field(
        "",
        description="that of the two details whose language `Accept-Language` prefers",
    )
    instance: str | None = Field(None, description="the request's id")
    errors: list[dict[str, Any]] | None = None
    errors_left_out: int | None = Field(
        None, description="how many errors there were beyond those that are listed"
    )


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
    tags: Mapping[str, str] = MappingProxyType({}),
    hsts: str = "",
    cors_origins: Sequence[str] = (),
    schemas: Mapping[str, dict[str, Any]] = MappingProxyType({}),
    examples: Mapping[str, Any] = MappingProxyType({}),
) -> FastAPI:
    """One service's application: its routers below `/{prefix}/v1`, and `/{prefix}/healthz`,
    `/readyz`, `/metrics` beside them.

    `tags`: what the routes of each are for. `hsts`: what answers say of
    `Strict-Transport-Security`; nothing where it is empty. `cors_origins`: whose pages may ask.
    `schemas`, `examples`: what the document says besides; see `finish_document`.
    """
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        openapi_url=f"/{prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        servers=SERVERS,
        openapi_tags=tags_of(tags),
        generate_unique_id_function=operation_id,
        # a redirect would name the host that the caller made up
        redirect_slashes=False,
    )
    app.state.context, app.state.authenticator = context, authenticator
    # set when the process is to end, for answers that would go on
    app.state.stopping = asyncio.Event()
    strict = [Depends(known_parameters)]
    for router in routers:
        app.include_router(router, prefix=f"/{prefix}/v1", dependencies=strict)
    app.include_router(operations(metrics, ready), prefix=f"/{prefix}", dependencies=strict)
    add_docs(app, prefix)
    finish_document(app, Problem, problems, schemas=schemas, examples=examples)
    for kind in (ServiceError, TransientError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer_error)
    app.add_middleware(Representations)
    if cors_origins:
        allow_origins(app, cors_origins)
    app.add_middleware(Edge, metrics=metrics, answer_error=answer_error, hsts=hsts)
    return app


def operations(metrics: Metrics, ready: Mapping[str, Check]) -> APIRouter:
    """The routes by which a process is watched: `/healthz`, `/readyz` and `/metrics`."""
    router = APIRouter(
        tags=["operations"],
        dependencies=[
            Depends(Public("probes and scrapers carry no token; nothing personal is told"))
        ],
    )

    @router.get("/healthz", summary="The process lives")
    async def check_health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get(
        "/readyz", summary="The process and what it stands on answer", responses=problems(503)
    )
    async def check_readiness() -> dict[str, str]:
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
    async def read_metrics() -> Response:
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
    """One problem document as a response; it lists 20 errors at most."""
    errors = members.get("errors") or ()
    if len(errors) > invalid.MOST_LISTED:
        left_out = members.get("errors_left_out", 0) + len(errors) - invalid.MOST_LISTED
        members |= {"errors": errors[: invalid.MOST_LISTED], "errors_left_out": left_out}
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": en,
        "detail_vi": vi,
        "message": en if preferred_language.preferred(request) == "en" else vi,
        "instance": request.scope.get("request_id"),
        **members,
    }
    spoken = {"Content-Language": preferred_language.order(request), "Vary": "Accept-Language"}
    return JSONResponse(
        body, status, headers={**spoken, **(headers or {})}, media_type="application/problem+json"
    )


async def answer_error(request: Request, error: Exception) -> Response:
    """What anything that went wrong is answered: one problem document.

    Errors that pass by themselves (a database that is away) become 503. Unknown ones become a bare
    500, with the request's id in the log.
    """
    if isinstance(error, UnreadBodyError):
        assert isinstance(error.__cause__, Exception)
        return await answer_error(request, error.__cause__)
    if isinstance(error, ServiceError):
        return problem(
            request, error.status, error.code, error.en, error.vi, error.headers, **error.members
        )
    if isinstance(error, RequestValidationError):
        return _invalid(request, error)
    if isinstance(error, HTTPException):
        return _framework_error(request, error)
    if is_transient(error):
        log.warning("transient", error=type(error).__name__)
        return problem(
            request,
            503,
            "TRY_AGAIN",
            "Something this service stands on is not answering; try again.",
            "Hệ thống đang bận, hãy thử lại.",
            {"Retry-After": "5"},
        )
    log.error("unexpected", error=type(error).__name__, exc_info=error)
    return problem(
        request,
        500,
        "INTERNAL",
        "An unexpected error; quote the instance id.",
        "Lỗi hệ thống; hãy báo mã yêu cầu.",
    )


def _invalid(request: Request, error: RequestValidationError) -> Response:
    return problem(
        request,
        422,
        "REQUEST_INVALID",
        "The request does not have the documented form.",
        "Yêu cầu không đúng mẫu.",
        **invalid.members(error.errors()),
    )


def _framework_error(request: Request, error: HTTPException) -> Response:
    if error.status_code == 400:
        # the framework's word for a body that is no JSON at all; to a caller it is the same mistake
        return _invalid(request, RequestValidationError([invalid.NO_JSON]))
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
