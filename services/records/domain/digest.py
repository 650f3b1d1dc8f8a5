"""The digest by which the same content, sent again, is recognised."""

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct

EMPTY = blake2b(digest_size=8)
SEPARATOR = "\x1f"
"""Between parts; no part holds it, for cells with control characters are refused before."""
SIGNED_64 = Struct(">q")


def digest64(parts: Sequence[str]) -> int:
    """64 bits of BLAKE2b over the parts, as PostgreSQL's signed bigint.

    UnicodeEncodeError for text that is no Unicode.
    """
    digest = EMPTY.copy()
    digest.update(SEPARATOR.join(parts).encode())
    number: int = SIGNED_64.unpack(digest.digest())[0]
    return number
