"""What stands in fields of these names in the contracts' examples: made-up people, one batch of
theirs, and what came of it.

Values are checked against their schemas by the tests. A field of the same name that means something
else is named with its schema.
"""

from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from contracts.uvci import SERIAL_BYTES, mint

_UVCI: Final = mint(sha256(b"made up").digest()[:SERIAL_BYTES])
_CURSOR: Final = "WzEwMV0"
_PICTURE: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
_CARD: Final = (
    "079177004127|024123456|Trần Thị Mẫu|05081977|Nữ|Phường Mẫu, Quận Mẫu, Hồ Chí Minh|25042021"
)
_OFFICE: Final = "station-26734"

# fmt: off
_PERSON: Final[dict[str, Any]] = {
    "full_name": "Trần Thị Mẫu", "date_of_birth": "1977-08-05", "sex": "female",
    "personal_id": "079177004127", "passport_number": "", "nationality": "VN",
    "phone": "0900000123", "email": "mau@example.vn",
    "province_code": "79", "district_code": "760", "commune_code": "26734",
    "old_ids": ["024123456"], "card": _CARD, "number": "079177004127",
    "personal_ids": ["079177004127"],
    "registered_name": "Trần Thị Mẫu", "registered_birth": "1977-08-05",
    "typed_number": "79177004127",
}
_DOSE: Final[dict[str, Any]] = {
    "dose_id": 101, "dose_ids": [101, 102], "version": 1, "batch_id": 12, "row": 2,
    "source_id": "79001-0000123", "facility_code": "79001",
    "product": "comirnaty", "product_name": "Comirnaty", "lot": "FK0112",
    "dose_number": 2, "dose_kind": "primary", "date_given": "2021-11-02", "doses_in_series": 2,
    "last_dose_date": "2021-11-02", "uvci": _UVCI, "not_due": None,
    "hidden_characters": {}, "suggestions": None, "explanation": None, "withdrawal": None,
    "own_dose_id": None, "other": None, "refusal": None,
    "evidence": ["DIACRITICS_MISSING"], "confidence": 0.97, "algorithm": "2022.4",
    "evidence_text": "Khác dấu", "evidence_text_en": "Other accents",
    "place": 1, "seen": "-4611686018427387904", "residence": "7976026734",
    "supplement_id": 7, "finding_id": 5, "complaint_id": 31,
    "OwnDose.reasons": ["ID_DIGIT"], "Case.reasons": ["TONE_DIFFERS"],
    "CaseDetail.reasons": ["TONE_DIFFERS"],
}
_BATCH: Final[dict[str, Any]] = {
    "received": 300, "accepted": 297, "rejected": 3, "unchanged": 0, "warnings": 4,
    "not_read_from": None, "sheets": ["Danh sách"], "sheet": "Danh sách",
    "ignored": {"Hướng dẫn": 12}, "unused_columns": ["Ghi chú"], "header": "Họ tên",
    "states": {"pending": 0, "eligible": 0, "issued": 282, "needs_correction": 14, "in_review": 1,
               "withdrawn": 0},
    "grades": {"exact": 240, "repaired": 42, "not_found": 14, "review": 1},
    "Batch.reasons": {"ID_DIGIT": 9, "ID_MISSING": 6},
    "rows": "/records/v1/batches/12/rows", "rows_csv": "/records/v1/batches/12/rows.csv",
    "rows_xlsx": "/records/v1/batches/12/rows.xlsx",
    "media_type": "text/csv", "looked_at": 300, "would_be_rejected": 3,
    "cells": {"full_name": "Trần Thị Mẫu", "date_of_birth": "05/08/1977"},
    "settled": True, "Batch.not_due": 0, "Batch.status": "complete", "Batch.corrected": 0,
    "BatchCreated.corrected": 0,
}
_PEOPLE_AT_WORK: Final[dict[str, Any]] = {
    "by": "facility", "role": "station", "said_by": _OFFICE, "office": _OFFICE,
    "accepted_by": _OFFICE, "applied_by": "province-79", "assigned_to": _OFFICE,
    "assignee": _OFFICE, "claimed_by": "police-760-1", "decided_by": "police-760-1",
    "approved_by": "police-760-2", "first_by": "police-760-1", "officer": "police-760-2",
    "started_by": "police-760-1", "stopped_by": "police-760-2", "lifted_by": None,
    "undone_by": None,
    "replaced_by": "clinic-79001", "withdrawn_by": "clinic-79001",
}
_WORK: Final[dict[str, Any]] = {
    "case_id": 44, "id": 44, "run_id": 3, "page_id": 9, "beside": 9, "left": 120,
    "waiting_second": 15, "sample_left": 5, "confirmed": 850, "first_confirmed": 50,
    "taken_out": 2, "wrong": 3, "undone": 0, "changed": 820, "restored": 0, "asked": 1,
    "approval_reason": None, "note_code": "documents_seen", "reason": "as the card says",
    "after": "05/08/1977", "before": "08/05/1977", "typed": "08/05/1977",
    "registered": "1977-08-05", "likely": 420, "certain": 300, "doses": 820, "people": 640,
    "total": 1000, "waiting": 820, "share": 0.82, "share_elsewhere": 0.01, "score": 74.5,
    "would_change": 820, "preview_token": "3f9a1c2e77b0d4e8", "rule": "SWAP_DAY_AND_MONTH",
    "cluster_id": "79001-DAY_MONTH_SWAPPED", "assigned": 2, "not_found": [], "doses_unlocked": 3,
    "mended_today": 40, "in_review": 18, "field": "date_of_birth", "area": "79760",
    "kind": "NUMBER_MISSING", "label": "Thiếu số, chỉ một người phù hợp",
    "label_en": "No number, and one person alone fits",
}
_PROGRESS: Final[dict[str, Any]] = {
    "administered": 11_000, "given": 11_000, "reported": 11_000, "missing": 1_000,
    "recorded": 10_000, "sent": 9_000, "not_sendable": 1_000, "right": 8_200, "repaired": 2_300,
    "exempt": 60, "issued": 8_100, "pending": 0, "worked": 9_700, "withdrawn": 12,
    "supplemented": 20, "group": "79001", "name": "Phường Mẫu", "name_en": "Mau ward",
    "slowness": 0.4, "change": -120, "day": "2022-04-05", "FunnelChange.since": "2022-04-04",
    "days_known": 14, "pace": 900.0, "fast_pace": 1_100.0, "slow_pace": 700.0,
    "from_day": "2022-04-05", "earliest": "2022-04-20", "latest": "2022-05-06",
    "gone_on": "2022-04-26", "ProgressLine.waiting": {"ID_DIGIT": 900, "ID_MISSING": 600},
    "held": {}, "refused": {"TOO_YOUNG": 4},
}
_TOLD: Final[dict[str, Any]] = {
    "code": "ID_DIGIT", "message": "Một chữ số của số căn cước không đúng; hãy xem lại thẻ.",
    "message_vi": "Một chữ số của số căn cước không đúng; hãy xem lại thẻ.",
    "message_en": "One digit of the personal ID is wrong; look at the card.",
    "vi": "Đã cấp", "en": "Issued",
    "reason_vi": "Mã hợp lệ.", "reason_en": "The code is valid.",
    "text": "Tên của tôi thiếu dấu.", "words": "Phiếu không phải của cơ sở chúng tôi.",
    "answer": "Đã sửa họ và tên; hộ chiếu mới được cấp.", "corrected": [], "others": 0,
    "next": _CURSOR, "picture": _PICTURE, "notice": None, "notice_en": None,
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "about:blank", "title": "Not Found", "status": 404,
    "detail": "There is no such dose.", "detail_vi": "Không tìm thấy mũi tiêm này.",
    "instance": "0b5d8f0e2c6f4d1a9e7b3c5d1f2a4b6c", "errors": None, "errors_left_out": None,
    "Problem.code": "DOSE_NOT_FOUND", "Problem.message": "Không tìm thấy mũi tiêm này.",
}
_CERTIFICATE: Final[dict[str, Any]] = {
    "qr": "HC1:6BF…", "kid": "AAECAwQFBgc=", "issuer": "VN", "country": "VN",
    "self": f"/signer/v1/certificates/{_UVCI}", "png": f"/signer/v1/certificates/{_UVCI}.png",
    "svg": f"/signer/v1/certificates/{_UVCI}.svg", "pdf": "/signer/v1/me/passport.pdf",
    "replaces": _UVCI, "outcome": "valid", "again": "0JtJ4Zt4n3b9Qd1yT2m8xw",
    "token": "kq3vT1yXw8Zr5bN2mC7dJ4hL6pS9fG0a", "hash": "3q2+7wAAAAAAAAAAAAAAAA==",
    "label_vi": "Họ và tên", "value_vi": "Trần Thị Mẫu", "value_en": "TRAN THI MAU",
    "faults": [], "unknown": [], "certificate": "MIIB…", "roots": ["MIIB…"],
    "public_key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…", "signed": "eyJ…",
    "CodeVerdict.steps": {"prefix": True, "signature": True},
    "VerifyAnswer.steps": {"prefix": True, "signature": True},
    "Presented.name": {"fnt": "TRAN", "gnt": "THI<MAU"}, "TrustedSigners.keys": [], "valid": True,
    "entry": {}, "replaced": [],
}
_WEBHOOK: Final[dict[str, Any]] = {
    "webhook_id": 2, "url": "https://app.example.vn/hochieu", "tries": 1,
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "message_id": "1187", "disabled_at": None,
    "WebhookDelivery.outcome": "204", "next_try_at": None,
}
_TIMES: Final[dict[str, Any]] = {
    "created_at": "2022-04-05T08:30:00Z", "since": "2022-04-04T08:30:00Z",
    "due_at": "2022-04-07T08:30:00Z", "answered_at": None,
    "issued_at": "2022-04-05T08:30:05Z", "expires_at": "2023-04-05T08:30:05Z",
    "replaced_expires_at": "2022-05-05T08:30:05Z", "not_before": "2022-01-01T00:00:00Z",
    "not_after": "2024-01-01T00:00:00Z", "claimed_until": "2022-04-05T08:45:00Z",
    "contest_until": "2022-04-12T08:30:00Z", "ruled_at": None, "undone_at": None,
    "CaseOfDose.title": "Chờ công an", "CaseOfDose.title_en": "Waits for the police",
    "WorklistSummary.waiting_police": 12, "WorklistSummary.waiting_station": 6,
    "WorklistSummary.shared": 3, "WorklistSummary.supplements_waiting": 2,
    "LookupCode.expires_at": "2022-04-06T08:30:00Z",
}
_ELSEWHERE: Final[dict[str, Any]] = {
    "Links.self": "/records/v1/batches/12", "Batch.notices": [], "BatchCreated.notices": [],
    "BatchPreview.notices": [], "ColumnRead.field": "full_name", "ColumnRead.name": "Họ và tên",
    "PreviewedRow.errors": [], "Complaint.office": "79", "OwnComplaint.office": "79",
    "ListedComplaint.office": "79", "Complaint.answer": None, "OwnComplaint.answer": None,
    "Cluster.reason": "DAY_MONTH_SWAPPED",
    "Cluster.message": "Ngày và tháng bị đảo; hãy viết ngày trước tháng.",
    "Cluster.message_en": "Day and month are swapped; write the day first.",
    "Cluster.batch_id": None, "RuleName.code": "SWAP_DAY_AND_MONTH",
    "RuleName.name": "Đổi chỗ ngày và tháng", "RuleName.name_en": "Swap day and month",
    "Proposal.name": "Đổi chỗ ngày và tháng", "Proposal.name_en": "Swap day and month",
    "Dose.state": "issued", "Dose.grade": "repaired", "Dose.errors": [],
    "DoseWithHistory.state": "issued", "DoseWithHistory.grade": "repaired",
    "DoseWithHistory.errors": [], "DoseWithHistory.findings": [],
    "DoseWithHistory.history": [], "FoundDose.state": "issued", "FoundDose.grade": "repaired",
    "FoundDose.errors": [], "FoundPerson.unlike": [], "FoundPerson.confirmed": True,
    "Row.state": "issued", "Row.grade": "repaired", "Row.errors": [],
    "WorklistItem.suggestions": None, "RowMessage.field": "personal_id",
    "Finding.code": "TWO_PROVINCES_ONE_DAY", "Finding.outcome": None,
    "Finding.message": "Hai mũi cùng ngày ở hai tỉnh; hãy xem lại.",
    "Finding.message_en": "Two doses on one day in two provinces; look again.",
    "FindingDose.state": "issued", "FindingDose.within_reach": True,
    "Withdrawal.state": "withdrawn", "DoseHolder.facility_code": None, "DoseHolder.residence": None,
    "Answer.text": "Đã sửa ngày sinh theo thẻ; hộ chiếu mới được cấp trong vài phút.",
    "NewMessage.text": "Mời mang thẻ căn cước đến trạm.",
    "Message.text": "Mời mang thẻ căn cước đến trạm.",
    "AcceptedAnswer.message": "Đã nhận; mũi tiêm được đối chiếu lại.",
    "AcceptedAnswer.message_en": "Accepted; the dose is compared again.",
    "Attribute.name": "full_name", "Attribute.result": "equivalent",
    "Attribute.reason": "DIACRITICS_MISSING", "Attribute.message": "Tên viết không dấu.",
    "Attribute.message_en": "The name was written without its accents.",
    "Disputed.name": "date_of_birth", "Disputed.result": "mismatch",
    "Disputed.reason": "DAY_MONTH_SWAPPED", "Disputed.message": "Ngày và tháng bị đảo.",
    "Disputed.message_en": "Day and month are swapped.",
    "Doubted.code": "PERSON_CHANGED",
    "Doubted.message": "Mũi tiêm này sẽ thành của người khác; hãy xem giấy tờ.",
    "Doubted.message_en": "The dose would become somebody else's; look at the papers.",
    "DecisionMade.note_code": "PAPERS_SEEN", "PageVerdict.taken_out": [],
    "PageVerdict.wrong": [], "LookupCode.code": "7KQ2-M4TX-9RVB", "LookupRequest.code": None,
    "LookupTaken.message_vi": "Nếu thông tin khớp, hộ chiếu đang được gửi đến thư điện tử đã cho.",
    "LookupTaken.message_en": "If what you typed matches, the passport is on its way to you.",
    "PassportField.field": "full_name", "PassportField.label_en": "Full name",
    "Renewal.message_vi": "Mã mới thay mã cũ, mã cũ vẫn dùng được đến hạn.",
    "Renewal.message_en": "The new code stands beside the old one until that expires.",
    "TrustedSigner.usage": ["v"], "TrustedPublicKey.usage": ["v"], "VerifyAnswer.codes": None,
    "Forwarding.province_code": None, "ForecastAnswer.outlook": "shrinks",
    "Suggestions.dismissed": False,
}
_REGISTRY: Final[dict[str, Any]] = {
    "ids": ["079177004127"], "keys": ["tran thi mau", 1977], "limit": 20, "sequence": 8_801,
}
# fmt: on

EXAMPLE_VALUES: Final = MappingProxyType(
    _PERSON | _DOSE | _BATCH | _PEOPLE_AT_WORK | _WORK | _PROGRESS | _TOLD | _PROBLEM
    | _CERTIFICATE | _WEBHOOK | _TIMES | _ELSEWHERE | _REGISTRY
)  # fmt: skip
"""By a field's name, or by `Schema.field`."""
