"""What callers of the verifier's routes are told when something is wrong, in both languages."""

from collections.abc import Sequence

from services.chassis.errors import ServiceError
from services.chassis.limits import LimitRefusal

TOO_MANY_NUMBERS = LimitRefusal(
    "TOO_MANY_NUMBERS",
    "Đã thử quá nhiều số khác nhau cho cùng một người, một họ tên hoặc một ngày sinh; hãy xem lại"
    " thẻ, bỏ người này ra rồi gửi lại.",
    "Too many different numbers were tried with one person, name or birth date; look at the card"
    " again, and send the others without them.",
)
TOO_MANY_MISSES = LimitRefusal(
    "TOO_MANY_MISSES",
    "Hôm nay đã kiểm tra quá nhiều số định danh không đúng; hãy thử lại sau.",
    "Too many people were checked today whose number was not right; try again later.",
)
TOO_MANY_GUARDIAN_LOOKUPS = LimitRefusal(
    "TOO_MANY_GUARDIAN_LOOKUPS",
    "Cơ sở đã tra số của trẻ theo người giám hộ quá nhiều lần; hãy thử lại sau, hoặc hỏi công"
    " an xã.",
    "Too many look-ups of children by their guardians; try again later, or ask the commune police.",
)


def case_not_found() -> ServiceError:
    """There is no such case, or not within the caller's areas."""
    return ServiceError(
        404,
        "CASE_NOT_FOUND",
        "Không có hồ sơ này trong phạm vi của bạn.",
        "No such case within your reach.",
    )


def case_changed() -> ServiceError:
    """Another version of the dose has come since the officer looked."""
    return ServiceError(
        409,
        "CASE_CHANGED",
        "Hồ sơ vừa thay đổi; hãy mở lại.",
        "The case has changed meanwhile; look again.",
    )


def case_not_waiting() -> ServiceError:
    """The case was decided, or closed, meanwhile."""
    return ServiceError(
        409,
        "CASE_NOT_WAITING",
        "Hồ sơ này không còn chờ quyết định.",
        "Nobody has to decide this case any more.",
    )


def person_missing() -> ServiceError:
    """A confirmation names nobody."""
    return ServiceError(
        422,
        "PERSON_MISSING",
        "Hãy cho biết số định danh được xác nhận.",
        "Say whose personal_id you confirm.",
    )


def version_missing() -> ServiceError:
    """A confirmation without a number names no version."""
    return ServiceError(
        422,
        "VERSION_MISSING",
        "Xác nhận không có số định danh phải kèm phiên bản (version) đã xem.",
        "A confirmation without a number must say which `version` you looked at.",
    )


def person_not_found() -> ServiceError:
    """Nobody, or more than one person, has the number."""
    return ServiceError(
        422,
        "PERSON_NOT_FOUND",
        "Không có ai, hoặc có nhiều người, mang số này.",
        "Nobody, or several people, have this number.",
    )


def person_deceased() -> ServiceError:
    """The person of a confirmation has died."""
    return ServiceError(
        409,
        "PERSON_DECEASED",
        "Người mang số này đã mất.",
        "The person of this number is registered as deceased.",
    )


def reason_of_police() -> ServiceError:
    """The filter would tell who has died."""
    return ServiceError(
        403,
        "REASON_OF_POLICE",
        "Lý do này chỉ công an được lọc.",
        "Only the police may list cases by this reason.",
    )


def person_not_used() -> ServiceError:
    """A rejection of a repair names somebody whose data were not used."""
    return ServiceError(
        409,
        "PERSON_NOT_USED",
        "Dữ liệu đã dùng không phải của người này.",
        "It is not this person whose data went on.",
    )


def reason_missing() -> ServiceError:
    """The confirmation takes a reason of each officer."""
    return ServiceError(
        422,
        "REASON_MISSING",
        "Người này không phải ứng viên, hoặc cả họ tên lẫn ngày sinh đều khác; mỗi cán bộ hãy "
        "ghi lý do (reason).",
        "This person is no candidate, or name and birth date both differ; each of the two "
        "officers must give a `reason`.",
    )


def second_officer_needed() -> ServiceError:
    """The same officer confirms twice where two must."""
    return ServiceError(
        409,
        "SECOND_OFFICER_NEEDED",
        "Xác nhận này cần hai cán bộ khác nhau; người thứ hai hãy xác nhận.",
        "This confirmation takes two different officers; let the second one confirm.",
    )


def decisions_differ() -> ServiceError:
    """The second officer names somebody else than the first."""
    return ServiceError(
        409,
        "DECISIONS_DIFFER",
        "Cán bộ trước đã chọn người khác; hãy thống nhất rồi quyết định lại.",
        "The first officer named another person; agree, undo the decision and decide again.",
    )


def nothing_decided() -> ServiceError:
    """There is no decision to take back."""
    return ServiceError(
        409,
        "NOTHING_DECIDED",
        "Hồ sơ này chưa có quyết định nào.",
        "Nothing was decided on this case.",
    )


def filter_missing() -> ServiceError:
    """A list is asked for without a batch or a dose."""
    return ServiceError(
        422,
        "FILTER_MISSING",
        "Hãy cho biết batch_id hoặc dose_id.",
        "Give batch_id or dose_id.",
    )


def card_invalid(places: Sequence[str]) -> ServiceError:
    """Some lines are not those of a card. `places`: where they stand in the request."""
    vi, en = (
        "Dòng quét từ thẻ không đúng mẫu; hãy quét lại.",
        "The line is not that of a card; scan it again.",
    )
    wrong = [
        {"field": place, "code": "CARD_INVALID", "message": en, "message_vi": vi}
        for place in places
    ]
    return ServiceError(422, "CARD_INVALID", vi, en, errors=wrong)
