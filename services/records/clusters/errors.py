"""Why a cluster cannot be previewed, corrected or put back."""

from services.chassis.errors import ServiceError


def rule_not_of_reason(rule: str | None) -> ServiceError:
    """The reason has another rule, or none."""
    return ServiceError(
        422,
        "RULE_NOT_OF_REASON",
        "Quy tắc này không dùng cho lỗi này.",
        "This rule is not for this reason.",
        rule=rule,
    )


def cluster_not_found() -> ServiceError:
    """No dose of the cluster waits within the caller's reach."""
    return ServiceError(
        404,
        "CLUSTER_NOT_FOUND",
        "Không còn mũi tiêm nào chờ trong cụm này.",
        "No dose of this cluster waits.",
    )


def preview_stale() -> ServiceError:
    """The doses are no longer what was previewed."""
    return ServiceError(
        409,
        "PREVIEW_STALE",
        "Dữ liệu đã thay đổi sau khi xem trước; hãy xem lại.",
        "The doses changed; preview again.",
    )


def run_not_found() -> ServiceError:
    """No run of this id is within the caller's reach."""
    return ServiceError(
        404,
        "RUN_NOT_FOUND",
        "Không có lần chạy này trong phạm vi của bạn.",
        "No such run within your reach.",
    )


def cursor_invalid() -> ServiceError:
    """The cursor is none that the list of clusters gave."""
    return ServiceError(
        422,
        "CURSOR_INVALID",
        "Con trỏ trang không hợp lệ.",
        "The cursor is not one that this list gave.",
    )
