"""The hashes by which a revoked certificate is published, of the three types that the EU has: they
tell nothing of the certificate.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Literal

_LENGTH = 16
_ES256_SIGNATURE = 64

UNKNOWN_KID = "UNKNOWN_KID"
"""The key identifier of a certificate that the revoking party knows by its UVCI alone (EU
revocation gateway).
"""

HashType = Literal["UCI", "COUNTRYCODEUCI", "SIGNATURE"]

_HASHED: dict[HashType, Callable[[str, bytes, str], bytes]] = {
    "UCI": lambda uvci, signature, country: uvci.encode(),
    "COUNTRYCODEUCI": lambda uvci, signature, country: (country + uvci).encode(),
    # of an ES256 signature r alone, since anybody can make another s that verifies
    "SIGNATURE": lambda uvci, signature, country: (
        signature[: _ES256_SIGNATURE // 2] if len(signature) == _ES256_SIGNATURE else signature
    ),
}


def hash_of(hash_type: HashType, uvci: str, signature: bytes, country: str) -> bytes:
    """The 16 bytes of one kind of hash."""
    return sha256(_HASHED[hash_type](uvci, signature, country)).digest()[:_LENGTH]
