"""What an entry of a bundle is told that gave no row."""

from services.records.domain.faults import RowError

NOT_A_RESOURCE = RowError(
    "", "NOT_A_RESOURCE", "Mục này không có tài nguyên FHIR (resource).", "The entry holds no FHIR resource (`resource`)."
)
METHOD_UNSUPPORTED = RowError(
    "",
    "METHOD_UNSUPPORTED",
    "Bundle chỉ thêm hoặc sửa (POST, PUT); để rút một mũi tiêm hãy dùng DELETE /records/v1/doses/{id}.",
    "A bundle only adds or changes (POST, PUT); to withdraw a dose use DELETE /records/v1/doses/{id}.",
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
    "Immunization có status entered-in-error nên không ghi nhận; mũi đã ghi nhận thì rút bằng DELETE /records/v1/doses/{id}.",
    "The Immunization's status is entered-in-error: it is not recorded; withdraw what is on record by DELETE /records/v1/doses/{id}.",
)
SUBPOTENT = RowError(
    "",
    "SUBPOTENT",
    "Immunization có isSubpotent: mũi tiêm không đủ hiệu lực nên không ghi nhận.",
    "The Immunization says isSubpotent: the dose did not have its full effect, and is not recorded.",
)
MODIFIER_UNKNOWN = RowError(
    "",
    "MODIFIER_UNKNOWN",
    "Immunization hoặc Patient có modifierExtension hay implicitRules, có thể đổi nghĩa của dữ liệu; hãy bỏ đi rồi gửi lại.",
    "The Immunization or its Patient has a modifierExtension or implicitRules, which may turn its meaning; send it without.",
)
PATIENT_MISSING = RowError("", "PATIENT_MISSING", "Immunization không nêu người được tiêm (patient).", "The Immunization names no patient.")
PATIENT_NOT_IN_BUNDLE = RowError(
    "",
    "PATIENT_NOT_IN_BUNDLE",
    "Trong Bundle không có Patient mà Immunization này nêu; hãy gửi kèm, và kiểm tra fullUrl hoặc id.",
    "The Patient that the Immunization refers to is not in the bundle; send it along, and check fullUrl or id.",
)
PATIENT_AMBIGUOUS = RowError(
    "",
    "PATIENT_AMBIGUOUS",
    "Trong Bundle có nhiều Patient khác nhau mang cùng fullUrl hoặc id mà Immunization này nêu.",
    "Several Patients of the bundle, not the same, bear the fullUrl or id that the Immunization refers to.",
)
