"""What the gateway itself answers: problem documents in both languages."""

from http import HTTPStatus

from starlette.responses import JSONResponse

from services.chassis.connection import OWN_ANSWER_HEADERS


def not_here() -> JSONResponse:
    """404."""
    return problem(
        404, "NOT_FOUND", "No part of the system answers to this path.", "Không tìm thấy."
    )


def no_method() -> JSONResponse:
    """405."""
    return problem(
        405,
        "METHOD_NOT_ALLOWED",
        "This method is not known here.",
        "Phương thức không được hỗ trợ.",
    )


def misdirected() -> JSONResponse:
    """421: asked by a name that is not known to be ours."""
    return problem(
        421,
        "HOST_UNKNOWN",
        "Ask for this part by the machine's address, or by the name in PUBLIC_ORIGIN.",
        "Hãy dùng địa chỉ của máy, hoặc tên trong PUBLIC_ORIGIN.",
    )


def foreign() -> JSONResponse:
    """403: a page of another origin asks."""
    return problem(
        403,
        "FOREIGN_PAGE",
        "A page of another site may not ask for this.",
        "Trang của nơi khác không được gọi phần này.",
    )


def unexpected() -> JSONResponse:
    """500."""
    return problem(500, "INTERNAL", "An unexpected error.", "Lỗi hệ thống.")


def too_large(max_bytes: int) -> JSONResponse:
    """413."""
    return problem(
        413,
        "BODY_TOO_LARGE",
        f"The body is too large: at most {max_bytes} bytes.",
        f"Yêu cầu quá lớn: tối đa {max_bytes} byte.",
    )


def not_running() -> JSONResponse:
    """503: nobody listens there."""
    return problem(
        503,
        "TRY_AGAIN",
        "This part of the system is not running yet; try again.",
        "Hệ thống chưa sẵn sàng, hãy thử lại.",
        retry_after_s=5,
    )


def busy() -> JSONResponse:
    """503: all places are taken, or the disk is."""
    return problem(
        503,
        "BUSY",
        "Too much is going on; try again.",
        "Hệ thống đang bận, hãy thử lại.",
        retry_after_s=5,
    )


def problem(
    status: int, code: str, detail: str, detail_vi: str, *, retry_after_s: int | None = None
) -> JSONResponse:
    """One problem document as an answer."""
    return JSONResponse(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": detail,
            "detail_vi": detail_vi,
        },
        status,
        headers=dict(OWN_ANSWER_HEADERS)
        | ({} if retry_after_s is None else {"retry-after": str(retry_after_s)}),
        media_type="application/problem+json",
    )
