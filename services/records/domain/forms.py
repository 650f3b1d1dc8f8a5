"""Whether a row says what a dose on record holds, in a form that a program made of it."""

import re

from services.records.domain.dose import Dose
from services.records.domain.encoded_names import decoded_name

_MAY_BE_CUT = frozenset({"source_id", "personal_id", "passport_number", "phone", "lot"})
"""Fields of digits that a spreadsheet takes for a number: zeros in front are lost, or it is written as 7.9E+10."""
_NOT_COMPARED = frozenset({"content"})
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})")


def says_the_same(row: Dose, record: Dose) -> bool:
    """Whether nothing but the form of its numbers and its name tells the row from the record."""
    if row.content == record.content:
        return True
    for field, new, old in zip(Dose._fields, row, record, strict=True):
        if new == old or field in _NOT_COMPARED:
            continue
        if field == "full_name" and is_encoded(str(new), str(old)):
            continue
        if field not in _MAY_BE_CUT or not is_cut(str(new), str(old)):
            return False
    return True


def is_encoded(new: str, old: str) -> bool:
    """Whether `new` is the name `old` in an old encoding, which may lose capitals; never the reverse."""
    name = decoded_name(new)
    return name is not None and name.casefold() == old.casefold()


def is_cut(new: str, old: str) -> bool:
    """Whether `new` is what a spreadsheet leaves of the digits `old`; never the other way round."""
    if not (old.isascii() and old.isdigit()):
        return False
    if new.isascii() and new.isdigit():
        return len(new) < len(old) and new == old.lstrip("0")
    return _rounds(new, old.lstrip("0"))


def _rounds(scientific: str, digits: str) -> bool:
    """Whether `7.90851E+10` may have been `79085100044`: the last digit that is written may be rounded."""
    parts = _SCIENTIFIC.fullmatch(scientific)
    if parts is None:
        return False
    written = parts[1] + (parts[2] or "")
    lost = int(parts[3]) - len(written) + 1
    if lost < 0:
        return False
    unit: int = 10**lost
    return abs(int(written) * unit - int(digits or "0")) * 2 <= unit
