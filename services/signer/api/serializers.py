"""From opened certificates to what REST answers."""

from datetime import datetime
from urllib.parse import quote

from services.signer.api import models
from services.signer.documents.view import ShownCertificate
from services.signer.domain.passport import PassportLine


def certificate(shown: ShownCertificate, now: datetime) -> models.Certificate:
    """One certificate."""
    intent, dose = shown.stored.intent, shown.content.dose
    address = f"/signer/v1/certificates/{quote(intent.uvci, safe=':')}"
    return models.Certificate.model_validate(
        {
            "uvci": intent.uvci,
            "status": shown.status(now),
            "dose_number": dose["dn"],
            "doses_in_series": dose["sd"],
            "date_given": intent.date_given,
            "product": dose["mp"],
            "issued_at": intent.issued_at,
            "expires_at": intent.expires_at,
            "qr": shown.qr,
            "links": {
                "self": address,
                "png": address + ".png",
                "svg": address + ".svg",
                "pdf": address + ".pdf",
            },
            "renewal": _renewal(shown, now),
        }
    )


def _renewal(shown: ShownCertificate, now: datetime) -> models.Renewal | None:
    replaced, message = shown.stored.replaced, shown.renewal(now)
    if replaced is None or message is None:
        return None
    vi, en = message
    return models.Renewal(
        replaces=replaced.uvci,
        replaced_expires_at=replaced.expires_at,
        message_vi=vi,
        message_en=en,
    )


def field(line: PassportLine) -> models.PassportField:
    """One line of the passport."""
    return models.PassportField(**line._asdict())
