"""Whether a row says what a dose on record holds, in a form that a program made of it."""

from services.records.domain.cell_forms import is_form_of_code
from services.records.domain.dose import Dose
from services.records.domain.encoded_names import decoded_name

_MAY_BE_CUT = frozenset({"source_id", "personal_id", "passport_number", "phone", "lot"})
"""Fields that a spreadsheet takes for a number or a date: zeros in front are lost, or it is written as 7.9E+10."""
_NOT_COMPARED = frozenset({"content"})


def says_the_same(row: Dose, record: Dose) -> bool:
    """Whether nothing but the form of its numbers and its name tells the row from the record."""
    if row.content == record.content:
        return True
    for field, new, old in zip(Dose._fields, row, record, strict=True):
        if new == old or field in _NOT_COMPARED:
            continue
        if field == "full_name" and is_encoded(str(new), str(old)):
            continue
        if field not in _MAY_BE_CUT or not is_form_of_code(str(new), str(old)):
            return False
    return True


def is_encoded(new: str, old: str) -> bool:
    """Whether `new` is the name `old` in an old encoding, which may lose capitals; never the reverse."""
    name = decoded_name(new)
    return name is not None and name.casefold() == old.casefold()
