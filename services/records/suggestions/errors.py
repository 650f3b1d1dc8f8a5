"""Why a suggestion is not accepted, in both languages: of a request, or of a row of a file."""

from services.chassis.errors import ServiceError
from services.chassis.limits import LimitRefusal
from services.records.domain.row_error import RowError

_FIELD = "accept_suggestion"

CARD_INVALID = RowError(
    _FIELD,
    "CARD_INVALID",
    "Dòng quét từ thẻ không đúng mẫu; hãy quét lại mã QR trên thẻ CCCD.",
    "The line is not that of a card; scan the card's QR code again.",
)
CELL_UNREADABLE = RowError(
    _FIELD,
    "CELL_UNREADABLE",
    "Ô “Nhận gợi ý” chỉ ghi dòng quét từ thẻ, 12 số trên thẻ, hoặc x; hãy sửa ô này.",
    "The cell holds the scanned card's line, its 12 digits, or x; correct the cell.",
)
CARD_OF_ANOTHER = RowError(
    _FIELD,
    "CARD_OF_ANOTHER",
    "Số trên thẻ không phải của người được gợi ý. Nếu đúng là thẻ của người đã tiêm, hãy sửa mũi"
    " tiêm theo thẻ.",
    "The card's number is not the suggested person's. If it is the card of who was injected,"
    " correct the dose by the card.",
)
CARD_DIFFERS = RowError(
    _FIELD,
    "CARD_DIFFERS",
    "Họ tên hoặc ngày sinh trên thẻ khác với người được gợi ý; hãy chuyển công an xác minh.",
    "Name or birth date on the card differ from the suggested person's; leave it to the police.",
)
PROOF_NOT_ENOUGH = RowError(
    _FIELD,
    "PROOF_NOT_ENOUGH",
    "Gợi ý này không nhận được chỉ bằng cách nhìn; hãy quét thẻ của người được tiêm hoặc của người"
    " giám hộ, hoặc chuyển công an.",
    "This suggestion cannot be accepted by sight; scan the person's or the guardian's card, or"
    " leave it to the police.",
)
NO_SUCH_PERSON = RowError(
    _FIELD,
    "SUGGESTION_GONE",
    "Gợi ý này không còn; hãy mở lại mũi tiêm.",
    "This suggestion is no longer there; look at the dose again.",
)
ALREADY_ACCEPTED = RowError(
    _FIELD,
    "ALREADY_ACCEPTED",
    "Gợi ý của mũi này đã được nhận và đang chờ; hãy hoàn tác trước khi nhận lại.",
    "A suggestion of this dose was accepted already; take that back first.",
)
CHANGED_TOO = RowError(
    _FIELD,
    "CHANGED_TOO",
    "Dòng này vừa sửa ô khác vừa nhận gợi ý; hãy chỉ làm một trong hai.",
    "The row changes other cells and accepts a suggestion; do one of the two.",
)
TAKEN_ONE = RowError(
    _FIELD,
    "SUGGESTION_ACCEPTED",
    "Đã nhận gợi ý; mũi tiêm được xác thực lại ngay.",
    "The suggestion was accepted; the dose is verified again at once.",
)
TAKEN_FIRST = RowError(
    _FIELD,
    "SUGGESTION_AWAITS_SECOND",
    "Đã ghi nhận; chờ công an xác nhận lần hai.",
    "It is noted; a second officer, of the police, must confirm it.",
)

TOO_MANY_CARDS = LimitRefusal(
    "TOO_MANY_CARDS",
    "Đã thử quá nhiều thẻ không khớp; hãy chuyển mũi tiêm này cho công an, hoặc thử lại sau.",
    "Too many cards that do not fit were tried; leave this dose to the police, or try later.",
)

CARDS_USED_UP = RowError(_FIELD, TOO_MANY_CARDS.code, TOO_MANY_CARDS.vi, TOO_MANY_CARDS.en)

_STATUS = {
    CARD_INVALID.code: 422,
    CARD_OF_ANOTHER.code: 422,
    CARD_DIFFERS.code: 422,
    PROOF_NOT_ENOUGH.code: 403,
}


def refused(error: RowError) -> ServiceError:
    """The refusal of a request, by the same words as a row's."""
    status = _STATUS.get(error.code, 409)
    return ServiceError(status, error.code, error.message_vi, error.message_en)


def nothing_accepted() -> ServiceError:
    """There is no acceptance, or not of the caller's."""
    return ServiceError(
        409,
        "NOTHING_ACCEPTED",
        "Bạn chưa nhận gợi ý nào của mũi tiêm này.",
        "You have accepted no suggestion of this dose.",
    )
