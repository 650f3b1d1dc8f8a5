"""Verification of the text of a QR code, in numbered steps (eu-dcc-hcert-spec 1.0.8, section 3).

(1) The text begins with `HC1:`. (2) It is base45. (3) It unpacks, within bounds. (4) It is a
    COSE_Sign1 with claims in it.
(5) A trusted key has its identifier. (6) The signature is that key's. (7) It was issued and has not
    expired.
(8) The payload keeps to the schema and its value sets. (9) The key may sign this kind of
    certificate, for its own country, and within the validity of its own certificate. So nobody is
    believed for another country, nor with a key that has run out.
(10) What it says holds now: a test was negative, a recovery counts, nothing happened later than
     now.
(11) It was not revoked. The revocation list is in a database, so the caller looks there and answers
     by `HcertVerdict.revoked`.

Steps 1 to 4 open the text, and each needs the one before. The later ones are all tried: a border
officer sees not only that a certificate has expired, but also whether it was genuine.
"""

import re
from datetime import UTC, datetime
from typing import Any

from services.signer.domain.claim_labels import DCC, EXPIRES, HCERT, ISSUED, ISSUER
from services.signer.hcert import base45, code_text, hc1, statement
from services.signer.hcert.cbor import decode
from services.signer.hcert.cose import (
    ALG,
    Algorithm,
    CriticalHeaderError,
    Sign1,
    is_genuine,
    open_message,
)
from services.signer.hcert.dcc_schema import faults, kind_of, unknown
from services.signer.hcert.normalize import normalized
from services.signer.hcert.trust_list import TrustedKey, TrustList
from services.signer.hcert.verdict import HcertStep, HcertVerdict, OpenedHcert

__all__ = ["HcertStep", "HcertVerdict", "OpenedHcert", "is_certificate", "verify"]

# issuers may say nothing, or write an authority's name (CNAM), which claims no country; VN, CH BAG
# and GB-NIR do
_COUNTRY = re.compile(r"\s*([A-Z]{2}(?![A-Za-z])|[A-Za-z]{2}(?=\s*$))")
_ALSO_WRITTEN = {"EL": "GR", "UK": "GB"}


def verify(text: str, trust: TrustList, now: datetime) -> HcertVerdict:
    """Whether the text of a QR code is a certificate to be believed at `now`, and if not, why.

    It raises for no text.
    """
    first: HcertVerdict | None = None
    for reading in code_text.readings(text):
        opening = _unpack(reading)
        if not isinstance(opening, HcertVerdict):
            return _judge(*opening, trust, now)
        first = first or opening
    assert first is not None  # there is always one reading
    return first


def is_certificate(text: str) -> bool:
    """Whether the text of a code claims to be a health certificate's."""
    return next(code_text.readings(text)).startswith(hc1.PREFIX)


def _unpack(text: str) -> tuple[dict[HcertStep, bool], bytes] | HcertVerdict:
    """Steps 1 to 3: the message in the text, or the verdict on a text that holds none."""
    steps: dict[HcertStep, bool] = {}
    step, code = HcertStep.PREFIX, "NOT_HC1"
    try:
        encoded = hc1.strip_prefix(text)  # (1)
        steps[step] = True
        step, code = HcertStep.BASE45, "BASE45_BROKEN"
        packed = base45.decode(encoded)  # (2)
        steps[step] = True
        step, code = HcertStep.COMPRESSION, "COMPRESSION_BROKEN"
        message = hc1.decompress(packed)  # (3)
        steps[step] = True
    except ValueError:
        return HcertVerdict(code, {**steps, step: False})
    return steps, message


