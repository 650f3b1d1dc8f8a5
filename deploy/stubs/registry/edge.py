"""The stub's HTTP edge: bodies read once and validated in one call, problem documents, and the gate
that every request passes.
"""

import asyncio
import hmac
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from deploy.stubs.own_pages import is_foreign, is_misdirected
from deploy.stubs.registry.behaviour import Conduct
from services.chassis.errors import ServiceError
from services.chassis.http import problem
from services.chassis.invalid import members

MAX_BODY = 4 << 20

Body = TypeVar("Body", bound=BaseModel)
bearer = HTTPBearer(
    scheme_name="bearer",
    auto_error=False,
    description="the token agreed with the registry, where one is",
)


async def read(request: Request, model: type[Body]) -> Body:
    """The request's body; ServiceError 413 or 422."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise ServiceError(
                413, "BODY_TOO_LARGE", "Yêu cầu quá lớn.", f"The body may have {MAX_BODY} bytes."
            )
        chunks.append(chunk)
    try:
        return model.model_validate_json(b"".join(chunks))
    except ValidationError as error:
        raise ServiceError(
            422,
            "REQUEST_INVALID",
            "Yêu cầu không đúng mẫu.",
            "The request does not have the documented form.",
            **members(error.errors(), skip=0),
        ) from error


async def own_programs_only(request: Request) -> None:
    """Lets tests and programs through, and no page of somebody else; ServiceError 403 or 415.

    A page may post any form or text to us without being asked for leave, but no JSON.
    """
    if is_foreign(request.headers) or is_misdirected(request.headers):
        raise ServiceError(
            403,
            "FOREIGN_PAGE",
            "Trang của nơi khác không được gọi phần này.",
            "A page of another site may not ask for this.",
        )
    if request.method == "POST" and request.headers.get("content-type") != "application/json":
        raise ServiceError(
            415, "TYPE_UNSUPPORTED", "Cần application/json.", "application/json is needed."
        )


class Gate:
    """Asks for the token where there is one, then lets the behaviour in force have its way."""

    def __init__(self, conduct: Conduct, token: str | None) -> None:
        self._conduct, self._token = conduct, token

    async def __call__(
        self, caller: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> None:
        given = caller.credentials if caller else ""
        if self._token is not None and not hmac.compare_digest(
            given.encode(), self._token.encode()
        ):
            raise ServiceError(
                401,
                "TOKEN_INVALID",
                "Mã truy cập không hợp lệ.",
                "Send the agreed bearer token.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        behaviour, limiter = self._conduct.now, self._conduct.limiter
        if behaviour.outage:
            raise ServiceError(
                503,
                "OUT_OF_SERVICE",
                "Hệ thống tạm ngừng.",
                "The registry is out of service.",
                headers={"Retry-After": "5"},
            )
        if limiter and (wait_s := limiter.wait_s()):
            raise ServiceError(
                429,
                "TOO_MANY_REQUESTS",
                "Quá nhiều yêu cầu.",
                "Too many requests.",
                headers={"Retry-After": str(int(wait_s) + 1)},
            )
        if behaviour.latency_ms:
            await asyncio.sleep(behaviour.latency_ms / 1000)


def install(app: FastAPI) -> None:
    """Every error leaves as a problem document, and the document's schema stands in the OpenAPI."""
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    return problem(
        request, error.status, error.code, error.en, error.vi, error.headers, **error.members
    )


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    text = "The request does not have the documented form."
    return problem(
        request,
        422,
        "REQUEST_INVALID",
        text,
        "Yêu cầu không đúng mẫu.",
        **members(error.errors()),
    )


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "REFUSED")
    return problem(
        request,
        error.status_code,
        code,
        "There is nothing here to answer this.",
        "Không có gì ở đây.",
        error.headers,
    )


async def _on_unexpected(request: Request, error: Exception) -> Response:
    return problem(request, 500, "INTERNAL", "An unexpected error.", "Lỗi hệ thống.")
