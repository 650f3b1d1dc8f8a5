"""Why a request about one dose is refused, in both languages."""

from collections.abc import Sequence

from services.chassis.errors import ServiceError
from services.records.domain.row_error import RowError


def dose_withdrawn() -> ServiceError:
    """A withdrawn dose cannot be corrected."""
    return ServiceError(
        409,
        "DOSE_WITHDRAWN",
        "Mũi tiêm này đã bị rút; nếu mũi tiêm có thật, hãy gửi mũi mới với một mã bản ghi mới.",
        "This dose was withdrawn and stays so; if it was given after all, send a new one with a"
        " new record code.",
    )


def correction_invalid(errors: Sequence[RowError]) -> ServiceError:
    """A correction breaks rules."""
    return ServiceError(
        422,
        "CORRECTION_INVALID",
        "Bản sửa chưa đúng; xem từng lỗi.",
        "The correction breaks rules; see the errors.",
        errors=[error.as_json() | {"message_vi": error.message_vi} for error in errors],
    )


def version_changed(version: int) -> ServiceError:
    """Somebody else corrected the dose since it was read."""
    return ServiceError(
        409,
        "VERSION_CHANGED",
        "Bản ghi vừa được người khác sửa; hãy mở lại.",
        "Somebody else corrected this dose meanwhile; look again.",
        version=version,
    )


def dose_not_found() -> ServiceError:
    """A dose does not exist, or the caller may not see it: both sound the same."""
    return ServiceError(
        404,
        "DOSE_NOT_FOUND",
        "Không có mũi tiêm này trong phạm vi của bạn.",
        "No such dose within your reach.",
    )
