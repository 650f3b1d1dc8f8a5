"""Which suggestions are certain enough to be confirmed by the page, and the words for them.

The verifier tells the kind with a suggestion; lists, desks and the police show it by these words.
"""

from enum import StrEnum
from types import MappingProxyType


class CertainKind(StrEnum):
    """Why the suggested person is certain. More kinds may come, so events carry plain text."""

    MISSING_NUMBER_SOLE = "MISSING_NUMBER_SOLE"
    NO_PERSONAL_NUMBER_SOLE = "NO_PERSONAL_NUMBER_SOLE"
    MISTYPED_NUMBER_SOLE = "MISTYPED_NUMBER_SOLE"
    UNKNOWN_CARD_SOLE = "UNKNOWN_CARD_SOLE"
    ANOTHERS_NUMBER_SOLE = "ANOTHERS_NUMBER_SOLE"
    UNREADABLE_BIRTH_HOLDER = "UNREADABLE_BIRTH_HOLDER"


KIND_WORDS = MappingProxyType(
    {
        CertainKind.MISSING_NUMBER_SOLE: (
            "Thiếu số định danh; cả nước chỉ một người khớp",
            "No number; one person in the country fits",
        ),
        CertainKind.NO_PERSONAL_NUMBER_SOLE: (
            "Ghi số điện thoại hoặc số bảo hiểm; cả nước chỉ một người khớp",
            "A telephone or insurance number; one person in the country fits",
        ),
        CertainKind.MISTYPED_NUMBER_SOLE: (
            "Số định danh gõ sai một chỗ; cả nước chỉ một người khớp",
            "One slip in the number; one person in the country fits",
        ),
        CertainKind.UNKNOWN_CARD_SOLE: (
            "Số CMND cũ chưa có trong dữ liệu dân cư; cả nước chỉ một người khớp",
            "An old card that the registry does not know; one person in the country fits",
        ),
        CertainKind.ANOTHERS_NUMBER_SOLE: (
            "Số là của người khác hẳn; cả nước chỉ một người khớp",
            "The number is quite another person's; one person in the country fits",
        ),
        CertainKind.UNREADABLE_BIRTH_HOLDER: (
            "Ngày sinh không có thật; số, họ tên, giới tính và xã đều khớp",
            "No real birth date; number, name, sex and commune all fit",
        ),
    }
)
"""Of each kind the Vietnamese and the English words."""
