"""What an entry of a bundle is told that gave no row, in both languages."""

from services.records.domain.row_error import RowError

NOT_A_RESOURCE = RowError(
    "",
    "NOT_A_RESOURCE",
    "Mục này không có tài nguyên FHIR (resource).",
    "The entry holds no FHIR resource (`resource`).",
)
METHOD_UNSUPPORTED = RowError(
    "",
    "METHOD_UNSUPPORTED",
    "Bundle chỉ thêm hoặc sửa (POST, PUT); để rút một mũi tiêm hãy dùng DELETE"
    " /records/v1/doses/{id}.",
    "A bundle only adds or changes (POST, PUT); to withdraw a dose use DELETE"
    " /records/v1/doses/{id}.",
)
STATUS_UNKNOWN = RowError(
    "",
    "STATUS_UNKNOWN",
    "Immunization phải có status completed thì mới được ghi nhận.",
    "Only an Immunization whose status is completed is recorded.",
)
NOT_DONE = RowError(
    "",
    "NOT_DONE",
    "Immunization có status not-done: mũi tiêm không được thực hiện nên không ghi nhận.",
    "The Immunization's status is not-done: it was not given, and is not recorded.",
)
ENTERED_IN_ERROR = RowError(
    "",
    "ENTERED_IN_ERROR",
    "Immunization có status entered-in-error nên không ghi nhận; mũi đã ghi nhận thì rút bằng"
    " DELETE /records/v1/doses/{id}.",
    "The Immunization's status is entered-in-error: it is not recorded; withdraw what is on record"
    " by DELETE /records/v1/doses/{id}.",
)
SUBPOTENT = RowError(
    "",
    "SUBPOTENT",
    "Immunization có isSubpotent: mũi tiêm không đủ hiệu lực nên không ghi nhận.",
    "The Immunization says isSubpotent: the dose did not have its full effect, and is not"
    " recorded.",
)
MODIFIER_UNKNOWN = RowError(
    "",
    "MODIFIER_UNKNOWN",
    "Immunization hoặc Patient có modifierExtension hay implicitRules, có thể đổi nghĩa của dữ"
    " liệu; hãy bỏ đi rồi gửi lại.",
    "The Immunization or its Patient has a modifierExtension or implicitRules, which may turn its"
    " meaning; send it without.",
)
PATIENT_MISSING = RowError(
    "",
    "PATIENT_MISSING",
    "Immunization không nêu người được tiêm (patient).",
    "The Immunization names no patient.",
)
PATIENT_NOT_IN_BUNDLE = RowError(
    "",
    "PATIENT_NOT_IN_BUNDLE",
    "Trong Bundle không có Patient mà Immunization này nêu; hãy gửi kèm, và kiểm tra fullUrl"
    " hoặc id.",
    "The Patient that the Immunization refers to is not in the bundle; send it along, and check"
    " fullUrl or id.",
)
PATIENT_AMBIGUOUS = RowError(
    "",
    "PATIENT_AMBIGUOUS",
    "Trong Bundle có nhiều Patient khác nhau mang cùng fullUrl, id hoặc số định danh mà"
    " Immunization này nêu; hãy nêu bằng fullUrl.",
    "Several Patients of the bundle, not the same, bear the fullUrl, id or identifier that the"
    " Immunization refers to; refer to the one by its fullUrl.",
)
SEARCH_UNSUPPORTED = RowError(
    "",
    "SEARCH_UNSUPPORTED",
    "Tham chiếu có điều kiện phải có dạng Patient?identifier=system|value, chỉ một số định danh và"
    " không thêm điều kiện khác.",
    "A conditional reference must be Patient?identifier=system|value, of one identifier and with no"
    " other condition.",
)
ID_DIFFERS = RowError(
    "source_id",
    "ID_DIFFERS",
    "id của Immunization khác với id trong request.url (PUT); hãy sửa cho giống nhau.",
    "The Immunization's id is not the one in its request.url (PUT); make them the same.",
)
NOT_A_DAY = RowError(
    "date_given",
    "DATE_GIVEN_UNREADABLE",
    "occurrenceDateTime chỉ có năm hoặc tháng; hãy ghi đủ ngày tiêm (yyyy-mm-dd).",
    "The occurrenceDateTime is only a year or a month; give the whole day of the dose"
    " (yyyy-mm-dd).",
)
BUNDLE_IN_BUNDLE = RowError(
    "",
    "BUNDLE_IN_BUNDLE",
    "Mục này là một Bundle nằm trong Bundle nên không được đọc; hãy gửi riêng Bundle đó.",
    "The entry is a bundle within the bundle, which is not read; send that bundle by itself.",
)
SEX_NOT_COMPARED = RowError(
    "sex",
    "SEX_NOT_COMPARED",
    "Patient.gender là other: mũi tiêm vẫn được ghi nhận, giới tính coi như chưa khai khi đối"
    " chiếu.",
    "Patient.gender is other: the dose is recorded, and the sex counts as not given when it is"
    " verified.",
)


def wrong_shape(field: str, element: str) -> RowError:
    """An element has another type than FHIR gives it; `element` is its name."""
    return RowError(
        field,
        "WRONG_SHAPE",
        f"Phần tử FHIR “{element}” sai kiểu dữ liệu; hãy viết như FHIR R4 quy định.",
        f"The FHIR element “{element}” has the wrong type; write it as FHIR R4 defines it.",
    )
