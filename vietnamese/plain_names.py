"""What namesakes share: the name without accents and in any order, with the birth date."""

from typing import Final
from unicodedata import normalize

_LONGEST: Final = 200
"""Characters of a name that are read: marks may be so many that sorting them takes hours."""
_SMALL = bytes(ord(chr(byte).lower()) for byte in range(128)) + bytes(128)
_WITHIN_WORDS = b"'`.,-\"*()"


def plain_name(full_name: str) -> str:
    """The words of a name without accents, in their alphabetical order; empty where no letter is
    Latin.
    """
    # made for every dose, so of bytes: a cache of words, or `fold`, takes three times as long
    bare = normalize("NFKD", full_name[:_LONGEST].replace("đ", "d").replace("Đ", "d"))
    words = bare.encode("ascii", "ignore").translate(_SMALL, _WITHIN_WORDS).split()
    words.sort()
    return b" ".join(words).decode()


def namesake(full_name: str, date_of_birth: str) -> str:
    """The text whose blind index doses of namesakes with one birth date share.

    `date_of_birth`: as it is recorded, yyyy-mm-dd, yyyy-mm or yyyy.
    """
    return f"{plain_name(full_name)}|{date_of_birth}"
