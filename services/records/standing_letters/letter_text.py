"""The letter that says where doses stand, in both languages.

No name, number or birth date is in it, and nothing that was typed: who opens another's mailbox
learns of doses alone.
"""

from collections.abc import Sequence
from enum import StrEnum

from contracts.products import PRODUCTS
from contracts.standing import HOLDERS, PAPERS, PAPERS_ASKED, DoseStanding, Holder
from services.records.own_doses.service import standing
from services.records.own_doses.store import NumberedDose
from vietnamese.calendar_days import in_viet_nam


class LetterReason(StrEnum):
    """Why a letter is owed."""

    LOOKUP = "lookup"
    PAPERS = "papers"


_SUBJECTS = {
    LetterReason.LOOKUP: (
        "Hộ chiếu vắc xin: mũi tiêm đang ở đâu · Vaccine passport: where your doses stand"
    ),
    LetterReason.PAPERS: ("Cần giấy tờ cho mũi tiêm của ông/bà · Papers are needed for your dose"),
}
_OPENINGS = {
    LetterReason.LOOKUP: (
        "Ông/bà đã yêu cầu hộ chiếu vắc xin tại {origin}. Thông tin đã khớp, nhưng chưa gửi được"
        " hộ chiếu. Các mũi tiêm đang ở đây:",
        "You asked for a vaccine passport at {origin}. What you typed is on record, but no"
        " passport could be sent. This is where the doses stand:",
    ),
    LetterReason.PAPERS: (
        "Về phản ánh số {complaint}: để xác minh mũi tiêm dưới đây, cơ quan công an cần xem giấy"
        " tờ.",
        "About complaint no. {complaint}: to establish whose the dose below is, the police must"
        " see papers.",
    ),
}
_ALL_ISSUED = (
    "Các mũi tiêm đã được cấp. Hãy tra cứu lại tại {origin}, viết họ tên và ngày sinh đúng như trên"
    " thẻ căn cước.",
    "The doses are issued. Look up again at {origin}, with name and birth date as on the identity"
    " card.",
)
_COMPLAIN = (
    "Nếu có điều chưa đúng, hãy khiếu nại tại {origin}; việc trả lời không quá 48 giờ.",
    "If something is wrong, complain at {origin}; the answer is due within 48 hours.",
)
_CLOSING = """Nếu ông/bà không yêu cầu, hãy bỏ qua thư này. Không trả lời thư này.
If you did not ask for it, ignore this letter. Do not reply to it.
"""


def subject_and_text(
    reason: LetterReason, doses: Sequence[NumberedDose], origin: str, complaint: int | None = None
) -> tuple[str, str]:
    """Subject and text about these doses, at least one, the newest first."""
    opening, closing = _OPENINGS[reason], _COMPLAIN
    if all(standing(dose).holder is Holder.NOBODY for dose in doses):
        closing = (f"{_ALL_ISSUED[0]}\n\n{_COMPLAIN[0]}", f"{_ALL_ISSUED[1]}\n\n{_COMPLAIN[1]}")
    in_both = [_dose_lines(dose) for dose in doses]
    paragraphs = [
        "Kính gửi ông/bà,", opening[0], *("\n".join(lines) for lines, _ in in_both), closing[0],
        "Dear Sir or Madam,", opening[1], *("\n".join(lines) for _, lines in in_both), closing[1],
    ]  # fmt: skip
    text = "\n\n".join(paragraphs).format_map({"origin": origin, "complaint": complaint})
    return _SUBJECTS[reason], f"{text}\n\n{_CLOSING}"


def dose_in_words(dose: NumberedDose) -> tuple[str, str]:
    """Where one dose stands, in Vietnamese and in English, as these letters say it."""
    vi, en = _dose_lines(dose)
    return "\n".join(vi), "\n".join(en)


def to_be_told(reason: LetterReason, doses: Sequence[NumberedDose]) -> list[NumberedDose]:
    """The doses that such a letter still has to tell of: papers only while they are asked for."""
    if reason is not LetterReason.PAPERS:
        return list(doses)
    return [dose for dose in doses if standing(dose) is PAPERS_ASKED]


def _dose_lines(dose: NumberedDose) -> tuple[list[str], list[str]]:
    stands = standing(dose)
    product = PRODUCTS.get(dose.product)
    name = product.name if product else dose.product
    holder, place_vi, place_en = HOLDERS[stands.holder], *_place(dose, stands)
    vi = [
        f"Mũi {dose.dose_number} · {name} · {dose.date_given:%d/%m/%Y}: {stands.title.vi}",
        f"    {stands.explanation.vi}",
        f"    Nơi đang giữ: {holder.vi}{place_vi}",
    ]
    en = [
        f"Dose {dose.dose_number} · {name} · {dose.date_given.isoformat()}: {stands.title.en}",
        f"    {stands.explanation.en}",
        f"    Who has it: {holder.en}{place_en}",
    ]
    if dose.since is not None:
        since = in_viet_nam(dose.since)
        vi.append(f"    Từ ngày: {since:%d/%m/%Y}")
        en.append(f"    Since: {since.isoformat()}")
    if stands.bring:
        vi.append("    Mang theo: " + "; ".join(PAPERS[paper].vi for paper in stands.bring))
        en.append("    Bring: " + "; ".join(PAPERS[paper].en for paper in stands.bring))
    vi.append(f"    Tiếp theo: {stands.next.vi}")
    en.append(f"    Next: {stands.next.en}")
    return vi, en


def _place(dose: NumberedDose, stands: DoseStanding) -> tuple[str, str]:
    """Of an office whose code is known, the code."""
    if stands.holder is Holder.FACILITY:
        return f", mã {dose.facility_code}", f", code {dose.facility_code}"
    if stands.holder in (Holder.STATION, Holder.POLICE) and dose.commune_code:
        return f", mã xã {dose.commune_code}", f", commune {dose.commune_code}"
    return "", ""
