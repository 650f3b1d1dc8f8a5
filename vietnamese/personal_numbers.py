"""Personal numbers: the twelve digits of a CCCD, and what they say of their holder.

Three digits name the province of birth registration, one the sex and century, two the year.
"""

from typing import Literal

from vietnamese.provinces import PROVINCES

LENGTH = 12
PREFIXES = frozenset(f"0{code}" for code in PROVINCES)
"""The first three digits: the code of the birth province at three digits."""


def is_personal(number: str) -> bool:
    """Whether this is a personal number: 12 digits of a known province."""
    return (
        len(number) == LENGTH and number.isascii() and number.isdigit() and number[:3] in PREFIXES
    )


def sex_of(number: str) -> Literal["male", "female"]:
    """The sex that a personal number carries."""
    return "female" if int(number[3]) % 2 else "male"


def year_of(number: str) -> str:
    """The birth year that a personal number carries."""
    return f"{19 + int(number[3]) // 2}{number[4:6]}"
