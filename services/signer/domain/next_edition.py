"""Renewal of a certificate that is about to expire: when, what the next edition says, and what its
person is told.
"""

from datetime import datetime, timedelta

from services.signer.domain.claims import (
    DCC,
    EXPIRES,
    HCERT,
    ISSUED,
    ISSUER,
    SCHEMA_VERSION,
    Claims,
    after_single,
)
from vietnamese.calendar_days import in_viet_nam

_SHORTEST_MONTH = timedelta(days=28)


def renewal_lead(days: int, validity_months: int) -> timedelta:
    """How long before a certificate expires it is renewed: so many days, but never sooner than
    after half of its life.
    """
    return min(timedelta(days=days), validity_months * _SHORTEST_MONTH / 2)


def renewed(
    claims: Claims,
    uvci: str,
    *,
    country: str,
    issuer: str,
    issued: int,
    expires: int,
    single: bool = False,
) -> Claims:
    """The claims of the next edition: the same person and dose, under another identifier and with
    other times.

    `issued` and `expires` in seconds since 1970. Country and issuer are those of whoever signs now.
    `single`: whether the person's primary series was of one dose.
    """
    payload = claims[HCERT][DCC]
    before = after_single(payload["v"][0]) if single else payload["v"][0]
    dose = before | {"co": country, "is": issuer, "ci": uvci}
    again = {"ver": SCHEMA_VERSION, "nam": payload["nam"], "dob": payload["dob"], "v": [dose]}
    return {ISSUER: country, EXPIRES: expires, ISSUED: issued, HCERT: {DCC: again}}


def renewal_notice(earlier_expires: datetime, now: datetime) -> tuple[str, str]:
    """What is told, in Vietnamese and English, to a person who may carry a print of the edition
    before.
    """
    day = in_viet_nam(earlier_expires)
    vi, en = f"chỉ còn giá trị đến {day:%d/%m/%Y}", f"is valid until {day.isoformat()} only"
    if earlier_expires < now:
        vi, en = f"đã hết hạn ngày {day:%d/%m/%Y}", f"expired on {day.isoformat()}"
    return (
        (
            f"Chứng nhận này đã được gia hạn. Mã QR cũ {vi}; nếu đã in hoặc lưu mã cũ, hãy in hoặc"
            " lưu lại mã này."
        ),
        (
            f"This certificate was renewed. The earlier code {en}; if you printed or saved it,"
            " print or save this one."
        ),
    )
