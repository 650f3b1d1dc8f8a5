"""ID numbers as they are typed: nine digits on an old card, twelve on a new one."""

import re

_NO_DIGITS = re.compile("[^0-9]+")
_NUMBER = re.compile("[0-9]{9}|[0-9]{11,12}")
_FILLER = re.compile(r"(.)\1*")


def number_key(personal_id: str) -> str:
    """The digits of a typed ID, one lost zero put back.

    Empty where it has not an ID's length, or is a filler such as 000000000000.
    """
    digits = _NO_DIGITS.sub("", personal_id)
    if not _NUMBER.fullmatch(digits) or _FILLER.fullmatch(digits):
        return ""
    return digits if len(digits) == 9 else digits.zfill(12)
