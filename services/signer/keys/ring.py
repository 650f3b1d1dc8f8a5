"""All keys of one issuer: the one that signs now, and those whose certificates are still out there."""

from dataclasses import dataclass

from cryptography import x509

from services.signer.hcert.cose import Envelope
from services.signer.keys.port import Signer


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`active` signs new certificates; `signers` are all by their identifier, to finish stored intents and to render; `roots` the CSCAs."""

    active: Signer
    signers: dict[bytes, Signer]
    roots: tuple[x509.Certificate, ...]

    def envelope(self, kid: bytes) -> Envelope:
        """The envelope of a stored certificate's key; KeyError where the ring never held it."""
        return self.signers[kid].envelope
