"""Short words for causes and fields, as a list has them; the sentence of advice stands beside."""

from types import MappingProxyType
from typing import Final

from contracts.acceptance import Proof
from contracts.words import Reason

CAUSES: Final = MappingProxyType(
    {
        Reason.NAME_ENCODING: ("Tên gõ bảng mã cũ", "Name in an old encoding"),
        Reason.DIACRITICS_MISSING: ("Tên thiếu dấu", "Name without accents"),
        Reason.TONE_DIFFERS: ("Tên sai một dấu", "One mark of the name"),
        Reason.NAME_ORDER: ("Họ tên đảo thứ tự", "Name in another order"),
        Reason.MIDDLE_NAME_MISSING: ("Thiếu tên đệm", "Middle name missing"),
        Reason.NAME_ABBREVIATED: ("Tên viết tắt", "Name abbreviated"),
        Reason.SPELLING_VARIANT: ("Tên khác chính tả", "Name spelt differently"),
        Reason.NAME_TYPO: ("Tên gõ sai", "Name mistyped"),
        Reason.NAME_DIFFERS: ("Tên khác", "Another name"),
        Reason.NAME_MISSING: ("Thiếu họ tên", "Name missing"),
        Reason.DAY_MONTH_SWAPPED: ("Đảo ngày và tháng", "Day and month changed over"),
        Reason.YEAR_ONLY: ("Chỉ có năm sinh", "Year of birth alone"),
        Reason.DATE_DIGIT: ("Ngày sinh sai một số", "One digit of the birth date"),
        Reason.DATE_DIFFERS: ("Ngày sinh khác", "Another birth date"),
        Reason.DATE_IMPOSSIBLE: ("Ngày sinh không có thật", "Impossible birth date"),
        Reason.DATE_MISSING: ("Thiếu ngày sinh", "Birth date missing"),
        Reason.SEX_DIFFERS: ("Giới tính khác", "Another sex"),
        Reason.SEX_MISSING: ("Thiếu giới tính", "Sex missing"),
        Reason.ID_MISSING: ("Thiếu số CCCD", "Number missing"),
        Reason.ID_LEADING_ZERO_LOST: ("Mất số 0 ở đầu", "First zero lost"),
        Reason.ID_SCIENTIFIC: ("Số bị làm tròn", "Number rounded"),
        Reason.ID_PUNCTUATED: ("Số có dấu chấm, cách", "Number with points or blanks"),
        Reason.ID_IS_PHONE_NUMBER: ("Ghi số điện thoại", "A telephone number"),
        Reason.ID_IS_INSURANCE_NUMBER: ("Ghi số bảo hiểm", "An insurance number"),
        Reason.ID_IS_FILLER: ("Ghi cho đủ ô", "Only fills the field"),
        Reason.ID_IS_TEXT: ("Ghi chữ thay số", "Words in place of a number"),
        Reason.ID_LENGTH: ("Số thiếu hoặc thừa", "Too few or many digits"),
        Reason.ID_PREFIX: ("Đầu số không có", "No such first digits"),
        Reason.ID_CONTRADICTS_PERSON: ("Số không hợp người này", "Number contradicts the person"),
        Reason.ID_NOT_FOUND: ("Không ai mang số này", "Nobody has this number"),
        Reason.ID_DIGIT: ("Số sai một chữ số", "One digit of the number"),
        Reason.ID_TRANSPOSED: ("Số đảo hai chữ số", "Two digits swapped"),
        Reason.ID_AMBIGUOUS: ("Số của nhiều người", "Number of several people"),
        Reason.ID_OF_ANOTHER: ("Số của người khác", "Somebody else's number"),
        Reason.OLD_ID: ("Số CMND cũ", "Old number"),
        Reason.SUPERSEDED_ID: ("Số đã đổi", "Superseded number"),
    }
)  # fmt: skip
"""By code, in both languages. A code without words here is shown by its advice."""

FIELDS: Final = MappingProxyType(
    {
        "full_name": ("Họ và tên", "Full name"),
        "date_of_birth": ("Ngày sinh", "Date of birth"),
        "sex": ("Giới tính", "Sex"),
        "personal_id": ("Số CCCD", "Personal number"),
        "passport_number": ("Số hộ chiếu", "Passport number"),
        "phone": ("Số điện thoại", "Telephone"),
        "commune_code": ("Mã xã", "Commune code"),
        "district_code": ("Mã huyện", "District code"),
        "province_code": ("Mã tỉnh", "Province code"),
        "product": ("Tên vắc xin", "Vaccine"),
        "lot": ("Số lô", "Lot"),
        "dose_number": ("Mũi tiêm thứ", "Dose number"),
        "date_given": ("Ngày tiêm", "Day of vaccination"),
        "nationality": ("Quốc tịch", "Nationality"),
        "facility_code": ("Mã cơ sở tiêm", "Facility"),
        "source_id": ("Mã bản ghi", "Record code"),
        "dose_kind": ("Loại liều", "Kind of dose"),
        "version": ("Phiên bản bản ghi", "Version"),
        "dose_id": ("Mã hệ thống", "System code"),
        "accept_suggestion": ("Nhận gợi ý", "Accept the suggestion"),
    }
)
EDITED: Final = (
    "full_name",
    "date_of_birth",
    "sex",
    "personal_id",
    "phone",
    "commune_code",
    "product",
    "lot",
    "dose_number",
    "date_given",
)
"""Fields of the form that corrects a dose, in its order."""
OF_PERSON: Final = frozenset(
    {"full_name", "date_of_birth", "sex", "personal_id", "phone", "commune_code"}
)
SEXES: Final = MappingProxyType({"male": ("Nam", "Male"), "female": ("Nữ", "Female")})
PROOFS: Final = MappingProxyType(
    {
        Proof.CARD: ("Thẻ của người được tiêm", "The person's own card"),
        Proof.GUARDIAN: ("Thẻ của người giám hộ", "A guardian's card"),
        Proof.SIGHT: ("Đối chiếu bằng mắt", "By sight"),
    }
)
CORRECTED_HERE: Final = "corrected at the desk"
"""The reason that a correction of this page is kept with."""
