"""The e-mails about a complaint, in both languages: a confirmation, later the answer.

What the citizen wrote is in neither. Anybody can give anybody's address, and must not choose what
a ministry's e-mail says.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.standing import FIELDS
from services.records.complaints.rules import ANSWER_WITHIN
from vietnamese.dates import VIET_NAM

_TAKEN_SUBJECT = "Phản ánh số {number}: đã tiếp nhận · Complaint no. {number}: received"
_TAKEN = """Kính gửi ông/bà,

Phản ánh của ông/bà về dữ liệu tiêm chủng đã được tiếp nhận.

    Số phản ánh: {number}
    Tiếp nhận lúc: {created_vi} (giờ Việt Nam)
    Trả lời chậm nhất: {due_vi} (giờ Việt Nam), tức trong vòng {hours} giờ

Câu trả lời sẽ được gửi đến địa chỉ thư điện tử này.

Dear Sir or Madam,

Your complaint about vaccination records was received.

    Complaint number: {number}
    Received at: {created_en} (Viet Nam time)
    To be answered by: {due_en} (Viet Nam time), which is within {hours} hours

The answer will be sent to this e-mail address.
"""
_ANSWERED_SUBJECT = "Phản ánh số {number}: đã có trả lời · Complaint no. {number}: answered"
_ANSWERED = """Kính gửi ông/bà,

Phản ánh số {number}, tiếp nhận lúc {created_vi} (giờ Việt Nam), đã được trả lời như dưới đây.
Nếu chưa thỏa đáng, ông/bà có thể gửi phản ánh mới và nhắc lại số này.

Dear Sir or Madam,

Complaint no. {number}, received at {created_en} (Viet Nam time), was answered in these words.
If this does not settle the matter, send another complaint and name this number.

----------------------------------------
{answer}
----------------------------------------
"""
_CORRECTED = """
Đã sửa trong dữ liệu mũi tiêm: {fields_vi}. Hệ thống xác thực lại và cấp hộ chiếu tự động.
Corrected in the records of the dose: {fields_en}. It is checked again, and the passport follows by
itself.
"""
_STANDS = """
Mũi tiêm hiện đang ở đây:

{stands_vi}

Where the dose stands now:

{stands_en}
"""
_CLOSING = """
Nếu ông/bà không gửi phản ánh này, hãy bỏ qua thư này. Không trả lời thư này.
If you did not send this complaint, ignore this letter. Do not reply to it.
"""


def subject_and_text(
    number: int,
    created_at: datetime,
    due_at: datetime,
    answer: str | None,
    corrected: Sequence[str] = (),
    stands: tuple[str, str] | None = None,
) -> tuple[str, str]:
    """Subject and text of the e-mail about complaint `number`; a confirmation without an answer.

    `corrected`: the fields that the answer put right. `stands`: where its dose stands, in both
    languages.
    """
    subject, text = (_TAKEN_SUBJECT, _TAKEN) if answer is None else (_ANSWERED_SUBJECT, _ANSWERED)
    values = {"number": number, "hours": ANSWER_WITHIN // timedelta(hours=1), "answer": answer}
    for moment, at in (
        ("created", created_at.astimezone(VIET_NAM)),
        ("due", due_at.astimezone(VIET_NAM)),
    ):
        values |= {
            f"{moment}_vi": f"{at:%H:%M ngày %d/%m/%Y}",
            f"{moment}_en": f"{at:%Y-%m-%d %H:%M}",
        }
    if corrected and answer is not None:
        fields = [FIELDS[name] for name in corrected if name in FIELDS]
        text += _CORRECTED
        values["fields_vi"] = ", ".join(words.vi for words in fields)
        values["fields_en"] = ", ".join(words.en for words in fields)
    if stands is not None and answer is not None:
        text += _STANDS
        values["stands_vi"], values["stands_en"] = stands
    return subject.format_map(values), text.format_map(values) + _CLOSING
