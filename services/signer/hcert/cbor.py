"""CBOR from strangers (RFC 8949), read strictly: what two readers could take for two things is
refused.

The library that writes our own certificates lets the last of two equal keys win and turns tags into
objects of many kinds.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

_DEPTH = 16
"""Nested arrays, maps and tags; a certificate has 5."""
_INDEFINITE = 31
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_PLAIN = {20: False, 21: True, 22: None, 23: None}
_BREAK = object()


@dataclass(frozen=True, slots=True)
class CborTagged:
    """A value under a tag that means nothing here, or whose content is not what the tag asks
    for.
    """

    tag: int
    content: Any


def decode(data: Any) -> Any:
    """The one value that `data` holds. ValueError: not CBOR, something behind it, a key twice, a
    key that is no text, bytes or integer.
    """
    if not isinstance(data, bytes):
        raise ValueError("not CBOR: no bytes")
    reader = _CborReader(data)
    value = reader.value(0)
    if reader.at != len(data) or value is _BREAK:
        raise ValueError("not CBOR: something follows it")
    return value


class _CborReader:
    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise ValueError("not CBOR: cut short")
        part = self.data[self.at : end]
        self.at = end
        return part

    def value(self, depth: int, *, may_end: bool = False) -> Any:
        if depth > _DEPTH:
            raise ValueError("not CBOR of ours: nested too deep")
        first = self.take(1)[0]
        major, short = first >> 5, first & 31
        if major == 7:
            return self._simple(short, may_end=may_end)
        argument = self._argument(short, indefinite=2 <= major <= 5)
        if major == 0:
            return argument
        if major == 1:
            return -1 - (argument or 0)
        if major <= 3:
            content = self._string(major, argument)
            return content if major == 2 else content.decode("utf-8")
        if major == 4:
            items: list[Any] = []
            self._each(argument, depth, items.append)
            return items
        if major == 5:
            return self._map(argument, depth)
        return tagged(argument or 0, self.value(depth + 1))

    def _argument(self, short: int, *, indefinite: bool) -> int | None:
        if short < 24:
            return short
        if short < 28:
            return int.from_bytes(self.take(1 << (short - 24)), "big")
        if short == _INDEFINITE and indefinite:
            return None
        raise ValueError("not CBOR: a reserved length")

    def _string(self, major: int, length: int | None) -> bytes:
        if length is not None:
            return self.take(length)
        parts: list[bytes] = []
        while (first := self.take(1)[0]) != 0xFF:
            if first >> 5 != major:
                raise ValueError("not CBOR: a string of other pieces")
            parts.append(self.take(self._argument(first & 31, indefinite=False) or 0))
        return b"".join(parts)

    def _each(self, count: int | None, depth: int, keep: Callable[[Any], object]) -> None:
        # a count from outside is no promise: the loop ends where the bytes end
        left = count
        while left != 0:
            item = self.value(depth + 1, may_end=count is None)
            if item is _BREAK:
                return
            keep(item)
            left = left - 1 if left is not None else None

    def _map(self, count: int | None, depth: int) -> dict[Any, Any]:
        content: dict[Any, Any] = {}
        left = count
        while left != 0:
            key = self.value(depth + 1, may_end=count is None)
            if key is _BREAK:
                break
            # True and 1.0 would be the key 1
            if type(key) not in (int, str, bytes) or key in content:
                raise ValueError("not CBOR of ours: a key twice, or of another kind")
            content[key] = self.value(depth + 1)
            left = left - 1 if left is not None else None
        return content

    def _simple(self, short: int, *, may_end: bool) -> Any:
        if short in _FLOATS:
            return struct.unpack(_FLOATS[short], self.take(1 << (short - 24)))[0]
        if short in _PLAIN:
            return _PLAIN[short]
        if short == _INDEFINITE and may_end:
            return _BREAK
        raise ValueError("not CBOR of ours: a simple value")


def tagged(tag: int, content: Any) -> Any:
    """What a tag makes of its content: dates and times (tags 0, 1, 100, 1004) and large integers
    (2, 3).
    """
    try:
        if tag == 0 and isinstance(content, str):
            return datetime.fromisoformat(content)
        if tag == 1 and type(content) in (int, float):
            return datetime.fromtimestamp(content, UTC)
        if tag == 1004 and isinstance(content, str):
            return date.fromisoformat(content)
        if tag == 100 and type(content) is int:
            return date(1970, 1, 1) + timedelta(days=content)
    except (ValueError, OverflowError, OSError):
        return CborTagged(tag, content)
    if tag in (2, 3) and isinstance(content, bytes):
        number = int.from_bytes(content, "big")
        return number if tag == 2 else -1 - number
    return CborTagged(tag, content)
