"""Keys in a PKCS#11 token (an HSM): what production signs with. Private keys never leave it;
certificates lie in it or in a folder.
"""

from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import MGF, Mechanism

from services.chassis.errors import TransientError
from services.signer.hcert.cose import Algorithm
from services.signer.keys.certified import CertifiedKey, RetiredKey
from services.signer.keys.port import KeyUnavailableError, Signer
from services.signer.keys.ring import KeyRing, newest_in_use
from services.signer.keys.token import Pkcs11Token

_PSS = (Mechanism.SHA256, MGF.SHA256, 32)


class TokenSigner(CertifiedKey):
    """A key in a token, under the CKA_ID `key`.

    Its ES256 signatures are random: a retry makes another, equally good one,
    and the one that was stored first stays (`store.add_signatures`).
    """

    def __init__(self, certificate: x509.Certificate, token: Pkcs11Token, key: bytes) -> None:
        super().__init__(certificate)
        self._token = token
        self._key = key
        self._ecdsa = isinstance(self.public_key, ec.EllipticCurvePublicKey)

    def sign(self, to_be_signed: bytes) -> bytes:
        """The signature: r‖s for ES256, PSS for PS256, over a digest made here; TransientError
        whatever is wrong with the token.

        No fault of a token is the fault of what is to be signed. So the work waits, and nothing of
        it is put aside.
        """
        digest = sha256(to_be_signed).digest()
        try:
            if self._ecdsa:
                return self._token.sign(self._key, digest, Mechanism.ECDSA)
            return self._token.sign(self._key, digest, Mechanism.RSA_PKCS_PSS, _PSS)
        except KeyUnavailableError as error:
            raise TransientError(str(error)) from error


def open_token(
    token: Pkcs11Token, label: str, folder: Path, algorithm: Algorithm, now: datetime
) -> KeyRing:
    """The keys of `token` whose label begins with `label`, with their certificates from it or from
    the PEM files in `folder`.

    KeyUnavailableError where none is of `algorithm` and in its time of use at `now`: nothing is
    made here, since a CSCA must certify it.
    """
    certificates = dict.fromkeys([*token.certificates(), *certificates_in(folder)])
    roots = tuple(certificate for certificate in certificates if is_root(certificate))
    keys = token.keys(label)
    signers: list[Signer] = []
    for certificate in certificates:
        # a token may hold others' certificates too: none of them may come to be trusted by lying
        # there
        if any(issued_by(certificate, root) for root in roots if certificate != root):
            key = next((key.id for key in keys if key.public_key == certificate.public_key()), None)
            signers.append(
                TokenSigner(certificate, token, key) if key is not None else RetiredKey(certificate)
            )
    active = newest_in_use(
        (signer for signer in signers if isinstance(signer, TokenSigner)), algorithm, now
    )
    if active is None:
        raise KeyUnavailableError(
            f"the token holds no {algorithm.name} key with a certificate in its time of use:"
            " `python -m services.signer.keys make`, have the request certified, `import` the"
            " certificate"
        )
    return KeyRing(active, {signer.envelope.kid: signer for signer in signers}, roots)


def certificates_in(folder: Path) -> list[x509.Certificate]:
    """The certificates in a folder's PEM files; KeyUnavailableError where one holds a private key,
    or no certificate.
    """
    certificates: list[x509.Certificate] = []
    for path in sorted(folder.glob("*.pem")):
        pem = path.read_bytes()
        if b"PRIVATE KEY" in pem:
            raise KeyUnavailableError(
                f"{path.name} holds a private key; where a token signs, KEYS_DIR is for"
                " certificates alone"
            )
        try:
            certificates += x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise KeyUnavailableError(f"{path.name} holds no certificate") from error
    return certificates


def is_root(certificate: x509.Certificate) -> bool:
    """Whether a certificate is a CSCA's."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def issued_by(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    """Whether `root` signed the certificate."""
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
