"""Why a complaint cannot be taken in, shown, answered or forwarded."""

from services.chassis.errors import ServiceError
from services.chassis.limits import LimitRefusal

TOO_MANY_COMPLAINTS = LimitRefusal(
    "TOO_MANY_COMPLAINTS",
    "Bạn đã gửi quá nhiều phản ánh, hãy thử lại sau.",
    "Too many complaints; try again later.",
)


def picture_too_large() -> ServiceError:
    """The picture is larger than a complaint's may be."""
    return ServiceError(
        413,
        "PICTURE_TOO_LARGE",
        "Ảnh lớn hơn 2 MB; hãy gửi ảnh nhỏ hơn.",
        "The picture is larger than 2 MB.",
    )


def picture_unknown() -> ServiceError:
    """The first bytes are of no picture that is taken."""
    return ServiceError(
        422,
        "PICTURE_UNKNOWN",
        "Ảnh phải là JPEG, PNG hoặc WebP.",
        "A picture is JPEG, PNG or WebP.",
    )


def no_picture() -> ServiceError:
    """The complaint was sent without a picture."""
    return ServiceError(
        404, "NO_PICTURE", "Phản ánh này không có ảnh.", "This complaint has no picture."
    )


def facility_unknown() -> ServiceError:
    """No facility has this code."""
    return ServiceError(
        422,
        "FACILITY_UNKNOWN",
        "Không có cơ sở tiêm mang mã này.",
        "There is no facility of this code.",
    )


def province_unknown() -> ServiceError:
    """No province has this code."""
    return ServiceError(
        422,
        "PROVINCE_UNKNOWN",
        "Không có tỉnh mang mã này.",
        "There is no province of this code.",
    )


def complaint_not_found() -> ServiceError:
    """No complaint of this id is within the caller's reach."""
    return ServiceError(
        404,
        "COMPLAINT_NOT_FOUND",
        "Không có phản ánh này trong phạm vi của bạn.",
        "No such complaint within your reach.",
    )


def dose_not_own() -> ServiceError:
    """The dose is not the citizen's, or nobody signed in."""
    return ServiceError(
        422,
        "DOSE_NOT_OWN",
        "Chỉ khiếu nại về mũi tiêm của chính mình khi đã đăng nhập; nếu không, hãy ghi họ tên, ngày"
        " sinh, số giấy tờ và ngày tiêm.",
        "Name a dose of your own after signing in; otherwise send name, birth date, number and the"
        " day it was given.",
    )


def dose_not_named() -> ServiceError:
    """A correction whose dose nobody named."""
    return ServiceError(
        422,
        "DOSE_NOT_NAMED",
        "Phản ánh này không ghi mũi tiêm nào; hãy chọn mũi tiêm cần sửa.",
        "The complaint names no dose; say which one to correct.",
    )


def dose_of_another_complaint() -> ServiceError:
    """The correction is of another dose than the complaint's."""
    return ServiceError(
        409,
        "DOSE_OF_ANOTHER_COMPLAINT",
        "Phản ánh này về một mũi tiêm khác.",
        "The complaint is about another dose.",
    )


def complaint_answered() -> ServiceError:
    """An answered complaint is not forwarded any more."""
    return ServiceError(
        409,
        "COMPLAINT_ANSWERED",
        "Phản ánh này đã được trả lời.",
        "This complaint was answered before.",
    )
