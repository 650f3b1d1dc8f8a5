"""The words of cases, in Vietnamese and English."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from contracts.standing import PAPERS_ASKED

Both = tuple[str, str]

FIELDS: Mapping[str, Both] = MappingProxyType(
    {
        "personal_id": ("Số định danh", "ID number"),
        "full_name": ("Họ và tên", "Name"),
        "date_of_birth": ("Ngày sinh", "Born"),
        "sex": ("Giới tính", "Sex"),
        "passport_number": ("Hộ chiếu", "Passport"),
        "status": ("Tình trạng", "Status"),
    }
)
SEXES: Mapping[str, Both] = MappingProxyType({"male": ("Nam", "Male"), "female": ("Nữ", "Female")})
_EVIDENCE: Mapping[str, Both] = MappingProxyType(
    {
        "SAME_NAME": ("cùng họ tên", "same name"),
        "SAME_BIRTH_DATE": ("cùng ngày sinh", "same birth date"),
        "SAME_SEX": ("cùng giới tính", "same sex"),
        "SAME_COMMUNE": ("cùng xã", "same commune"),
        "SAME_DISTRICT": ("cùng huyện", "same district"),
        "SAME_PROVINCE": ("cùng tỉnh", "same province"),
        "ID_DIGIT": ("số sai một chữ số", "one digit wrong"),
        "ID_TRANSPOSED": ("số đảo hai chữ số", "two digits swapped"),
        "ID_LENGTH": ("số thừa hoặc thiếu một chữ số", "a digit too many or missing"),
        "ID_SCIENTIFIC": ("số bị Excel làm tròn", "rounded by a spreadsheet"),
        "OLD_ID": ("số CMND cũ", "old card number"),
        "PERSON_DECEASED": ("đã mất theo dữ liệu dân cư", "registered as deceased"),
    }
)
MESSAGES: Mapping[str, Both] = MappingProxyType(
    {
        "papers_asked": (PAPERS_ASKED.title.vi, PAPERS_ASKED.title.en),
        "answered": ("Trạm y tế trả lời", "The station answers"),
        "note": ("Ghi chú", "Note"),
        "sent_to_police": ("Chuyển công an", "Sent to the police"),
        "sent_back": ("Công an trả lại trạm", "Sent back to the station"),
        "decided": ("Cán bộ đã quyết định", "An officer decided"),
        "undone": ("Đã hoàn tác quyết định", "The decision was taken back"),
    }
)
WAITS_FOR: Mapping[str, Both] = MappingProxyType(
    {
        "police": ("Chờ công an", "Waits for the police"),
        "second_officer": ("Chờ cán bộ thứ hai", "Waits for a second officer"),
        "station": ("Chờ trạm y tế", "Waits for the station"),
    }
)
STATES: Mapping[str, Both] = MappingProxyType(
    {
        "decided": ("Đã quyết định", "Decided"),
        "closed": ("Chưa chuyển công an", "Not with the police"),
    }
)


def evidence_words(codes: Iterable[str]) -> Both:
    """What speaks for and against a person, in one line; codes that have no words are left out."""
    known = [_EVIDENCE[code] for code in codes if code in _EVIDENCE]
    return ", ".join(vi for vi, _ in known), ", ".join(en for _, en in known)
