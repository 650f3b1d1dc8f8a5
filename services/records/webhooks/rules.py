"""What apps are told, by which signature they know it is true, and how long it is tried.

The signature is that of the Standard Webhooks specification, version 1: HMAC-SHA256 over id, time
and body. Nothing personal is told: ids and links alone.
"""

import base64
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final


class WebhookEvent(StrEnum):
    """What an app may be told."""

    BATCH_FINISHED = "batch.finished"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_RENEWED = "certificate.renewed"
    CERTIFICATE_REVOKED = "certificate.revoked"
    COMPLAINT_ANSWERED = "complaint.answered"
    SUPPLEMENT_RECORDED = "supplement.recorded"
    PING = "ping"


LINKS: Final = {
    WebhookEvent.BATCH_FINISHED: ("batches", "/records/v1/batches/{}"),
    WebhookEvent.CERTIFICATE_ISSUED: ("doses", "/records/v1/doses/{}"),
    WebhookEvent.CERTIFICATE_RENEWED: ("doses", "/records/v1/doses/{}"),
    WebhookEvent.CERTIFICATE_REVOKED: ("doses", "/records/v1/doses/{}"),
    WebhookEvent.COMPLAINT_ANSWERED: ("complaints", "/records/v1/complaints/{}"),
    WebhookEvent.SUPPLEMENT_RECORDED: ("supplements", "/records/v1/supplements/{}"),
}
"""How an event names what it is about, and where that is read."""

_PAUSES: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 36_000)
)
OLD_SECRET_FOR: Final = timedelta(hours=24)
"""How long a secret that was changed signs beside the new one."""
SECRET_BYTES: Final = 32
_PREFIX: Final = "whsec_"


def pause_after(tries: int) -> timedelta | None:
    """The time to the next try after so many; None where it was the last: all take a day."""
    return _PAUSES[tries - 1] if tries <= len(_PAUSES) else None


def secret_text(secret: bytes) -> str:
    """A secret as libraries of Standard Webhooks take it."""
    return _PREFIX + base64.b64encode(secret).decode()


def body_of(kind: WebhookEvent, ids: Sequence[int], at: datetime) -> str:
    """The JSON that is sent and signed: type, time, and the ids and links of what it is about."""
    data: dict[str, Any] = {}
    if kind in LINKS:
        name, link = LINKS[kind]
        data[name] = [{"id": one, "link": link.format(one)} for one in ids]
    return json.dumps(
        {"type": kind, "timestamp": at.isoformat(), "data": data}, separators=(",", ":")
    )


def signed_headers(
    message_id: str, body: str, now: datetime, secrets: Sequence[bytes]
) -> dict[str, str]:
    """The three headers of a message; while a secret is changed both sign."""
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.{body}".encode()
    signatures = [
        "v1," + base64.b64encode(hmac.digest(secret, signed, sha256)).decode() for secret in secrets
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
