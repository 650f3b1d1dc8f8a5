"""Why a verified dose gets no certificate: what each code of the signer says to the people who must
do something about it.

A reader of `certificates.issued.v1` may meet a code that is not here yet: `advice_on` has words for
it too.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from contracts.reasons import Advice


class RefusalCode(StrEnum):
    """The rules by which the signer refuses: those of eligibility, then those of its lint in the
    order in which they are tried.
    """

    NOT_VERIFIED = "NOT_VERIFIED"
    TOO_YOUNG = "TOO_YOUNG"
    DUPLICATE_DOSE = "DUPLICATE_DOSE"
    DUPLICATE_KEPT = "DUPLICATE_KEPT"
    SUPPLEMENT_OPEN = "SUPPLEMENT_OPEN"
    # what the claims must look like
    FIELDS = "FIELDS"
    # the dose's facts, and the issuer's
    DOSE_NOT_TEXT = "DOSE_NOT_TEXT"
    SCHEMA_WRONG = "SCHEMA_WRONG"
    DOSE_DATE_IMPOSSIBLE = "DOSE_DATE_IMPOSSIBLE"
    DOSE_BEFORE_PROGRAMME = "DOSE_BEFORE_PROGRAMME"
    DISEASE_UNKNOWN = "DISEASE_UNKNOWN"
    PRODUCT_UNKNOWN = "PRODUCT_UNKNOWN"
    MANUFACTURER_WRONG = "MANUFACTURER_WRONG"
    PROPHYLAXIS_WRONG = "PROPHYLAXIS_WRONG"
    SERIES_ILLEGAL = "SERIES_ILLEGAL"
    COUNTRY_WRONG = "COUNTRY_WRONG"
    ISSUER_MISSING = "ISSUER_MISSING"
    ISSUER_TOO_LONG = "ISSUER_TOO_LONG"
    TIMES_NOT_WHOLE = "TIMES_NOT_WHOLE"
    EXPIRES_TOO_EARLY = "EXPIRES_TOO_EARLY"
    EXPIRES_AFTER_KEY = "EXPIRES_AFTER_KEY"
    ISSUED_BEFORE_KEY = "ISSUED_BEFORE_KEY"
    DOSE_IN_FUTURE = "DOSE_IN_FUTURE"
    # the person, and the code
    NOT_TEXT = "NOT_TEXT"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    NAME_MISSING = "NAME_MISSING"
    NAME_SPELLING = "NAME_SPELLING"
    NAME_WITHOUT_LATIN = "NAME_WITHOUT_LATIN"
    BIRTH_DATE_IMPOSSIBLE = "BIRTH_DATE_IMPOSSIBLE"
    DOSE_BEFORE_BIRTH = "DOSE_BEFORE_BIRTH"
    UVCI_FORM = "UVCI_FORM"
    UVCI_CHECK = "UVCI_CHECK"


NOT_DUE = frozenset(
    {RefusalCode.TOO_YOUNG, RefusalCode.DUPLICATE_KEPT, RefusalCode.SUPPLEMENT_OPEN}
)
"""Refusals with which nothing is wrong: an explanation, no error, and nobody's work."""

_NAME, _BIRTH, _GIVEN, _NUMBER, _PRODUCT = (
    "full_name",
    "date_of_birth",
    "date_given",
    "dose_number",
    "product",
)


def _of_system(vi: str, en: str) -> Advice:
    """What no row is the cause of."""
    return Advice(
        "",
        f"{vi} Dòng này không sai; hãy báo sở y tế tỉnh để chuyển cơ quan cấp.",
        f"{en} The row is not at fault; tell the provincial health department, for the issuer.",
    )


