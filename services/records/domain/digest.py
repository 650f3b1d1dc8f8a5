"""The digest by which the same content sent again is known."""

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct

_BEGUN = blake2b(digest_size=8)
_signed = Struct(">q").unpack


def digest64(parts: Sequence[str]) -> int:
    """64 bits of BLAKE2b over the parts, as PostgreSQL's signed bigint; UnicodeEncodeError for text
    that is no Unicode.
    """
    digest = _BEGUN.copy()
    # the unit separator cannot stand in a part: control characters are refused before
    digest.update("\x1f".join(parts).encode())
    number: int = _signed(digest.digest())[0]
    return number
