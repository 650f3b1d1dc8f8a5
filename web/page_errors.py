"""What went wrong, as a page: in the reader's language, saying what to do, with what was typed."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.chassis.errors import ServiceError
from services.chassis.gate import UnreadBodyError
from services.chassis.http import answer_error as answer_program
from services.chassis.transient import is_transient
from web.csrf import FIELD, SAFE, says_own_origin
from web.errors import SignInNeededError
from web.rendering import is_part, page
from web.return_paths import own_path

_log = structlog.get_logger()
_SEND_AGAIN: Final = frozenset({403, 429, 502, 503, 504})
"""After these a form may be sent once more as it is."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a page of an error says."""

    status: int
    title_vi: str
    title_en: str
    vi: str
    en: str
    retry_after: str | None = None
    errors: tuple[dict[str, Any], ...] = ()


_TITLES: Final = {
    401: ("Hãy đăng nhập lại", "Please sign in again"),
    403: ("Không mở được trang này", "This page is not open to you"),
    404: ("Không có trang này", "There is no such page"),
    405: ("Không có trang này", "There is no such page"),
    409: ("Đã có thay đổi", "Something has changed"),
    413: ("Tệp hoặc nội dung quá lớn", "Too large"),
    429: ("Hãy chờ một chút", "Please wait a moment"),
    500: ("Hệ thống gặp lỗi", "Something went wrong here"),
    503: ("Hệ thống đang bận", "The system is busy"),
}
_OTHER: Final = ("Chưa làm được", "This did not work")
_LOST: Final = (
    "Địa chỉ này không có trang nào. Hãy quay lại trang đầu.",
    "There is no page at this address. Go back to the front page.",
)
_BUSY: Final = (
    "Một phần của hệ thống chưa trả lời. Không có gì bị mất: hãy thử lại sau ít giây.",
    "A part of the system does not answer. Nothing is lost: try again in a few seconds.",
)
_BROKEN: Final = (
    "Đây là lỗi của hệ thống, không phải của bạn. Hãy thử lại; nếu vẫn lỗi, hãy báo mã bên dưới.",
    "This is our fault, not yours. Try again; if it stays, tell us the code below.",
)
_INVALID: Final = (
    "Có ô chưa đúng. Hãy quay lại, sửa rồi gửi lại.",
    "Some field is not right. Go back, correct it and send it again.",
)


async def answer_error(request: Request, error: Exception) -> Response:
    """A page for anything that went wrong; whoever must sign in is sent there.

    Probes and scrapers are answered as services do.
    """
    if isinstance(error, UnreadBodyError):
        assert isinstance(error.__cause__, Exception)
        return await answer_error(request, error.__cause__)
    if request.url.path.startswith("/web/"):
        return await answer_program(request, error)
    if isinstance(error, SignInNeededError):
        return _to_sign_in(request, error)
    told = _told(error)
    resend = _typed(request) if told.status in _SEND_AGAIN else None
    return page(
        request,
        "error_part.html" if is_part(request) else "error.html",
        status=told.status,
        headers={"Retry-After": told.retry_after} if told.retry_after else None,
        error=told,
        request_id=request.scope.get("request_id"),
        resend=resend,
    )


def _told(error: Exception) -> _Told:
    if isinstance(error, ServiceError):
        errors = tuple(error.members.get("errors") or ())
        again = error.headers.get("Retry-After")
        return _words(error.status, error.vi, error.en, again, errors)
    if isinstance(error, RequestValidationError):
        return _words(422, *_INVALID)
    if isinstance(error, HTTPException) and error.status_code in (404, 405):
        return _words(error.status_code, *_LOST)
    if isinstance(error, HTTPException):
        return _words(error.status_code, *_INVALID)
    if isinstance(error, httpx.TransportError) or is_transient(error):
        _log.warning("transient", error=type(error).__name__)
        return _words(503, *_BUSY, "5")
    _log.error("unexpected", error=type(error).__name__, exc_info=error)
    return _words(500, *_BROKEN)


def _words(
    status: int,
    vi: str,
    en: str,
    retry_after: str | None = None,
    errors: tuple[dict[str, Any], ...] = (),
) -> _Told:
    title_vi, title_en = _TITLES.get(status, _OTHER)
    return _Told(status, title_vi, title_en, vi, en, retry_after, errors)


def _to_sign_in(request: Request, error: SignInNeededError) -> Response:
    """To the provider, and back to the page where one was; a form's own page where it was sent
    from.
    """
    if request.method in SAFE and not is_part(request):
        query = f"?{request.url.query}" if request.url.query else ""
        back = f"{request.url.path}{query}"
    else:
        shown = request.headers.get("hx-current-url") or request.headers.get("referer") or "/"
        back = urlsplit(shown)._replace(scheme="", netloc="", fragment="").geturl()
    asked = {"next": own_path(back), **({"ended": "1"} if error.ended else {})}
    target = f"/sign-in?{urlencode(asked)}"
    if is_part(request):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _typed(request: Request) -> dict[str, Any] | None:
    """What was typed into a form of ours, to be sent again from the page of the error."""
    form = getattr(request, "_form", None)
    if request.method in SAFE or not isinstance(form, FormData) or not says_own_origin(request):
        return None
    fields = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name != FIELD
    ]
    has_files = any(not isinstance(value, str) for value in form.values())
    return {"path": request.url.path, "fields": fields, "has_files": has_files}
