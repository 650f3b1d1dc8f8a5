"""Every error that the signer answers with, in both languages."""

from contracts.standing import NOTHING_RECORDED
from services.chassis.errors import ServiceError
from services.chassis.limits import LimitRefusal

TOO_MANY_LOOKUPS = LimitRefusal(
    "TOO_MANY_LOOKUPS",
    "Có quá nhiều lần tra cứu; hãy thử lại sau, hoặc mang giấy tờ đến trạm y tế để nhận mã tra "
    "cứu.",
    "Too many look-ups; try again later, or take your papers to the station for a look-up code.",
)
TOO_MANY_PICTURES = LimitRefusal(
    "TOO_MANY_PICTURES",
    "Bạn đã gửi quá nhiều ảnh; hãy thử lại sau, hoặc gửi nội dung mã QR thay cho ảnh.",
    "Too many pictures; try again later, or send the code's text instead.",
)
_KINDS_VI = "Hãy gửi JSON, ảnh PNG, JPEG, WebP hay GIF, hoặc PDF."
_KINDS_EN = "Send JSON, a picture as PNG, JPEG, WebP or GIF, or a PDF."


def too_many_lookups_wait() -> ServiceError:
    """The queue of look-ups is full."""
    return ServiceError(
        503,
        "TRY_AGAIN",
        "Hệ thống đang bận, hãy thử lại sau.",
        "Too many requests are waiting; try again later.",
        headers={"Retry-After": "60"},
    )


def too_many_pictures_wait() -> ServiceError:
    """All places for pictures, or their bytes, are taken."""
    return ServiceError(
        503,
        "TRY_AGAIN",
        "Đang có nhiều ảnh chờ đọc; hãy thử lại sau, hoặc gửi nội dung mã QR thay cho ảnh.",
        "Many pictures are waiting; try again later, or send the code's text instead.",
        headers={"Retry-After": "5"},
    )


def certificate_not_found() -> ServiceError:
    """There is no such certificate, or the caller may not see it."""
    return ServiceError(
        404,
        "CERTIFICATE_NOT_FOUND",
        "Không tìm thấy chứng nhận này.",
        "There is no such certificate for you.",
    )


def certificate_revoked() -> ServiceError:
    """A revoked certificate has no code any more."""
    return ServiceError(
        410,
        "CERTIFICATE_REVOKED",
        "Chứng nhận đã bị thu hồi, không còn mã QR.",
        "The certificate was revoked; it has no code now.",
    )


def certificate_key_withdrawn() -> ServiceError:
    """The certificate's key was taken out of use, so that nobody may rely on it."""
    return ServiceError(
        410,
        "CERTIFICATE_KEY_WITHDRAWN",
        "Khóa đã ký chứng nhận này không còn được sử dụng; chứng nhận không còn giá trị và phải"
        " được cấp lại.",
        "The key that signed this certificate is no longer used; it is not valid any more and"
        " must be issued anew.",
    )


def link_not_open() -> ServiceError:
    """The link is unknown, was opened before, or its time is over: all sound the same."""
    return ServiceError(
        404,
        "LINK_NOT_OPEN",
        "Đường dẫn này đã được mở hoặc đã hết hạn; hãy tra cứu lại để nhận thư mới.",
        "This link was opened before or has expired; look up again to get a new letter.",
    )


def token_without_person() -> ServiceError:
    """The citizen's token names nobody."""
    return ServiceError(
        403,
        "TOKEN_WITHOUT_PERSON",
        "Phiên đăng nhập không có số định danh cá nhân.",
        "The token carries no personal ID.",
    )


def no_verified_dose(min_age: int) -> ServiceError:
    """The person has no certificate; `min_age`: from which age one is due."""
    return ServiceError(
        404,
        "NO_VERIFIED_DOSE",
        f"{NOTHING_RECORDED.vi} Hộ chiếu vắc xin được cấp cho người từ {min_age} tuổi.",
        f"{NOTHING_RECORDED.en} A passport is due from the age of {min_age}.",
    )


def certificates_to_be_reissued() -> ServiceError:
    """The key of all of the person's certificates was taken out of use."""
    return ServiceError(
        404,
        "CERTIFICATES_TO_BE_REISSUED",
        "Khóa đã ký các chứng nhận của bạn không còn được sử dụng; các chứng nhận phải được cấp"
        " lại. Hãy thử lại sau.",
        "The key that signed your certificates is no longer used; they must be issued anew. Try"
        " again later.",
    )


def too_few_doses(min_doses: int, doses: int) -> ServiceError:
    """The person has fewer doses than a passport asks for."""
    return ServiceError(
        404,
        "TOO_FEW_DOSES",
        f"Hộ chiếu vắc xin được cấp khi có ít nhất {min_doses} mũi tiêm đã xác minh; bạn có"
        f" {doses}.",
        f"A passport is due from {min_doses} verified doses; you have {doses}.",
    )


def no_code_sent() -> ServiceError:
    """The JSON is not the request of `/verify`."""
    return ServiceError(422, "REQUEST_INVALID", 'Hãy gửi {"qr": "HC1:…"}.', 'Send {"qr": "HC1:…"}.')


def body_too_large(most: int) -> ServiceError:
    """The body has more than `most` bytes."""
    return ServiceError(
        413,
        "BODY_TOO_LARGE",
        f"Nội dung quá {most:,} byte.",
        f"The body has more than {most:,} bytes.",
    )


def picture_too_slow() -> ServiceError:
    """The picture did not arrive in time."""
    return ServiceError(
        408,
        "PICTURE_TOO_SLOW",
        "Ảnh gửi lên quá chậm; hãy gửi ảnh nhỏ hơn.",
        "The picture came too slowly; send a smaller one.",
    )


def picture_unreadable() -> ServiceError:
    """The picture is broken, or costs too much to read."""
    return ServiceError(
        422,
        "PICTURE_UNREADABLE",
        "Không đọc được ảnh này, hoặc ảnh quá lớn.",
        "The picture cannot be read, or is too large.",
    )


def no_code_in_picture() -> ServiceError:
    """The picture was read, and has no QR code in it."""
    return ServiceError(
        422,
        "NO_CODE_IN_PICTURE",
        "Không thấy mã QR trong ảnh.",
        "There is no QR code in the picture.",
    )


def media_type_unknown() -> ServiceError:
    """The body is neither JSON nor a picture."""
    return ServiceError(415, "MEDIA_TYPE_UNKNOWN", _KINDS_VI, _KINDS_EN)


def picture_kind_unknown(kind: str) -> ServiceError:
    """The picture is of a kind that is not read here."""
    return ServiceError(
        415,
        "MEDIA_TYPE_UNKNOWN",
        f"Không đọc được ảnh {kind}. {_KINDS_VI}",
        f"{kind} pictures are not read. {_KINDS_EN}",
    )
