"""Why something cannot be said in a thread, or a case not be taken in hand."""

from services.chassis.errors import ServiceError


def not_to_be_said() -> ServiceError:
    """This role, or this state of the case, allows no such message."""
    return ServiceError(
        409,
        "THREAD_NOT_NOW",
        "Hồ sơ không ở bước này; hãy tải lại rồi thử lại.",
        "The case is not at this step; load it again.",
    )


def picture_unfit() -> ServiceError:
    """The picture is larger than 2 MB, or none that is taken."""
    return ServiceError(
        422,
        "THREAD_PICTURE_UNFIT",
        "Ảnh phải là JPEG, PNG hoặc WebP, không quá 2 MB.",
        "A picture is JPEG, PNG or WebP of at most 2 MB.",
    )


def message_not_found() -> ServiceError:
    """There is no such message, or it has no picture."""
    return ServiceError(
        404, "THREAD_NO_PICTURE", "Tin này không có ảnh.", "This message has no picture."
    )


def claimed() -> ServiceError:
    """Another officer has the case in hand."""
    return ServiceError(
        409,
        "CASE_CLAIMED",
        "Cán bộ khác đang giữ hồ sơ này; hãy lấy hồ sơ khác.",
        "Another officer has this case in hand; take another.",
    )
