"""What each reason tells the person who must put a row right, in Vietnamese and English.

Each names the field that it is about, and says what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.words import Doubt, Reason


@dataclass(frozen=True, slots=True)
class Advice:
    """A field's JSON name and the words for it."""

    field: str
    vi: str
    en: str


_NAME, _BIRTH, _SEX, _ID = "full_name", "date_of_birth", "sex", "personal_id"

ADVICE = MappingProxyType(
    {
        Reason.NAME_SPELLING: Advice(
            _NAME,
            "Họ tên đúng, chỉ khác cách viết.",
            "The name is right, only written differently.",
        ),
        Reason.NAME_ENCODING: Advice(
            _NAME,
            "Họ tên gõ bằng bảng mã cũ; đã đọc được.",
            "The name was typed in a legacy encoding; it could be read.",
        ),
        Reason.DIACRITICS_MISSING: Advice(
            _NAME, "Họ tên thiếu dấu; hãy gõ đủ dấu.", "The name lacks its accents; type them."
        ),
        Reason.TONE_DIFFERS: Advice(
            _NAME,
            "Họ tên sai dấu ở một âm tiết; hãy xem lại giấy tờ.",
            "A tone or vowel mark of the name differs; see the papers.",
        ),
        Reason.NAME_ORDER: Advice(
            _NAME, "Họ và tên bị đảo thứ tự.", "The parts of the name are in another order."
        ),
        Reason.MIDDLE_NAME_MISSING: Advice(
            _NAME,
            "Thiếu tên đệm; hãy gõ đủ họ tên.",
            "A middle name is missing; type the whole name.",
        ),
        Reason.NAME_ABBREVIATED: Advice(
            _NAME, "Họ tên viết tắt; hãy gõ đủ.", "The name is abbreviated; type it in full."
        ),
        Reason.SPELLING_VARIANT: Advice(
            _NAME,
            "Họ tên khác chính tả (i/y, s/x, tr/ch, l/n, d/gi).",
            "The name is spelt differently (i/y, s/x, tr/ch, l/n, d/gi).",
        ),
        Reason.NAME_TYPO: Advice(
            _NAME,
            "Họ tên sai một chữ; hãy xem lại giấy tờ.",
            "One letter of the name differs; see the papers.",
        ),
        Reason.NAME_DIFFERS: Advice(
            _NAME,
            "Họ tên không khớp với số định danh; hãy hỏi lại người được tiêm.",
            "The name is not that of this ID number; ask the person.",
        ),
        Reason.NAME_MISSING: Advice(_NAME, "Thiếu họ tên.", "The name is missing."),
        Reason.DAY_MONTH_SWAPPED: Advice(
            _BIRTH, "Ngày và tháng sinh bị đảo.", "Day and month of the birth date are swapped."
        ),
        Reason.YEAR_ONLY: Advice(
            _BIRTH,
            "Chỉ có năm sinh; hãy gõ đủ nếu giấy tờ có.",
            "Only the birth year is known; type the date if the papers have it.",
        ),
        Reason.DATE_DIGIT: Advice(
            _BIRTH,
            "Ngày sinh sai một chữ số; hãy xem lại giấy tờ.",
            "One digit of the birth date differs; see the papers.",
        ),
        Reason.DATE_DIFFERS: Advice(
            _BIRTH,
            "Ngày sinh không khớp; hãy xem lại giấy tờ.",
            "The birth date differs; see the papers.",
        ),
        Reason.DATE_IMPOSSIBLE: Advice(
            _BIRTH,
            "Ngày sinh không có thật; hãy gõ ngày/tháng/năm.",
            "There is no such birth date; type day/month/year.",
        ),
        Reason.DATE_MISSING: Advice(_BIRTH, "Thiếu ngày sinh.", "The birth date is missing."),
        Reason.SEX_DIFFERS: Advice(
            _SEX, "Giới tính không khớp; hãy xem lại giấy tờ.", "The sex differs; see the papers."
        ),
        Reason.SEX_MISSING: Advice(_SEX, "Thiếu giới tính.", "The sex is missing."),
        Reason.ID_MISSING: Advice(
            _ID,
            "Thiếu số định danh/CCCD; hãy hỏi và điền.",
            "The ID number is missing; ask for it and fill it in.",
        ),
        Reason.ID_LEADING_ZERO_LOST: Advice(
            _ID,
            "Số mất số 0 ở đầu (do Excel); hãy định dạng cột là văn bản.",
            "The leading zero was lost (Excel); format the column as text.",
        ),
        Reason.ID_SCIENTIFIC: Advice(
            _ID,
            "Số ở dạng 7.9E+10 (do Excel); hãy gõ lại đủ 12 số.",
            "The number is in scientific notation (Excel); type all 12 digits.",
        ),
        Reason.ID_PUNCTUATED: Advice(
            _ID, "Số có dấu cách hoặc dấu chấm.", "The number has spaces or dots in it."
        ),
        Reason.ID_IS_PHONE_NUMBER: Advice(
            _ID,
            "Đây là số điện thoại; hãy điền số CCCD.",
            "This is a phone number; fill in the ID number.",
        ),
        Reason.ID_IS_INSURANCE_NUMBER: Advice(
            _ID,
            "Đây là số thẻ BHYT; hãy điền số CCCD.",
            "This is a health insurance number; fill in the ID number.",
        ),
        Reason.ID_IS_FILLER: Advice(
            _ID,
            "Số này là số điền tạm; hãy điền số CCCD.",
            "This is a filler; fill in the ID number.",
        ),
        Reason.ID_IS_TEXT: Advice(
            _ID, "Cột này phải là số CCCD.", "This column takes the ID number."
        ),
        Reason.ID_LENGTH: Advice(
            _ID,
            "Số CCCD có 12 chữ số, CMND có 9; hãy đếm lại.",
            "A CCCD has 12 digits, a CMND 9; count again.",
        ),
        Reason.ID_PREFIX: Advice(
            _ID,
            "Ba số đầu không phải mã tỉnh nào.",
            "The first three digits are no province's code.",
        ),
        Reason.ID_CONTRADICTS_PERSON: Advice(
            _ID,
            "Số không hợp với giới tính hoặc năm sinh.",
            "The number does not fit the sex or the birth year.",
        ),
        Reason.ID_NOT_FOUND: Advice(
            _ID,
            "Không có ai mang số này; hãy xem lại giấy tờ.",
            "Nobody is registered under this number; see the papers.",
        ),
        Reason.ID_DIGIT: Advice(
            _ID, "Số có thể sai một chữ số.", "One digit of the number may be wrong."
        ),
        Reason.ID_TRANSPOSED: Advice(
            _ID, "Số có thể bị đảo hai chữ số.", "Two digits of the number may be swapped."
        ),
        Reason.ID_AMBIGUOUS: Advice(
            _ID,
            "Nhiều người mang số này; cần công an xác nhận.",
            "Several people carry this number; the police must confirm.",
        ),
        Reason.ID_OF_ANOTHER: Advice(
            _ID,
            "Số này có thể của người khác (người thân?).",
            "This number may be somebody else's (a relative's?).",
        ),
        Reason.OLD_ID: Advice(_ID, "Đây là số CMND cũ.", "This is an old CMND number."),
        Reason.SUPERSEDED_ID: Advice(
            _ID, "Số này đã được thay bằng số mới.", "This number was replaced by a newer one."
        ),
        Reason.PERSON_DECEASED: Advice(
            _ID,
            "Người mang số này đã mất; cần xem lại.",
            "The person of this number is registered as deceased; check.",
        ),
    }
)
"""Every reason has its advice; a test holds this complete."""

