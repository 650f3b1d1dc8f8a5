"""Why somebody of the staff looks at personal data: the codes of the optional header `X-Purpose`,
as the audit keeps them.
"""

from enum import StrEnum
from types import MappingProxyType

HEADER = "X-Purpose"


class Purpose(StrEnum):
    """What a look is for."""

    VACCINATION = "vaccination"
    CORRECTION = "correction"
    IDENTITY = "identity"
    COMPLAINT = "complaint"
    ASSISTANCE = "assistance"
    SUPERVISION = "supervision"
    STATISTICS = "statistics"
    OPERATION = "operation"


MEANINGS = MappingProxyType(
    {
        Purpose.VACCINATION: (
            "kiểm tra người được tiêm, trước hoặc khi tiêm",
            "checking people before or at their injection",
        ),
        Purpose.CORRECTION: ("sửa dữ liệu mũi tiêm", "putting dose data right"),
        Purpose.IDENTITY: ("xác minh danh tính", "establishing who a person is"),
        Purpose.COMPLAINT: ("giải quyết phản ánh", "working on a complaint"),
        Purpose.ASSISTANCE: (
            "giúp người dân theo yêu cầu của chính họ",
            "helping a person who asks for it",
        ),
        Purpose.SUPERVISION: ("giám sát, đôn đốc", "supervising and steering"),
        Purpose.STATISTICS: ("thống kê, báo cáo", "statistics and reports"),
        Purpose.OPERATION: (
            "vận hành, khắc phục sự cố hệ thống",
            "running the system and mending its faults",
        ),
    }
)
"""In Vietnamese and English."""

DESCRIBED = (
    "why the caller looks at personal data, for the audit; without it, what the act is usually"
    " for. " + "; ".join(f"`{code}`: {vi} ({en})" for code, (vi, en) in MEANINGS.items())
)
"""The header's description."""
