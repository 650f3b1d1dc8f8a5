"""The digest by which the same content sent again is known."""

from collections.abc import Sequence
from hashlib import blake2b


def digest64(parts: Sequence[str]) -> int:
    """64 bits of BLAKE2b over the parts, as PostgreSQL's signed bigint; UnicodeEncodeError for text that is no Unicode."""
    # the unit separator cannot stand in a part: control characters are refused before
    return int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=8).digest(), "big", signed=True)
