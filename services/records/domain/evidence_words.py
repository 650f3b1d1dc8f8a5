"""What speaks for and against a suggested person, in a sentence people read."""

from collections.abc import Collection, Sequence
from types import MappingProxyType

from contracts.words import Reason

SOLE_FROM = 0.99
"""From this confidence on a person who is suggested alone is the only one in the country."""

# the same in both: one list behind "same"
_SAME = MappingProxyType(
    {
        "SAME_NAME": ("họ tên", "name"),
        "SAME_BIRTH_DATE": ("ngày sinh", "birth date"),
        "SAME_SEX": ("giới tính", "sex"),
        "SAME_COMMUNE": ("xã", "commune"),
        "SAME_DISTRICT": ("huyện", "district"),
        "SAME_PROVINCE": ("tỉnh", "province"),
    }
)
_OTHER = MappingProxyType(
    {
        Reason.NAME_SPELLING: ("tên chỉ khác cách viết", "name only written differently"),
        Reason.NAME_ENCODING: ("tên gõ bằng bảng mã cũ", "name in an old encoding"),
        Reason.DIACRITICS_MISSING: ("tên gõ thiếu dấu", "name typed without accents"),
        Reason.TONE_DIFFERS: ("tên sai một dấu", "one mark of the name differs"),
        Reason.NAME_ORDER: ("họ và tên đảo thứ tự", "name in another order"),
        Reason.MIDDLE_NAME_MISSING: ("thiếu tên đệm", "a middle name is missing"),
        Reason.NAME_ABBREVIATED: ("tên viết tắt", "name abbreviated"),
        Reason.SPELLING_VARIANT: ("tên khác chính tả", "name spelt differently"),
        Reason.NAME_TYPO: ("tên gõ sai chữ", "name mistyped"),
        Reason.NAME_DIFFERS: ("tên khác", "another name"),
        Reason.NAME_MISSING: ("chưa gõ tên", "no name typed"),
        Reason.DAY_MONTH_SWAPPED: ("ngày và tháng sinh đảo chỗ", "day and month changed over"),
        Reason.YEAR_ONLY: ("chỉ trùng năm sinh", "only the year of birth is the same"),
        Reason.DATE_DIGIT: ("ngày sinh sai một chữ số", "one digit of the birth date differs"),
        Reason.DATE_DIFFERS: ("ngày sinh khác", "another birth date"),
        Reason.DATE_IMPOSSIBLE: ("ngày sinh gõ không có thật", "an impossible birth date"),
        Reason.DATE_MISSING: ("chưa gõ ngày sinh", "no birth date typed"),
        Reason.SEX_DIFFERS: ("giới tính khác", "another sex"),
        Reason.SEX_MISSING: ("chưa gõ giới tính", "no sex typed"),
        Reason.ID_DIGIT: ("số gõ sai một chữ số", "one digit of the number differs"),
        Reason.ID_TRANSPOSED: ("số gõ đảo hai chữ số", "two digits of the number are swapped"),
        Reason.ID_SCIENTIFIC: ("số bị bảng tính làm tròn", "a spreadsheet rounded the number"),
        Reason.ID_LEADING_ZERO_LOST: ("số mất số 0 ở đầu", "the number lost its first zero"),
        Reason.OLD_ID: ("số CMND cũ của người này", "the person's old number"),
        Reason.SUPERSEDED_ID: ("số cũ của người này", "the person's superseded number"),
    }
)  # fmt: skip
_SOLE = ("duy nhất trong cả nước", "the only one in the country")


def in_words(evidence: Collection[str], *, sole: bool) -> tuple[str, str]:
    """The evidence in Vietnamese and in English; codes that have no words are left out.

    `sole`: nobody else in the country may be meant.
    """
    same = [words for code, words in _SAME.items() if code in evidence]
    others = [words for code, words in _OTHER.items() if code in evidence]
    return (
        _sentence("cùng ", [vi for vi, _ in same], [vi for vi, _ in others], _SOLE[0], sole),
        _sentence("same ", [en for _, en in same], [en for _, en in others], _SOLE[1], sole),
    )


def _sentence(
    begin: str, same: Sequence[str], others: Sequence[str], alone: str, sole: bool
) -> str:
    parts = [f"{begin}{', '.join(same)}"] if same else []
    return "; ".join([*parts, *others, *([alone] if sole else [])])