def _judge(
    steps: dict[HcertStep, bool], message: bytes, trust: TrustList, now: datetime
) -> HcertVerdict:
    """Steps 4 to 10."""
    try:
        signed = open_message(message)  # (4)
        claims, payload = _claims(signed)
    except CriticalHeaderError:
        return HcertVerdict("HEADER_NOT_UNDERSTOOD", {**steps, HcertStep.COSE: False})
    except ValueError:
        return HcertVerdict("COSE_BROKEN", {**steps, HcertStep.COSE: False})
    opened = _open(signed, claims, payload, now)
    against: list[str] = []

    def note(step: HcertStep, holds: bool, code: str) -> None:
        steps[step] = holds
        if not holds:
            against.append(code)

    note(HcertStep.COSE, ALG in signed.header, "ALGORITHM_UNPROTECTED")
    keys = trust.find(opened.kid) if opened.kid else []
    note(HcertStep.KEY, bool(keys), "KEY_UNKNOWN")  # (5)
    if keys:
        signer = _signer(signed, keys)
        note(HcertStep.SIGNATURE, signer is not None, "SIGNATURE_WRONG")  # (6)
    fault = _untimely(opened, now)
    note(HcertStep.VALIDITY, fault is None, fault or "")  # (7)
    note(HcertStep.PAYLOAD, not opened.faults, "PAYLOAD_WRONG")  # (8)
    misuse = _misuse(opened, signer or keys[0]) if keys and opened.kind else None
    if keys and opened.kind:
        note(HcertStep.KEY_USAGE, misuse is None, "KEY_USAGE_WRONG")  # (9)
    if opened.unknown:
        # after (9): a new code is worth a second look only in a certificate that is genuine
        note(HcertStep.PAYLOAD, False, "VALUE_UNKNOWN")
    denied = (
        statement.against(opened.kind, opened.payload[opened.kind][0], now) if opened.kind else None
    )
    if opened.kind:
        note(HcertStep.STATEMENT, denied is None, denied or "")  # (10)
    return HcertVerdict(against[0] if against else "VALID", steps, opened, misuse, denied)


def _claims(signed: Sign1) -> tuple[dict[Any, Any], dict[str, Any]]:
    claims = decode(signed.payload)
    health = claims.get(HCERT) if isinstance(claims, dict) else None
    payload = health.get(DCC) if isinstance(health, dict) else None
    if not isinstance(payload, dict):
        raise ValueError("no health certificate among the claims")
    return claims, normalized(payload)


def _open(
    signed: Sign1, claims: dict[Any, Any], payload: dict[str, Any], now: datetime
) -> OpenedHcert:
    issuer = claims.get(ISSUER)
    born_ahead = ["dob"] if statement.born_ahead(payload, now) else []
    return OpenedHcert(
        kid=signed.kid,
        issuer=issuer if isinstance(issuer, str) else None,
        issued_at=_moment(claims.get(ISSUED)),
        expires_at=_moment(claims.get(EXPIRES)),
        kind=kind_of(payload),
        payload=payload,
        faults=tuple(faults(payload) + born_ahead),
        unknown=tuple(unknown(payload)),
    )


def _moment(seconds: Any) -> datetime | None:
    # some countries write times as floating point numbers or under a tag of CBOR's; nobody writes
    # true
    if isinstance(seconds, datetime):
        return seconds if seconds.tzinfo else seconds.replace(tzinfo=UTC)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _signer(signed: Sign1, keys: list[TrustedKey]) -> TrustedKey | None:
    # where the protected header names no algorithm, the key's own tells whether the content is
    # genuine; it is refused all the same
    return next(
        (
            trusted
            for trusted in keys
            for algorithm in ([signed.algorithm] if ALG in signed.header else Algorithm)
            if algorithm is not None
            and is_genuine(trusted.key, algorithm, signed.signed, signed.signature)
        ),
        None,
    )


def _untimely(opened: OpenedHcert, now: datetime) -> str | None:
    if opened.issued_at is None or opened.expires_at is None:
        return "TIMES_BROKEN"
    if opened.expires_at < now:
        return "EXPIRED"
    return "NOT_YET_VALID" if opened.issued_at > now + statement.CLOCK_SKEW else None


def _misuse(opened: OpenedHcert, key: TrustedKey) -> str | None:
    if opened.kind not in key.usage:
        return "KIND"
    named = _COUNTRY.match(opened.issuer or "")
    if named and key.country and _country(named[1]) != _country(key.country):
        return "COUNTRY"
    # the specification: `iat` may not predate the signer's certificate, nor `exp` outlast it; times
    # that cannot be read failed step 7
    begins, ends = opened.issued_at or key.not_before, opened.expires_at or key.not_after
    return "TERM" if begins < key.not_before or ends > key.not_after else None


def _country(code: str) -> str:
    return _ALSO_WRITTEN.get(code.upper(), code.upper())