DOUBTS = MappingProxyType(
    {
        Doubt.SECOND_HAND: Advice(
            "",
            "Mũi tiêm chỉ được kể lại, không do nơi tiêm ghi nhận; hãy xem giấy xác nhận tiêm, "
            "hoặc để"
            " nơi tiêm gửi.",
            "The dose was only told of, not recorded where it was given; see the vaccination slip, "
            "or let the facility that gave it send it.",
        ),
        Doubt.PATIENT_DECEASED: Advice(
            "",
            "Nơi gửi ghi người này đã mất; hãy xem lại rồi quyết định.",
            "Its sender says that this person has died; check, then decide.",
        ),
        Doubt.PATIENT_REPLACED: Advice(
            "",
            "Nơi gửi ghi hồ sơ bệnh nhân này đã được thay bằng hồ sơ khác; hãy xem lại đó là ai.",
            "Its sender says that another patient record took this one's place; check who it is.",
        ),
        Doubt.YEAR_IN_DATE_CELL: Advice(
            _BIRTH,
            "Năm sinh gõ vào ô định dạng ngày đã thành một ngày của năm 1905; hãy gõ lại ngày "
            "sinh hoặc"
            " năm sinh dạng văn bản.",
            "A year typed into a date cell became a day of 1905; type the birth date, or the year "
            "as"
            " text, again.",
        ),
        Doubt.PERSON_CHANGED: Advice(
            "",
            "Bản sửa chuyển mũi tiêm đã cấp hộ chiếu sang người khác; hai cán bộ phải cùng xác "
            "nhận.",
            "The correction gives a certified dose to another person; two officers must confirm "
            "it.",
        ),
        Doubt.OTHER_THAN_RECORDED: Advice(
            "",
            "Bản sửa ghi một người khác hẳn người được ghi lúc đầu; cần công an xác nhận đó là ai.",
            "The correction names quite another person than was recorded first; the police must "
            "confirm who it is.",
        ),
    }
)
"""What to do about a dose that waits for another reason than its person's data; a test holds this
complete.
"""

UNREADABLE_ENTRY = Advice(
    _ID,
    "Dữ liệu dân cư của người mang số này chưa dùng được; cần công an xem lại.",
    "The registry's entry of the person of this number cannot be used yet; the police must check.",
)
"""Said of a `status` that is absent in the registry."""


_BY_CODE: Mapping[str, Advice] = {
    str(code): advice for codes in (ADVICE, DOUBTS) for code, advice in codes.items()
}
_UNKNOWN = Advice(
    "",
    "Mũi tiêm cần người xem lại; hãy hỏi cơ quan quản lý để biết lý do.",
    "People must look at this dose; ask the authority for the reason.",
)


def advice_of_reason(code: str) -> Advice:
    """What a code of a reason or a doubt says to people; of one that is not known here, that
    somebody must look.
    """
    return _BY_CODE.get(code, _UNKNOWN)
