"""What verification may find, in Vietnamese and English."""

REASONS = {
    "VALID": ("Chứng nhận hợp lệ.", "The certificate is valid."),
    "NOT_HC1": (
        "Đây không phải mã của chứng nhận sức khỏe (thiếu HC1:).",
        "This is not the code of a health certificate (HC1: is missing).",
    ),
    "BASE45_BROKEN": (
        "Mã bị hỏng hoặc đọc thiếu.",
        "The code is damaged or was read incompletely.",
    ),
    "COMPRESSION_BROKEN": (
        "Mã bị cắt mất một phần hoặc bị hỏng.",
        "The code is cut short or damaged.",
    ),
    "COSE_BROKEN": (
        "Nội dung không phải là chứng nhận đã ký.",
        "The content is not a signed certificate.",
    ),
    "KEY_UNKNOWN": (
        "Khóa đã ký chứng nhận này không được tin cậy.",
        "The key that signed this certificate is not trusted.",
    ),
    "SIGNATURE_WRONG": (
        "Chữ ký không đúng: nội dung đã bị sửa hoặc giả mạo.",
        "The signature is wrong: the content was changed or forged.",
    ),
    "EXPIRED": ("Chứng nhận đã hết hạn.", "The certificate has expired."),
    "NOT_YET_VALID": ("Chứng nhận chưa có hiệu lực.", "The certificate is not valid yet."),
    "TIMES_BROKEN": (
        "Thời hạn của chứng nhận không đọc được.",
        "The certificate's times cannot be read.",
    ),
    "PAYLOAD_WRONG": (
        "Dữ liệu không theo chuẩn chung.",
        "The data do not keep to the common schema.",
    ),
    "KEY_USAGE_WRONG": (
        "Khóa này không được phép ký loại chứng nhận này.",
        "This key may not sign this kind of certificate.",
    ),
    "HEADER_NOT_UNDERSTOOD": (
        "Chứng nhận đòi hỏi một tính năng mà hệ thống này không hiểu, nên không được chấp nhận.",
        (
            "The certificate demands something that this system does not understand, so it must be"
            " refused."
        ),
    ),
    "ALGORITHM_UNPROTECTED": (
        (
            "Chữ ký không bảo vệ tên thuật toán như chuẩn yêu cầu, nên chứng nhận không được chấp"
            " nhận."
        ),
        (
            "The signature does not cover the name of its algorithm, as the standard asks, so the"
            " certificate must be refused."
        ),
    ),
    "VALUE_UNKNOWN": (
        (
            "Chứng nhận dùng một mã mà hệ thống này chưa biết (ví dụ vắc xin mới); hãy kiểm tra"
            " bằng cách khác."
        ),
        (
            "The certificate uses a code that this system does not know yet (a new vaccine, say):"
            " check it in another way."
        ),
    ),
    "TEST_POSITIVE": ("Kết quả xét nghiệm là dương tính.", "The result of the test is positive."),
    "DATED_AHEAD": (
        "Ngày tiêm, ngày xét nghiệm hoặc ngày mắc bệnh nằm trong tương lai.",
        "The day of the injection, test or illness lies in the future.",
    ),
    "RECOVERY_NOT_YET_VALID": (
        "Chứng nhận khỏi bệnh chưa đến ngày có hiệu lực.",
        "The certificate of recovery does not count yet.",
    ),
    "RECOVERY_ENDED": (
        "Chứng nhận khỏi bệnh đã hết ngày có hiệu lực.",
        "The certificate of recovery does not count any more.",
    ),
    "REVOKED": ("Chứng nhận đã bị thu hồi.", "The certificate was revoked."),
}
"""Every outcome, in Vietnamese and English."""

MISUSES = {
    "KIND": REASONS["KEY_USAGE_WRONG"],
    "COUNTRY": (
        "Chứng nhận ghi tên một nước nhưng được ký bằng khóa của nước khác.",
        "The certificate names one country and is signed with the key of another.",
    ),
    "TERM": (
        "Thời hạn của chứng nhận nằm ngoài thời hạn của khóa đã ký.",
        "The certificate's times lie outside those of the key that signed it.",
    ),
}
"""What KEY_USAGE_WRONG may mean, in Vietnamese and English."""

IN_V1 = {
    "HEADER_NOT_UNDERSTOOD": "COSE_BROKEN",
    "ALGORITHM_UNPROTECTED": "COSE_BROKEN",
    "VALUE_UNKNOWN": "PAYLOAD_WRONG",
    "TEST_POSITIVE": "PAYLOAD_WRONG",
    "DATED_AHEAD": "NOT_YET_VALID",
    "RECOVERY_NOT_YET_VALID": "NOT_YET_VALID",
    "RECOVERY_ENDED": "EXPIRED",
}
"""Outcomes that v1 did not tell apart when it was frozen, and the `code` that it gives instead.

Its list of codes may not grow.
"""
