"""Why a finding cannot be closed."""

from services.chassis.errors import ServiceError


def finding_not_found() -> ServiceError:
    """No finding of this id is within the caller's reach."""
    return ServiceError(
        404,
        "FINDING_NOT_FOUND",
        "Không có phát hiện này trong phạm vi của bạn.",
        "No such finding within your reach.",
    )


def finding_closed() -> ServiceError:
    """Somebody closed the finding before."""
    return ServiceError(
        409,
        "FINDING_CLOSED",
        "Phát hiện này đã được xử lý.",
        "This finding was settled before.",
    )


def dose_not_chosen() -> ServiceError:
    """The dose to withdraw is missing, is none of the two, or does not go with the outcome."""
    return ServiceError(
        422,
        "DOSE_NOT_CHOSEN",
        "Hãy chọn một trong hai mũi tiêm để rút; các kết quả khác không rút mũi nào.",
        "Choose one of the two doses to withdraw; with another outcome none is withdrawn.",
    )


def finding_not_yours_to_settle() -> ServiceError:
    """Who recorded a dose, or does not see both, may not say that nothing is wrong."""
    return ServiceError(
        403,
        "FINDING_NOT_YOURS_TO_SETTLE",
        "Cơ sở không tự kết luận phát hiện về mũi tiêm của mình; hãy sửa hoặc rút mũi ghi sai, hoặc"
        " để trạm y tế, tỉnh hoặc Bộ xem được cả hai mũi kết luận.",
        "A facility does not settle a finding on its own doses; correct or withdraw the wrong one,"
        " or leave it to the station, province or ministry that sees both.",
    )


def dose_not_yours() -> ServiceError:
    """The dose to withdraw is beyond the caller's reach."""
    return ServiceError(
        403,
        "DOSE_NOT_YOURS",
        "Mũi tiêm này không thuộc phạm vi của bạn; hãy chọn mũi kia hoặc chuyển cho tỉnh.",
        "This dose is not within your reach; choose the other one, or leave it to the province.",
    )
