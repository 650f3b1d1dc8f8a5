"""Why a supplement is not taken, or not answered."""

from services.chassis.errors import ServiceError


def not_of_your_area() -> ServiceError:
    """The person does not live where the station is responsible."""
    return ServiceError(
        403,
        "PERSON_NOT_OF_YOUR_AREA",
        "Người này không cư trú trên địa bàn của trạm; hãy hướng dẫn đến trạm y tế nơi cư trú.",
        "This person does not live in the station's area; the station of their residence records"
        " it.",
    )


def on_record_already(dose_id: int) -> ServiceError:
    """The same injection is on record, within the caller's reach."""
    return ServiceError(
        409,
        "DOSE_ON_RECORD",
        "Mũi tiêm này đã có trong hệ thống; hãy mở mũi đó thay vì ghi bổ sung.",
        "This injection is on record already; open that dose instead of supplementing it.",
        dose_id=dose_id,
    )


def supplemented_before() -> ServiceError:
    """The same was supplemented before, and stands beyond the caller's reach or was withdrawn."""
    return ServiceError(
        409,
        "SUPPLEMENTED_BEFORE",
        "Mũi tiêm này đã được ghi bổ sung trước đây; hãy báo sở y tế tỉnh nếu có vướng mắc.",
        "This injection was supplemented before; ask the provincial health department if that is"
        " wrong.",
    )


def supplement_not_found() -> ServiceError:
    """No supplement of this id is within the caller's reach."""
    return ServiceError(
        404,
        "SUPPLEMENT_NOT_FOUND",
        "Không có mũi tiêm bổ sung này trong phạm vi của bạn.",
        "No such supplement within your reach.",
    )


def slip_forgotten() -> ServiceError:
    """The picture's time is over."""
    return ServiceError(
        404,
        "SLIP_FORGOTTEN",
        "Ảnh giấy xác nhận đã hết thời hạn lưu giữ và được xóa; hãy xem giấy gốc.",
        "The picture of the slip is no longer kept; look at the paper itself.",
    )


def supplement_settled(state: str) -> ServiceError:
    """The supplement no longer waits for this answer."""
    return ServiceError(
        409,
        "SUPPLEMENT_SETTLED",
        "Mũi tiêm bổ sung này không còn chờ trả lời; hãy mở lại để xem kết quả.",
        "This supplement no longer waits for an answer; look again at what came of it.",
        state=state,
    )


def contest_time_over() -> ServiceError:
    """The days in which a facility may contest are over."""
    return ServiceError(
        409,
        "CONTEST_TIME_OVER",
        "Đã hết hạn phản đối; nếu mũi tiêm vẫn sai, hãy gửi phản ánh đến sở y tế tỉnh.",
        "The time to contest is over; if the dose is still wrong, tell the provincial health"
        " department.",
    )


def contest_instead() -> ServiceError:
    """A facility does not withdraw by itself what a station recorded."""
    return ServiceError(
        403,
        "CONTEST_INSTEAD",
        "Mũi tiêm do trạm y tế ghi bổ sung; cơ sở hãy phản đối ở mục mũi tiêm bổ sung thay vì rút.",
        "A station recorded this dose; contest it among the supplements instead of withdrawing it.",
    )
