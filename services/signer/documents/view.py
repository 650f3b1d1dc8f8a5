"""From what is stored to what is shown: opens a certificate, and puts its QR code's text
together.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from services.signer.context import Context
from services.signer.domain.next_edition import renewal_notice
from services.signer.domain.passport import CertificateContent, PassportLine, passport
from services.signer.hcert.cose import load
from services.signer.hcert.hc1 import render
from services.signer.store.certificates import StoredCertificate
from services.signer.store.intents import open_claims

_log = structlog.get_logger()


class UnknownKeyError(Exception):
    """The key of a stored certificate is not among ours any more: it leaked, and what it signed is
    not to be shown.
    """


class ShownCertificate(NamedTuple):
    """A certificate opened: the stored one, what it says, the person's sex, and the text of its QR
    code.
    """

    stored: StoredCertificate
    content: CertificateContent
    sex: str | None
    qr: str

    def status(self, now: datetime) -> str:
        """`revoked`, `expired` or `valid`."""
        if self.stored.revoked is not None:
            return "revoked"
        return "expired" if self.stored.intent.expires_at < now else "valid"

    def renewal(self, now: datetime) -> tuple[str, str] | None:
        """The notice to its person where it was renewed, in Vietnamese and English."""
        return (
            renewal_notice(self.stored.replaced.expires_at, now) if self.stored.replaced else None
        )


def open_certificate(context: Context, stored: StoredCertificate) -> ShownCertificate:
    """Unseals a stored certificate; UnknownKeyError where its key was taken away."""
    try:
        envelope = context.ring.envelope(stored.intent.kid)
    except KeyError as error:
        raise UnknownKeyError from error
    claims, sex, nationality = open_claims(context.sealer, stored.intent)
    return ShownCertificate(
        stored,
        CertificateContent(load(claims), nationality),
        sex,
        render(envelope, claims, stored.signature),
    )


def open_known(
    context: Context, certificates: Sequence[StoredCertificate]
) -> list[ShownCertificate]:
    """Unseals the certificates whose key is among ours; the others are logged and counted."""
    shown: list[ShownCertificate] = []
    left_out: Counter[str] = Counter()
    for stored in certificates:
        try:
            shown.append(open_certificate(context, stored))
        except UnknownKeyError:
            left_out[stored.intent.kid.hex()] += 1
    for kid, number in left_out.items():
        _log.warning("certificates_of_unknown_key", kid=kid, certificates=number)
    context.metrics.count("shown", "key_unknown", left_out.total())
    return shown


def passport_of(certificates: Sequence[ShownCertificate]) -> list[PassportLine]:
    """The eleven fields of somebody with these certificates, in the order the doses were given; at
    least one.
    """
    return passport(certificates[-1].content, len(certificates))


def injections(certificates: Sequence[ShownCertificate]) -> list[ShownCertificate]:
    """One certificate an injection: of those signed before duplicates were refused, the newest of
    one day and dose number.
    """
    newest = {(shown.content.dose["dt"], shown.content.dose["dn"]): shown for shown in certificates}
    return list(newest.values())