REFUSALS: Mapping[str, Advice] = MappingProxyType(
    {
        RefusalCode.TOO_YOUNG: Advice(
            _BIRTH, "Chưa đủ tuổi được cấp hộ chiếu vắc xin; không phải sửa gì.",
            "The person is below the age from which a passport is due; nothing needs to be "
            "corrected.",
        ),
        RefusalCode.DUPLICATE_DOSE: Advice(
            _NUMBER,
            "Mũi này (cùng người, cùng ngày, cùng số thứ tự) đã được cấp chứng nhận theo một mã "
            "bản ghi khác. "
            "Hãy rút bản ghi thừa; nếu số thứ tự hoặc ngày tiêm sai thì sửa lại.",
            "This injection (same person, day and dose number) is certified under another record "
            "code already. "
            "Withdraw the superfluous record; if the number or the date is wrong, correct it.",
        ),
        RefusalCode.DUPLICATE_KEPT: Advice(
            _NUMBER,
            "Bản ghi này được giữ lại như một bản ghi trùng; chứng nhận đã cấp theo mã bản ghi "
            "kia, không phải sửa gì.",
            "This record is kept as a duplicate; the certificate stands under the other record "
            "code, and nothing needs to be corrected.",
        ),
        RefusalCode.SUPPLEMENT_OPEN: Advice(
            "facility_code",
            "Mũi tiêm được trạm y tế ghi bổ sung theo giấy; chứng nhận được cấp khi cơ sở đã tiêm "
            "xác nhận, hoặc khi hết hạn phản đối mà cơ sở không phản đối.",
            "A station recorded this dose from its slip; the certificate follows once the facility "
            "that gave it confirms, or does not contest it in time.",
        ),
        RefusalCode.PRODUCT_UNKNOWN: Advice(
            _PRODUCT,
            "Vắc xin không có trong danh mục được cấp chứng nhận; hãy xem lại tên vắc xin trên "
            "phiếu tiêm.",
            "The vaccine is not on the list for certificates; check its name against the "
            "vaccination slip.",
        ),
        RefusalCode.DOSE_DATE_IMPOSSIBLE: Advice(
            _GIVEN, "Ngày tiêm không có thật; hãy sửa theo phiếu tiêm.",
            "There is no such date of vaccination; correct it by the slip."
        ),
        RefusalCode.DOSE_BEFORE_PROGRAMME: Advice(
            _GIVEN,
            "Ngày tiêm trước khi chương trình tiêm chủng bắt đầu (08/03/2021); hãy sửa theo phiếu "
            "tiêm.",
            "The dose precedes the programme (8 March 2021); correct its date by the slip.",
        ),
        RefusalCode.DOSE_IN_FUTURE: Advice(
            _GIVEN, "Ngày tiêm ở tương lai; hãy sửa theo phiếu tiêm.",
            "The dose lies in the future; correct its date by the slip."
        ),
        RefusalCode.DOSE_BEFORE_BIRTH: Advice(
            _GIVEN, "Ngày tiêm trước ngày sinh đã xác minh; hãy xem lại ngày tiêm và số định danh.",
            "The dose was given before the verified birth date; check its date and the ID number.",
        ),
        RefusalCode.SERIES_ILLEGAL: Advice(
            _NUMBER,
            "Số thứ tự mũi không hợp với tổng số mũi của vắc xin; hãy xem lại số thứ tự, loại "
            "liều và tên vắc xin.",
            "Dose number and series contradict each other; check the dose's number, its kind and "
            "the vaccine.",
        ),
        RefusalCode.TEXT_TOO_LONG: Advice(
            _NAME, "Họ tên dài quá 80 ký tự; hãy gõ như trên giấy tờ.",
            "The name has more than 80 characters; type it as the papers have it."
        ),
        RefusalCode.NAME_MISSING: Advice(
            _NAME, "Thiếu họ tên; hãy gõ như trên giấy tờ.",
            "The name is missing; type it as the papers have it."
        ),
        RefusalCode.NAME_SPELLING: Advice(
            _NAME, "Họ tên chưa ở dạng Unicode dựng sẵn (NFC); hãy gõ lại họ tên.",
            "The name is not in Unicode's composed form (NFC); type it again.",
        ),
        RefusalCode.NAME_WITHOUT_LATIN: Advice(
            _NAME,
            "Họ tên không phiên âm được sang chữ La-tinh; hãy gõ họ tên bằng chữ La-tinh như trên "
            "hộ chiếu.",
            "The name has no form in Latin letters; type it in Latin letters as the passport has "
            "it.",
        ),
        RefusalCode.BIRTH_DATE_IMPOSSIBLE: Advice(
            _BIRTH, "Ngày sinh không có thật; hãy gõ như trên giấy tờ.",
            "There is no such birth date; type it as the papers have it."
        ),
        RefusalCode.NOT_VERIFIED: _of_system("Bên ký chưa nhận được kết quả xác minh.",
        "The signer was told of no verification."),
        RefusalCode.FIELDS: _of_system("Thiếu hoặc thừa trường dữ liệu.",
        "A field is missing, or there is one too many."),
        RefusalCode.DOSE_NOT_TEXT: _of_system("Có trường của mũi tiêm không phải là văn bản.",
        "A field of the dose is not text."),
        RefusalCode.NOT_TEXT: _of_system("Có trường của người được tiêm không phải là văn bản.",
        "A field of the person is not text."),
        RefusalCode.SCHEMA_WRONG: _of_system("Phiên bản lược đồ không đúng.",
        "The schema version is not the one in use."),
        RefusalCode.DISEASE_UNKNOWN: _of_system("Mã bệnh không đúng.",
        "The disease is not COVID-19."),
        RefusalCode.MANUFACTURER_WRONG: _of_system(
            "Nhà sản xuất không phải của vắc xin này.", "The manufacturer is another product's."
        ),
        RefusalCode.PROPHYLAXIS_WRONG: _of_system(
            "Loại vắc xin không phải của sản phẩm này.", "The kind of vaccine is another product's."
        ),
        RefusalCode.COUNTRY_WRONG: _of_system("Mã quốc gia không đúng.",
        "The country is not the issuer's."),
        RefusalCode.ISSUER_MISSING: _of_system("Thiếu cơ quan cấp.", "The issuer is missing."),
        RefusalCode.ISSUER_TOO_LONG: _of_system("Tên cơ quan cấp dài quá 80 ký tự.",
        "The issuer's name has more than 80 characters."),
        RefusalCode.TIMES_NOT_WHOLE: _of_system(
            "Thời điểm cấp hoặc hết hạn không phải số nguyên.", "A time is not a whole number."
        ),
        RefusalCode.EXPIRES_TOO_EARLY: _of_system("Chứng nhận hết hạn trước khi cấp.",
        "The certificate expires before it is issued."),
        RefusalCode.EXPIRES_AFTER_KEY: _of_system(
            "Chứng nhận hết hạn sau chứng thư ký.",
            "The certificate outlives its signing certificate."
        ),
        RefusalCode.ISSUED_BEFORE_KEY: _of_system(
            "Cấp trước khi chứng thư ký có hiệu lực.",
            "It is issued before its signing certificate begins."
        ),
        RefusalCode.UVCI_FORM: _of_system("Mã chứng nhận sai định dạng.",
        "The certificate code is ill-formed."),
        RefusalCode.UVCI_CHECK: _of_system(
            "Ký tự kiểm tra của mã chứng nhận sai.",
            "The certificate code's check character is wrong."
        ),
    }
)  # fmt: skip
"""Every code has its advice; a test holds this complete."""

OF_SYSTEM = frozenset(code for code, advice in REFUSALS.items() if not advice.field)
"""Refusals of which no row is the cause, nor the person: what was issued before stays right."""

_UNKNOWN = _of_system("Bên ký không cấp chứng nhận.", "The signer gives no certificate.")


def advice_on(code: str) -> Advice:
    """What a code says to people."""
    return REFUSALS.get(code, _UNKNOWN)


def asks_people(code: str) -> bool:
    """Whether somebody must do something about a dose refused by this code; by one that is not
    known here somebody must.
    """
    return code not in NOT_DUE
