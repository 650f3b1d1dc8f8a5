"""What is known of a signing key from its certificate alone."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from services.signer.domain.claim_labels import Window
from services.signer.hcert.cose import Algorithm, Envelope, PublicKey, kid_of
from services.signer.keys.port import KeyUnavailableError


class CertifiedKey:
    """The half of a signer that every key store shares; KeyUnavailableError where the certificate's
    key is neither P-256 nor RSA.
    """

    def __init__(self, certificate: x509.Certificate) -> None:
        self.certificate = certificate
        self.public_key: PublicKey = _fit(certificate)
        algorithm = (
            Algorithm.ES256
            if isinstance(self.public_key, ec.EllipticCurvePublicKey)
            else Algorithm.PS256
        )
        self.envelope = Envelope(algorithm, kid_of(certificate))
        self.window = Window(
            int(certificate.not_valid_before_utc.timestamp()),
            int(certificate.not_valid_after_utc.timestamp()),
        )


class RetiredKey(CertifiedKey):
    """A key that was destroyed after its use, while what it signed is still out there: it renders
    and is believed, and signs nothing.
    """

    def sign(self, to_be_signed: bytes) -> bytes:
        """KeyUnavailableError."""
        raise KeyUnavailableError(
            f"the private key of {self.envelope.kid.hex()} is not here any more"
        )


def _fit(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        return key
    raise KeyUnavailableError(
        f"the certificate {kid_of(certificate).hex()} is for another kind of key than P-256 or RSA"
    )
