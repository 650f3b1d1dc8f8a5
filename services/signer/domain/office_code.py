"""Codes that an office gives to a person who stands before it, or sends by post.

With one the passport can be looked up however often others tried.
"""

RANDOM_BYTES = 8
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: none is taken for another one when it is read aloud or typed from paper."""
_LENGTH, _GROUP, _BITS = 12, 4, 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code(random: bytes) -> str:
    """A code of 60 bits as `XXXX-XXXX-XXXX`; `random` are `RANDOM_BYTES` of them."""
    number = int.from_bytes(random, "big")
    letters = "".join(_LETTERS[number >> (_BITS * at) & 31] for at in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def read_code(written: str) -> str:
    """The one form of a code as people type it: capitals without hyphens and blanks."""
    return written.upper().translate(_READ_AS)
