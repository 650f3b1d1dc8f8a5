"""The next edition of a certificate that is about to expire, and the notice to its person."""

from datetime import datetime
from typing import NamedTuple

from contracts.refusals import RefusalCode
from contracts.uvci import Uvci, mint
from services.signer.domain.claim_labels import (
    DCC,
    EXPIRES,
    HCERT,
    ISSUED,
    ISSUER,
    SCHEMA_VERSION,
    Claims,
    Window,
)
from services.signer.domain.claims import Profile, after_single
from services.signer.domain.lint import lint
from vietnamese.calendar_days import in_viet_nam


class NextEdition(NamedTuple):
    """A drafted next edition, or the code of the rule that forbids it."""

    uvci: Uvci
    claims: Claims
    refused: RefusalCode | None


def draft_next_edition(
    claims: Claims,
    serial: bytes,
    now: datetime,
    window: Window,
    profile: Profile,
    *,
    single: bool = False,
) -> NextEdition:
    """Fixes the claims of the edition that follows `claims`, and lints them.

    `window`: when the signing key's certificate is valid. `single`: whether the person's primary
    series was of one dose.
    """
    uvci = mint(serial)
    issued, expires = profile.times(now, window)
    following = renewed(
        claims,
        uvci,
        country=profile.country,
        issuer=profile.issuer,
        issued=issued,
        expires=expires,
        single=single,
    )
    latest_birth = profile.eligibility.latest_birth(in_viet_nam(now))
    if following[HCERT][DCC]["dob"] > latest_birth:
        return NextEdition(uvci, following, RefusalCode.TOO_YOUNG)
    return NextEdition(uvci, following, lint(following, window))


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
    """The same person and dose under another identifier, with other times.

    `issued` and `expires` in seconds since 1970. Country and issuer are those of whoever signs now.
    `single`: whether the person's primary series was of one dose.
    """
    payload = claims[HCERT][DCC]
    dose = after_single(payload["v"][0]) if single else payload["v"][0]
    dose = dose | {"co": country, "is": issuer, "ci": uvci}
    following = {"ver": SCHEMA_VERSION, "nam": payload["nam"], "dob": payload["dob"], "v": [dose]}
    return {ISSUER: country, EXPIRES: expires, ISSUED: issued, HCERT: {DCC: following}}


def renewal_notice(earlier_expires: datetime, now: datetime) -> tuple[str, str]:
    """A notice for a person who may carry a print of the edition before: Vietnamese, English."""
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
