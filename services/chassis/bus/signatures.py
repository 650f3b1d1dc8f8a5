"""Signatures of events, so that who may write to the bus is not whom its readers believe.

The writing service signs each event when it is put into the outbox. A reader checks the signature
before its handler sees the event. What is not signed by the topic's writer is never handled.

Signed is all that an event says: its type (the topic without its lane), source, id, key, time and
value. So nothing can be moved to another topic or sent under another id. An old event can be sent
again as it is: the inbox and the versions of doses make that harmless, as any delivery twice.
"""

import hashlib
import logging
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.bus.event_keys import (
    EventKeyError,
    WriterKeys,
    key_id,
    read_private,
    text_of,
)
from services.chassis.bus.port import Event
from services.chassis.bus.settings import REPLAYED, BusSettings

SIGNATURE, KEY_ID = "signature", "signaturekid"
"""The CloudEvents extensions that hold the signature and its key's thumbprint."""
_DOMAIN = b"hochieu event, version 1"
_log = logging.getLogger(__name__)

Reason = Literal["unsigned", "unknown_key", "wrong_signature", "wrong_writer", "wrong_type"]


class UntrustedEventError(Exception):
    """An event that its topic's writer did not write."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class EventSigner:
    """Signs with one service's key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.kid = key_id(key.public_key())

    @classmethod
    def of(cls, cfg: BusSettings, service: str) -> "EventSigner":
        """The signer with the key of the settings; SystemExit where there is none."""
        if cfg.signing_key_file is None:
            raise SystemExit(f"{service}: BUS_SIGNING_KEY_FILE is needed: events are signed")
        try:
            return cls(read_private(cfg.signing_key_file))
        except EventKeyError as error:
            raise SystemExit(f"{service}: {error}") from error

    def sign(self, event: Event) -> Event:
        """The event with this service's signature, in the place of any other."""
        signature = text_of(self._key.sign(signed_bytes(event)))
        return replace(event, headers={**event.headers, SIGNATURE: signature, KEY_ID: self.kid})


def signed_bytes(event: Event) -> bytes:
    """What is signed: each part with its length before it, so that none runs into the next.

    An event that people replay has the id that it had, and a mark behind it.
    """
    id = event.id
    while id.endswith(REPLAYED):
        id = id.removesuffix(REPLAYED)
    texts = (event.type, event.source, id, event.key, event.time.astimezone(UTC).isoformat())
    parts = (
        _DOMAIN,
        *(text.encode(errors="replace") for text in texts),
        hashlib.sha256(event.value).digest(),
    )
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Gate(Protocol):
    """Decides which events of a topic a reader's handler sees."""

    def admits(self, event: Event) -> bool:
        """Whether the event is for this reader; UntrustedEventError where it must not be handled
        at all.
        """

    def vouch(self, part: Event, whole: Event) -> Event:
        """A part that this reader has cut out of `whole`, so that it is admitted if it comes
        back.
        """


class OpenGate:
    """Lets everything in, where nobody else can write."""

    def admits(self, event: Event) -> bool:
        """True."""
        return True

    def vouch(self, part: Event, whole: Event) -> Event:
        """The part as it is."""
        return part


@dataclass(frozen=True, slots=True)
class SignatureGate:
    """Lets in what the topic's writer has signed, and this reader's own parts of it.

    A part that another reader of the topic has signed is that one's alone, and is passed over.
    `required`: what is not trusted is refused, else it is only noted.
    """

    type: str
    writer: str
    reader: str
    readers: Collection[str]
    signer: EventSigner
    keys: WriterKeys
    required: bool = True

    def admits(self, event: Event) -> bool:
        """As the port says."""
        try:
            signed_by = self._signed_by(event)
        except UntrustedEventError as error:
            if self.required:
                raise
            _log.warning("event %s of %s is %s", event.id, event.topic, error.reason)
            return True
        return signed_by in (self.writer, self.reader)

    def vouch(self, part: Event, whole: Event) -> Event:
        """The part with this reader's own signature, unless the whole was only noted."""
        try:
            self._signed_by(whole)
        except UntrustedEventError:
            return part
        return self.signer.sign(part)

    def _signed_by(self, event: Event) -> str:
        kid, text = event.headers.get(KEY_ID, ""), event.headers.get(SIGNATURE, "")
        if not kid or not text:
            raise UntrustedEventError("unsigned")
        if (known := self.keys.find(kid)) is None:
            raise UntrustedEventError("unknown_key")
        if known.writer != self.writer and known.writer not in self.readers:
            raise UntrustedEventError("wrong_writer")
        if event.type != self.type:
            raise UntrustedEventError("wrong_type")
        try:
            known.key.verify(urlsafe_b64decode(f"{text}=="), signed_bytes(event))
        except (InvalidSignature, Base64Error, ValueError) as error:
            raise UntrustedEventError("wrong_signature") from error
        return known.writer


@dataclass(frozen=True, slots=True)
class Signatures:
    """What a service signs and believes with; `gate` makes the gate of each topic it reads."""

    service: str
    signer: EventSigner
    keys: WriterKeys
    required: bool = True

    @classmethod
    def of(cls, cfg: BusSettings, service: str) -> "Signatures":
        """Of the settings; SystemExit where a key is missing, or the service's own is not in the
        set that its readers believe.
        """
        signer = EventSigner.of(cfg, service)
        if cfg.writers_file is None:
            raise SystemExit(f"{service}: BUS_WRITERS_FILE is needed: it names whom to believe")
        try:
            keys = WriterKeys(cfg.writers_file)
        except (EventKeyError, OSError) as error:
            raise SystemExit(f"{service}: {error}") from error
        own = keys.find(signer.kid)
        if own is None or own.writer != service:
            raise SystemExit(
                f"{service}: {cfg.writers_file} does not hold the key of {cfg.signing_key_file}"
            )
        return cls(service, signer, keys, cfg.signatures == "required")

    def gate(self, type: str, writer: str, readers: Collection[str]) -> Gate:
        """The gate of one topic, for this service."""
        return SignatureGate(
            type, writer, self.service, readers, self.signer, self.keys, self.required
        )
