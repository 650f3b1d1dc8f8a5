"""Base45 (RFC 9285), by tables: two bytes are three characters, a last single byte is two."""

import struct
from functools import lru_cache

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE = len(_ALPHABET)
_NOT_A_DIGIT = 255
_VALUES = bytes(_ALPHABET.find(byte) if byte in _ALPHABET else _NOT_A_DIGIT for byte in range(256))


@lru_cache(maxsize=1)
def _triples() -> list[bytes]:
    """The three characters of each of the 65,536 pairs of bytes; made at first use, in about 20
    ms.
    """
    ones = [
        _ALPHABET[low : low + 1] + _ALPHABET[high : high + 1]
        for high in range(_BASE)
        for low in range(_BASE)
    ]
    return [
        ones[number % _BASE**2] + _ALPHABET[number // _BASE**2 :][:1] for number in range(65_536)
    ]


def encode(data: bytes) -> str:
    """`data` as base45 text."""
    pairs, odd = divmod(len(data), 2)
    text = b"".join(map(_triples().__getitem__, struct.unpack_from(f">{pairs}H", data)))
    if odd:
        text += _triples()[data[-1]][:2]
    return text.decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of base45 text; ValueError where a character, a length or a value is not base45."""
    try:
        digits = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError as error:
        raise ValueError("not base45: a character outside its alphabet") from error
    if _NOT_A_DIGIT in digits:
        raise ValueError("not base45: a character outside its alphabet")
    triples, rest = divmod(len(digits), 3)
    if rest == 1:
        raise ValueError("not base45: a character too many or too few")
    end = triples * 3
    pairs = [
        low + 45 * mid + 2025 * high
        for low, mid, high in zip(digits[0:end:3], digits[1:end:3], digits[2:end:3], strict=True)
    ]
    last = digits[end] + 45 * digits[end + 1] if rest else 0
    if last > 0xFF or (pairs and max(pairs) > 0xFFFF):
        raise ValueError("not base45: a group is too large")
    return struct.pack(f">{triples}H", *pairs) + (bytes((last,)) if rest else b"")
