"""The certificate's identifier: a UVCI with its Luhn mod 38 check character (eHealth Network,
interoperability guidelines, annex 2).
"""

import re
from typing import NewType

Uvci = NewType("Uvci", str)
"""The identifier of one certificate, as it is written: `URN:UVCI:01:VN:…#X`."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:"
_N = len(_ALPHABET)
_PREFIX = "URN:UVCI:01:VN:"
_FORM = re.compile(r"URN:UVCI:01:[A-Z]{2}:[A-Z0-9/:]+(#[A-Z0-9/:])?")

SERIAL_BYTES = 26
"""Five bits of each byte count, written in the alphabet of base 32."""
_MOMENT = 7  # of them tell when: 35 bits of seconds
RANDOM_BYTES = SERIAL_BYTES - _MOMENT
"""The rest: 95 random bits."""

_BASE_32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 8


def _table(worth: list[int]) -> bytes:
    by_letter = bytearray(256)
    for letter, value in zip(_ALPHABET, worth, strict=True):
        by_letter[letter] = value
    return bytes(by_letter)


# Luhn doubles every second character, counted from the check character, and adds the two digits of
# the product in base N. As two translation tables and two sums this costs half a microsecond.
_PLAIN = _table(list(range(_N)))
_DOUBLED = _table([sum(divmod(2 * value, _N)) for value in range(_N)])


def check_character(text: str) -> str:
    """The check character of `text`, which is the whole identifier with its prefix, without the
    `#`.
    """
    backwards = text.encode("ascii")[::-1]
    total = sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2].translate(_PLAIN))
    return chr(_ALPHABET[-total % _N])


def serials(now: int, random: bytes) -> list[bytes]:
    """Serials that begin with the moment, seconds since 1970, one for each `RANDOM_BYTES` of
    `random`.

    So the serials of one time stand together in the index of all identifiers. Otherwise every
    chunk would be entered all over it. The moment gives away no more than the certificate's time
    of issue.
    """
    moment = bytes((now >> shift) & 31 for shift in range(5 * (_MOMENT - 1), -1, -5))
    return [moment + random[at : at + RANDOM_BYTES] for at in range(0, len(random), RANDOM_BYTES)]


def mint(serial: bytes) -> Uvci:
    """The identifier of a new certificate from its serial."""
    if len(serial) != SERIAL_BYTES:
        raise ValueError(f"a serial is {SERIAL_BYTES} bytes")
    bare = _PREFIX + serial.translate(_BASE_32).decode("ascii")
    return Uvci(f"{bare}#{check_character(bare)}")


def is_well_formed(uvci: str) -> bool:
    """Whether the identifier has the form that the guidelines ask for, its check character
    aside.
    """
    return len(uvci) <= 80 and _FORM.fullmatch(uvci) is not None


def has_right_check(uvci: str) -> bool:
    """Whether a well-formed identifier ends in its right check character."""
    bare, mark, character = uvci.rpartition("#")
    return mark == "#" and check_character(bare) == character
