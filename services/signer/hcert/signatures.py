"""Signatures in the form COSE wants them (RFC 8152, section 8): raw r‖s for ES256, PSS with a salt
of 32 bytes for PS256.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from services.signer.hcert.cose import Algorithm

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

SHA_256 = SHA256()
PSS = padding.PSS(mgf=padding.MGF1(SHA_256), salt_length=32)
_ECDSA = ec.ECDSA(SHA_256)
_HALF = 32


def raw_from_der(der: bytes) -> bytes:
    """r‖s, 64 bytes, of a P-256 signature in DER: both integers sit behind a length byte, with a
    zero in front where they need one.
    """
    end_of_r = 4 + der[3]
    r, s = der[4:end_of_r], der[end_of_r + 2 :]
    return r[-_HALF:].rjust(_HALF, b"\0") + s[-_HALF:].rjust(_HALF, b"\0")


def is_genuine(key: PublicKey, algorithm: Algorithm, signed: bytes, signature: bytes) -> bool:
    """Whether `signature` over `signed` was made with the private half of `key`; the algorithm must
    be the key's own.
    """
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            if (
                algorithm is not Algorithm.ES256
                or not isinstance(key.curve, ec.SECP256R1)
                or len(signature) != 2 * _HALF
            ):
                return False
            r, s = (
                int.from_bytes(signature[:_HALF], "big"),
                int.from_bytes(signature[_HALF:], "big"),
            )
            key.verify(encode_dss_signature(r, s), signed, _ECDSA)
        else:
            if algorithm is not Algorithm.PS256 or key.key_size < 2048:
                return False
            key.verify(signature, signed, PSS, SHA_256)
    except InvalidSignature:
        return False
    return True


def length_of(key: PublicKey) -> int:
    """How many bytes a signature of this key's algorithm has."""
    return 2 * _HALF if isinstance(key, ec.EllipticCurvePublicKey) else key.key_size // 8
