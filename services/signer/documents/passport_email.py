"""The letter that carries a passport: its text in both languages, the page to print, and each
certificate's QR code as a picture.
"""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import NamedTuple

from services.chassis.mail import begin_letter
from services.signer.documents import pdf_page, qr_code
from services.signer.documents.view import ShownCertificate, passport_of
from vietnamese.calendar_days import in_viet_nam

_SUBJECT = "Hộ chiếu vắc xin của ông/bà · Your vaccine passport"
_INTRODUCTION = """Kính gửi ông/bà,

Đây là hộ chiếu vắc xin theo yêu cầu tra cứu tại {origin}.
Tệp PDF đính kèm là hộ chiếu để in ra giấy; mỗi ảnh là mã QR của một mũi tiêm. \
Mã có giá trị đến {until_vi}.

Mở trên điện thoại (đường dẫn dùng một lần, trong {hours} giờ):
{link}

Dear Sir or Madam,

This is the vaccine passport that was asked for at {origin}.
The attached PDF is the passport to print; each picture is the QR code of one dose. \
The code is valid until {until_en}.

Open it on your phone (a link for one use, within {hours} hours):
{link}
"""
_CLOSING = """Nếu ông/bà không yêu cầu, hãy bỏ qua thư này. Không trả lời thư này.
If you did not ask for it, ignore this letter. Do not reply to it.
"""


class LetterLink(NamedTuple):
    """The address that opens the passport once, and for how many hours."""

    address: str
    hours: int


def letter(
    certificates: Sequence[ShownCertificate],
    link: LetterLink,
    email: str,
    sender: str,
    origin: str,
    now: datetime,
) -> EmailMessage:
    """The letter with somebody's certificates, at least one; page and pictures cost about 10 ms
    each.
    """
    until = in_viet_nam(certificates[-1].stored.intent.expires_at)
    message = begin_letter(sender, email, _SUBJECT, now)
    lines = [
        f"{line.label_vi} · {line.label_en}: "
        + " · ".join(dict.fromkeys((line.value_vi, line.value_en)))
        for line in passport_of(certificates)
    ]
    introduction = _INTRODUCTION.format(
        origin=origin,
        until_vi=f"{until:%d/%m/%Y}",
        until_en=until.isoformat(),
        link=link.address,
        hours=link.hours,
    )
    # of several that were renewed, each with its own day
    renewals = dict.fromkeys(text for shown in certificates for text in shown.renewal(now) or ())
    message.set_content(
        "\n".join((introduction, *lines, "", *(f"{text}\n" for text in renewals), _CLOSING))
    )
    page = pdf_page.passport(certificates, origin, now)
    message.add_attachment(
        page, maintype="application", subtype="pdf", filename="ho-chieu-vac-xin.pdf"
    )
    for number, certificate in enumerate(certificates, 1):
        message.add_attachment(
            qr_code.png(certificate.qr),
            maintype="image",
            subtype="png",
            filename=f"qr-{number}.png",
        )
    return message
