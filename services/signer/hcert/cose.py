"""COSE_Sign1 (RFC 9052, section 4.2) around the claims of a CBOR Web Token (RFC 8392), and its
signatures.

Signatures have the form that COSE wants (RFC 8152, section 8): raw r‖s for ES256, PSS with a salt
of 32 bytes for PS256.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from io import BytesIO
from typing import Any, NewType

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from services.signer.hcert import cbor

ALG, CRIT, KID = 1, 2, 4
_SIGN1_TAG, _CWT_TAG, _SELF_DESCRIBED_TAG = 18, 61, 55799
_UNDERSTOOD = frozenset({ALG, CRIT, KID})

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

SHA_256 = SHA256()
PSS = padding.PSS(mgf=padding.MGF1(SHA_256), salt_length=32)
_ECDSA = ec.ECDSA(SHA_256)
_HALF = 32


Kid = NewType("Kid", bytes)
"""The bytes that name a signing key: 8 of ours, up to 32 of others'."""


class CriticalHeaderError(ValueError):
    """The message has a critical header that is not understood here, so it must not be read."""


class Algorithm(IntEnum):
    """Signature algorithms of health certificates, by their COSE numbers."""

    ES256 = -7
    PS256 = -37


class Envelope:
    """The protected header of one key, made once: what every certificate of that key shares."""

    __slots__ = ("_head", "algorithm", "kid", "protected")

    def __init__(self, algorithm: Algorithm, kid: Kid) -> None:
        self.algorithm = algorithm
        self.kid = kid
        self.protected = cbor2.dumps({ALG: int(algorithm), KID: kid})
        self._head = _signed_head(self.protected)

    def to_be_signed(self, claims: bytes) -> bytes:
        """The bytes that are signed for `claims`."""
        return self._head + _byte_string_head(len(claims)) + claims

    def message(self, claims: bytes, signature: bytes) -> bytes:
        """The tagged COSE_Sign1 message."""
        return cbor2.dumps(cbor2.CBORTag(_SIGN1_TAG, [self.protected, {}, claims, signature]))


@dataclass(frozen=True, slots=True)
class Sign1:
    """A COSE_Sign1 message taken apart; nothing of it is verified."""

    protected: bytes
    header: dict[Any, Any]
    unprotected: dict[Any, Any]
    payload: bytes
    signature: bytes

    @property
    def kid(self) -> bytes | None:
        """The key's identifier: the protected one, and only where there is none the unprotected
        one.
        """
        kid = self.header.get(KID, self.unprotected.get(KID))
        return kid if isinstance(kid, bytes) else None

    @property
    def algorithm(self) -> Algorithm | None:
        """The algorithm that the protected header names, where it is one of ours.

        The unprotected header is not signed, so anybody could have written it.
        """
        named = self.header.get(ALG)
        return next(
            (algorithm for algorithm in Algorithm if type(named) is int and named == algorithm),
            None,
        )

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        return _signed_head(self.protected) + _byte_string_head(len(self.payload)) + self.payload


def open_message(message: bytes) -> Sign1:
    """Takes a message apart; ValueError where it is no COSE_Sign1, CriticalHeaderError where it may
    not be read.

    The tags 61 and 18 may be missing, as with some countries.
    """
    content = cbor.decode(message)
    for tag in (_SELF_DESCRIBED_TAG, _CWT_TAG, _SIGN1_TAG):
        if isinstance(content, cbor.CborTagged) and content.tag == tag:
            content = content.content
    if not isinstance(content, list) or len(content) != 4:
        raise ValueError("not COSE_Sign1")
    protected, unprotected, payload, signature = content
    header = cbor.decode(protected) if protected else {}
    kinds = (
        isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)
    )
    if not kinds or not isinstance(header, dict) or not isinstance(unprotected, dict):
        raise ValueError("not COSE_Sign1")
    _refuse_unknown(header, unprotected)
    return Sign1(protected, header, unprotected, payload, signature)


def _refuse_unknown(header: dict[Any, Any], unprotected: dict[Any, Any]) -> None:
    # RFC 9052, section 3.1: `crit` is protected and names at least one label, each protected too.
    # Whoever does not understand one of them must refuse the message
    if CRIT in unprotected:
        raise CriticalHeaderError("critical labels that are not protected")
    if CRIT not in header:
        return
    labels = header[CRIT]
    understood = (
        isinstance(labels, list)
        and labels
        and all(type(label) is int and label in _UNDERSTOOD & header.keys() for label in labels)
    )
    if not understood:
        raise CriticalHeaderError("a critical label that is not understood")


def kid_of(certificate: x509.Certificate) -> Kid:
    """The key identifier: the first 8 bytes of the SHA-256 of the certificate's DER."""
    return Kid(sha256(certificate.public_bytes(Encoding.DER)).digest()[:8])


def encode_kid(kid: bytes) -> str:
    """A key identifier as text has it, in trust lists as in events: base64."""
    return b64encode(kid).decode("ascii")


def raw_from_der(der: bytes) -> bytes:
    """r‖s, 64 bytes, of a P-256 signature in DER.

    Both integers sit behind a length byte, with a zero in front where they need one.
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


class BadSignatureError(Exception):
    """A signing device returned something that is no good signature; nothing of the chunk may be
    stored.
    """


def check_signatures(
    key: PublicKey, envelope: Envelope, claims: Sequence[bytes], signatures: Sequence[bytes]
) -> None:
    """BadSignatureError unless the signatures of a chunk are fit to be stored.

    Verifying each would cost twice what signing does. What goes wrong in practice goes wrong for
    the whole chunk (another key behind the certificate, another encoding). One verified signature
    shows it. The length of each is checked. No two may share their first half: with ES256 that
    would be a nonce used twice, which gives the private key away.
    """
    if len(claims) != len(signatures) or {*map(len, signatures)} - {length_of(key)}:
        raise BadSignatureError("a signature is missing or has another length than its key gives")
    if len({signature[: len(signature) // 2] for signature in signatures}) < len(set(claims)):
        raise BadSignatureError("two signatures share their first half")
    if claims and not is_genuine(
        key, envelope.algorithm, envelope.to_be_signed(claims[-1]), signatures[-1]
    ):
        raise BadSignatureError("a signature does not verify with its own certificate")


def claims_encoder() -> Callable[[dict[int, Any]], bytes]:
    """What turns claims into CBOR; one encoder for a whole chunk saves half of its cost."""
    encode: Callable[[dict[int, Any]], bytes] = cbor2.CBOREncoder(BytesIO()).encode_to_bytes
    return encode


def load(data: Any) -> Any:
    """Reads our own claims, fast; `cbor.decode` is for those of strangers.

    ValueError whatever is wrong with them, or if bytes follow.
    """
    if not isinstance(data, bytes):
        raise ValueError("not CBOR")
    stream = BytesIO(data)
    try:
        content = cbor2.CBORDecoder(stream).decode()
    except Exception as error:
        # what is broken makes the decoder raise nearly anything: depth, overflow, unhashable keys,
        # absurd lengths
        raise ValueError("not CBOR") from error
    if stream.read(1):
        raise ValueError("not CBOR: something follows it")
    return content


def _signed_head(protected: bytes) -> bytes:
    # Sig_structure = ["Signature1", protected, external_aad (empty), payload], up to the payload
    return b"\x84" + cbor2.dumps("Signature1") + cbor2.dumps(protected) + b"\x40"


def _byte_string_head(length: int) -> bytes:
    if 0x100 <= length <= 0xFFFF:
        return b"\x59" + length.to_bytes(2, "big")
    return cbor2.dumps(bytes(length))[:-length] if length else b"\x40"
