"""What goes wrong on a page, in both languages, with what to do."""

from typing import Any

from services.chassis.errors import ServiceError
from services.chassis.limits import LimitRefusal


class SignInNeededError(ServiceError):
    """Nobody is signed in, or not any more; `ended`: whether somebody was, `kept`: whether what
    they sent is kept until they are again.
    """

    def __init__(self, *, ended: bool = False, kept: bool = False) -> None:
        super().__init__(
            401,
            "SIGN_IN_NEEDED",
            "Phiên làm việc đã kết thúc; hãy đăng nhập lại."
            if ended
            else "Hãy đăng nhập để mở trang này.",
            "Your session has ended; please sign in again."
            if ended
            else "Please sign in to open this page.",
        )
        self.ended = ended
        self.kept = kept


class RefusedBehindError(ServiceError):
    """What a service behind the pages refused, in its own words."""


def foreign_form() -> ServiceError:
    """Another site's page sent a form."""
    return ServiceError(
        403,
        "FOREIGN_FORM",
        "Yêu cầu này đến từ một trang khác nên không được nhận. Hãy mở lại trang của hệ thống và"
        " làm lại.",
        "This request came from another site and was not taken. Open our page again and repeat it.",
    )


def stale_form() -> ServiceError:
    """A form without the token of this browser."""
    return ServiceError(
        403,
        "FORM_STALE",
        "Trang này đã mở quá lâu. Những gì bạn gõ vẫn còn: hãy gửi lại.",
        "This page was open for too long. What you typed is still here: please send it again.",
    )


def not_your_page(vi: str, en: str) -> ServiceError:
    """The role does not see this page; the texts name the one that it does."""
    return ServiceError(
        403,
        "ROLE_NOT_ALLOWED",
        f"Tài khoản của bạn không dùng trang này. {vi}",
        f"Your account does not use this page. {en}",
    )


def of_another_session() -> ServiceError:
    """An address that only its own session understands."""
    return ServiceError(
        404,
        "LINK_OF_ANOTHER_SESSION",
        "Liên kết này thuộc một phiên làm việc trước. Hãy tìm lại.",
        "This link belongs to an earlier session. Please search again.",
    )


def refused_behind(
    status: int, problem: dict[str, Any], headers: dict[str, str]
) -> RefusedBehindError:
    """A service's problem document as an error of the page."""
    return RefusedBehindError(
        status,
        str(problem.get("code", "REFUSED")),
        str(problem.get("detail_vi") or "Yêu cầu không được chấp nhận; hãy kiểm tra rồi thử lại."),
        str(problem.get("detail") or "This was not accepted; check it and try again."),
        headers=headers,
        errors=problem.get("errors") or [],
    )


def sign_in_failed() -> ServiceError:
    """The provider's answer is not the one that was waited for."""
    return ServiceError(
        400,
        "SIGN_IN_FAILED",
        "Chưa đăng nhập được. Hãy bấm Đăng nhập một lần nữa.",
        "Signing in did not work. Please press Sign in once more.",
    )


TOO_MANY_SIGN_INS = LimitRefusal(
    "TOO_MANY_SIGN_INS",
    "Có quá nhiều lần đăng nhập từ mạng này; hãy chờ một phút rồi thử lại.",
    "Too many sign-ins from this network; wait a minute and try again.",
)
