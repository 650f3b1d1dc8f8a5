"""COSE_Sign1 (RFC 8152, section 4.2) around the claims of a CBOR Web Token (RFC 8392)."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from io import BytesIO
from typing import Any

import cbor2

ALG, KID = 1, 4
_SIGN1_TAG, _CWT_TAG = 18, 61


class Algorithm(IntEnum):
    """Signature algorithms of health certificates, by their COSE numbers."""

    ES256 = -7
    PS256 = -37


class Envelope:
    """The protected header of one key, made once: what every certificate of that key shares."""

    __slots__ = ("_head", "algorithm", "kid", "protected")

    def __init__(self, algorithm: Algorithm, kid: bytes) -> None:
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
        """The key's identifier: the protected one, and only where there is none the unprotected one."""
        kid = self.header.get(KID, self.unprotected.get(KID))
        return kid if isinstance(kid, bytes) else None

    @property
    def algorithm(self) -> Algorithm | None:
        """The algorithm named, where it is one of ours."""
        named = self.header.get(ALG, self.unprotected.get(ALG))
        return next((algorithm for algorithm in Algorithm if named == algorithm), None)

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        return _signed_head(self.protected) + _byte_string_head(len(self.payload)) + self.payload


def open_message(message: bytes) -> Sign1:
    """Takes a message apart; ValueError where it is no COSE_Sign1. The tags 61 and 18 may be missing, as with some countries."""
    content = load(message)
    for tag in (_CWT_TAG, _SIGN1_TAG):
        if isinstance(content, cbor2.CBORTag) and content.tag == tag:
            content = content.value
    if not isinstance(content, list) or len(content) != 4:
        raise ValueError("not COSE_Sign1")
    protected, unprotected, payload, signature = content
    header = load(protected) if protected else {}
    kinds = isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)
    if not kinds or not isinstance(header, dict) or not isinstance(unprotected, dict):
        raise ValueError("not COSE_Sign1")
    return Sign1(protected, header, unprotected, payload, signature)


def encode_kid(kid: bytes) -> str:
    """A key identifier as text has it, in trust lists as in events: base64."""
    return b64encode(kid).decode("ascii")


def claims_encoder() -> Callable[[dict[int, Any]], bytes]:
    """What turns claims into CBOR; one encoder for a whole chunk saves half of its cost."""
    encode: Callable[[dict[int, Any]], bytes] = cbor2.CBOREncoder(BytesIO()).encode_to_bytes
    return encode


def load(data: Any) -> Any:
    """What a piece of CBOR from outside holds; ValueError whatever is wrong with it, or if bytes follow it."""
    if not isinstance(data, bytes):
        raise ValueError("not CBOR")
    stream = BytesIO(data)
    try:
        content = cbor2.CBORDecoder(stream).decode()
    except Exception as error:
        # hostile input makes the decoder raise nearly anything: depth, overflow, unhashable keys, absurd lengths
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
