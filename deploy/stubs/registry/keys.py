"""Search keys as the 64-bit integers that the index is sorted by."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_MIX = np.uint64(0x9E3779B97F4A7C15)
_TURN, _REST, _HALF = np.uint64(27), np.uint64(37), np.uint64(32)


def key_numbers(keys: Sequence[str | int]) -> NDArray[np.uint64]:
    """One number a key, many at once: an integer is its own, a text is hashed; the same in every
    process.
    """
    if all(type(key) is int for key in keys):
        return np.array(keys, np.uint64)
    if all(type(key) is str for key in keys):
        return _hashed([key.encode() for key in keys if isinstance(key, str)])
    return np.array(
        [int(_hashed([key.encode()])[0]) if isinstance(key, str) else key for key in keys],
        np.uint64,
    )


def _hashed(texts: list[bytes]) -> NDArray[np.uint64]:
    column = np.array(texts)
    width = max(8, -(-column.itemsize // 8) * 8)
    words = column.astype(f"S{width}").view(np.uint64).reshape(len(texts), -1)
    mixed = np.full(len(texts), _MIX, np.uint64)
    for eight in words.T:
        # a column of nothing but padding changes nothing, so that a number does not depend on the
        # longest text beside it
        stirred = ((mixed << _TURN | mixed >> _REST) ^ eight) * _MIX
        mixed = np.where(eight == 0, mixed, stirred ^ stirred >> _HALF)
    return mixed
