"""The port to a signing key: whatever holds it, it signs bytes and shows its certificate."""

from typing import Protocol

from cryptography import x509

from services.signer.domain.claim_labels import Window
from services.signer.hcert.cose import Envelope, PublicKey


class KeyUnavailableError(Exception):
    """A key cannot be used here; the text says what to do and holds no secret."""


class Signer(Protocol):
    """A document signing key with its certificate."""

    @property
    def certificate(self) -> x509.Certificate:
        """The document signing certificate (DSC)."""

    @property
    def public_key(self) -> PublicKey:
        """The public half."""

    @property
    def envelope(self) -> Envelope:
        """Algorithm, key identifier and protected header of everything this key signs."""

    @property
    def window(self) -> Window:
        """When the certificate is valid."""

    def sign(self, to_be_signed: bytes) -> bytes:
        """The signature in COSE's form.

        Keys in files give the same ES256 bytes for the same input. A token does not, so a retry
        must leave a stored signature as it is. TransientError where the key will sign later.
        """
