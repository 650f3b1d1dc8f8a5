"""The certificate signing request (PKCS#10, RFC 2986) for a key that stays in its token.

Put together here, since the library that usually does it wants the private key in its hands.
"""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from pkcs11 import Mechanism

from services.signer.keys.port import KeyUnavailableError
from services.signer.keys.token import Pkcs11Token, TokenKey

_SEQUENCE, _BIT_STRING = 0x30, 0x03
_VERSION_0, _NO_ATTRIBUTES = b"\x02\x01\x00", b"\xa0\x00"
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_RSA_WITH_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")


def request_for(
    token: Pkcs11Token, key: TokenKey, country: str, name: str
) -> x509.CertificateSigningRequest:
    """A request for `key`, signed with it; KeyUnavailableError where its signature does not
    verify.
    """
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    public = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    body = _der(_SEQUENCE, _VERSION_0 + subject.public_bytes() + public + _NO_ATTRIBUTES)
    if isinstance(key.public_key, ec.EllipticCurvePublicKey):
        digest = Hash(SHA256())
        digest.update(body)
        raw = token.sign(key.id, digest.finalize(), Mechanism.ECDSA)
        r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
        algorithm, signature = _ECDSA_WITH_SHA256, encode_dss_signature(r, s)
    else:
        algorithm, signature = _RSA_WITH_SHA256, token.sign(key.id, body, Mechanism.SHA256_RSA_PKCS)
    request = x509.load_der_x509_csr(
        _der(_SEQUENCE, body + algorithm + _der(_BIT_STRING, b"\0" + signature))
    )
    if not request.is_signature_valid:
        raise KeyUnavailableError(f"the private key under {key.id.hex()} is not its public key's")
    return request


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
