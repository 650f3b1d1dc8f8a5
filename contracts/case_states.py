"""Cases in words that verifier, records and pages share: states, and whom they wait for.

And why what somebody accepted at a desk did not hold.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from contracts.standing import Words

CaseState = Literal["open", "asked_for_papers", "awaiting_second", "decided", "closed"]
WaitsFor = Literal["police", "second_officer", "station"]
CaseAct = Literal[
    "opened",
    "papers_asked",
    "answered",
    "sent_to_police",
    "sent_back",
    "first_confirmed",
    "decided",
    "undone",
]
"""What was done last with a case; `opened` by the machine, the rest by people."""

WAITS_FOR: Mapping[CaseState, WaitsFor | None] = MappingProxyType(
    {
        "open": "police",
        "awaiting_second": "second_officer",
        "asked_for_papers": "station",
        "decided": None,
        "closed": None,
    }
)
"""Whom a case waits for, by its state."""


class AcceptanceRefusal(StrEnum):
    """Why what somebody accepted at a desk did not hold."""

    NOT_SUGGESTED = "NOT_SUGGESTED"
    REGISTRY_CHANGED = "REGISTRY_CHANGED"
    CARD_NOT_REGISTERED = "CARD_NOT_REGISTERED"
    GUARDIAN_NOT_PROVED = "GUARDIAN_NOT_PROVED"
    NOT_ALLOWED = "NOT_ALLOWED"
    DECISIONS_DIFFER = "DECISIONS_DIFFER"
    OVERTAKEN = "OVERTAKEN"


REFUSED_ACCEPTANCES: Mapping[str, Words] = MappingProxyType(
    {
        AcceptanceRefusal.NOT_SUGGESTED: Words(
            "Người được nhận không còn trong gợi ý; hãy xem lại gợi ý mới hoặc chuyển công an.",
            "Who was accepted is suggested no more; look at what is suggested now, or send it to"
            " the police.",
        ),
        AcceptanceRefusal.REGISTRY_CHANGED: Words(
            "Dữ liệu dân cư của người được nhận vừa thay đổi; hãy đối chiếu lại rồi nhận lại.",
            "The registry changed for who was accepted; compare again, then accept again.",
        ),
        AcceptanceRefusal.CARD_NOT_REGISTERED: Words(
            "Thẻ không khớp với dữ liệu dân cư hiện nay; hãy quét lại thẻ hoặc chuyển công an.",
            "The card is not as the registry has the person now; scan it again, or send it to the"
            " police.",
        ),
        AcceptanceRefusal.GUARDIAN_NOT_PROVED: Words(
            "Thẻ người giám hộ chưa đủ để xác định trẻ; hãy gửi kèm giấy khai sinh cho công an.",
            "The guardian's card does not single out the child; send the birth certificate to the"
            " police.",
        ),
        AcceptanceRefusal.NOT_ALLOWED: Words(
            "Gợi ý này cần thẻ hoặc cần công an xác nhận; hãy quét thẻ hoặc chuyển công an.",
            "This one takes a card, or the police; scan the card, or send it to the police.",
        ),
        AcceptanceRefusal.DECISIONS_DIFFER: Words(
            "Một người khác đã xác nhận mũi tiêm này là của người khác; hãy để công an quyết định.",
            "Somebody else confirmed another person for this dose; leave it to the police.",
        ),
        AcceptanceRefusal.OVERTAKEN: Words(
            "Mũi tiêm đã được sửa hoặc quyết định trước; không phải làm gì thêm.",
            "The dose was corrected or decided before; there is nothing more to do.",
        ),
    }
)
"""What is told of a refused acceptance, and what to do."""

CASE_TITLES: Mapping[CaseAct, Words] = MappingProxyType(
    {
        "opened": Words("Đang trong danh sách của công an", "On the list of the police"),
        "papers_asked": Words("Công an cần xem giấy tờ", "The police ask for papers"),
        "answered": Words("Trạm đã trả lời, chờ công an", "Answered; waits for the police"),
        "sent_to_police": Words("Đã chuyển công an", "Sent to the police"),
        "sent_back": Words("Công an trả lại, cần trạm xem", "Sent back; waits for the station"),
        "first_confirmed": Words(
            "Chờ công an xác nhận lần hai", "Waits for a second officer of the police"
        ),
        "decided": Words("Đã quyết định, đang xác thực lại", "Decided; being verified again"),
        "undone": Words(
            "Quyết định đã thu hồi, chờ công an", "A decision was taken back; waits for the police"
        ),
    }
)
"""Where a case is, to those who clean, by what was done with it last."""


def refused_acceptance(code: str) -> Words:
    """What is told of a refused acceptance, and what to do; newer codes are told as the first."""
    return REFUSED_ACCEPTANCES.get(code, REFUSED_ACCEPTANCES[AcceptanceRefusal.NOT_SUGGESTED])
