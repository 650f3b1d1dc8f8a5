"""Turns the answer to a look-up by guardian into text: the number, or what to do instead."""

from types import MappingProxyType

from services.verifier.api import models
from services.verifier.api.verification_serializers import attributes
from services.verifier.domain.guardian_rules import Refusal
from services.verifier.guardian_lookups import GuardianAnswer, GuardianQuestion

ADVICE = MappingProxyType(
    {
        Refusal.CHILD_FOREIGN: (
            "Người nước ngoài dùng số hộ chiếu; hãy điền số hộ chiếu của trẻ.",
            "Foreigners are known by their passport number; fill in the child's.",
        ),
        Refusal.NUMBER_HOLDS: (
            "Số đã điền là đúng; không cần tra theo người giám hộ.",
            "The number that was given is right; none is looked up.",
        ),
        Refusal.CHILD_INCOMPLETE: (
            (
                "Hãy điền họ tên, ngày sinh (đủ ngày, tháng, năm) và giới tính của trẻ như trên "
                "giấy"
                " khai sinh."
            ),
            "Fill in the child's name, whole birth date and sex as on the birth certificate.",
        ),
        Refusal.CHILD_OF_AGE: (
            (
                "Chỉ tra theo người giám hộ cho người dưới 18 tuổi; hãy xem thẻ CCCD của người được"
                " tiêm, hoặc hỏi công an xã."
            ),
            (
                "Only people under 18 are looked up by a guardian; see the person's own CCCD "
                "card, or"
                " ask the commune police."
            ),
        ),
        Refusal.GUARDIAN_CARD_DIFFERS: (
            "Thông tin đã gõ không phải của chủ thẻ; hãy quét thẻ của chính người giám hộ đang có "
            "mặt.",
            (
                "What was typed is not the card holder's; scan the card of the very guardian who is"
                " present."
            ),
        ),
        Refusal.GUARDIAN_NOT_VERIFIED: (
            (
                "Không xác minh được người giám hộ; hãy quét thẻ CCCD của họ, hoặc gõ đúng như trên"
                " thẻ. Nếu vẫn không được, mang giấy khai sinh của trẻ đến công an xã."
            ),
            (
                "The guardian is not verified; scan their CCCD card, or type what it says. "
                "If that does not help, take the child's birth certificate to the commune police."
            ),
        ),
        Refusal.GUARDIAN_NOT_OF_AGE: (
            "Người giám hộ phải từ đủ 18 tuổi; hãy mời cha, mẹ hoặc người giám hộ khác.",
            "A guardian must be 18 or older; ask for a parent or another guardian.",
        ),
        Refusal.CHILD_NOT_SINGLED_OUT: (
            (
                "Không chắc chắn được đó là trẻ nào. Hãy gõ họ tên đủ dấu, ngày sinh, giới tính "
                "đúng"
                " như giấy khai sinh, và dùng thẻ của người giám hộ đăng ký cư trú cùng xã với "
                "trẻ. Nếu"
                " vẫn không được, mang giấy khai sinh đến công an xã để hỏi số định danh."
            ),
            (
                "It is not certain which child is meant. Type name with accents, birth date and "
                "sex as"
                " on the birth certificate, and use the card of a guardian registered in the "
                "child's"
                " commune. If that does not help, take the birth certificate to the commune "
                "police and"
                " ask for the number."
            ),
        ),
        Refusal.TOO_MANY_MISSES: (
            (
                "Đã có quá nhiều lần không tìm được trẻ; hãy thử lại sau, hoặc mang giấy khai "
                "sinh đến"
                " công an xã."
            ),
            (
                "Too many children were not found; try again later, or take the birth certificate "
                "to"
                " the commune police."
            ),
        ),
    }
)
"""In Vietnamese and English.

A text that follows from the registry's data on children is the same whatever the data.
"""


def by_guardian(
    question: GuardianQuestion, answer: GuardianAnswer, *, deaths: bool
) -> models.ByGuardian:
    """One answer; `deaths`: whether they may be told."""
    vi, en = ADVICE[answer.refusal] if answer.refusal else ("", "")
    return models.ByGuardian(
        personal_id=answer.personal_id,
        refusal=answer.refusal,
        message=vi,
        message_en=en,
        guardian=attributes(question.guardian_decision.attributes, deaths=deaths),
    )
