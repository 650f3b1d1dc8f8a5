"""Decides whether a row says what a dose on record says, only in a form that a program made."""

from collections.abc import Collection

from services.records.domain.dose import Raw, ValidDose
from services.records.domain.field_parsers import kind_of, sex_of
from services.records.domain.spreadsheet_forms import is_form_of_code
from vietnamese.countries import country_of
from vietnamese.encoded_names import decoded_name
from vietnamese.encodings import Encoding, whole_readings
from vietnamese.old_encodings import encodings_of_word

_MAY_BE_CUT = frozenset({"source_id", "personal_id", "passport_number", "phone", "lot"})
"""Fields that a spreadsheet takes for a number or a date: zeros in front are lost, or it is written
as 7.9E+10.
"""
_NOT_COMPARED = frozenset({"content"})


def encodings_of(raw: Raw) -> frozenset[Encoding]:
    """The old encodings in which a row is typed, as its words of closed vocabularies show.

    Most rows have none.
    """
    words = ((raw.sex, sex_of), (raw.dose_kind, kind_of), (raw.nationality, country_of))
    return frozenset(
        encoding for text, look_up in words for encoding in encodings_of_word(text, look_up)
    )


def says_the_same(row: ValidDose, record: ValidDose, encodings: Collection[Encoding] = ()) -> bool:
    """Whether row and record differ in nothing but the form of numbers and the name.

    `encodings`: those in which the row is typed, so that its name may be too.
    """
    if row.content == record.content:
        return True
    for field, new, old in zip(ValidDose._fields, row, record, strict=True):
        if new == old or field in _NOT_COMPARED:
            continue
        if field == "full_name" and is_encoded(str(new), str(old), encodings):
            continue
        if field not in _MAY_BE_CUT or not is_form_of_code(str(new), str(old)):
            return False
    return True


def is_encoded(new: str, old: str, encodings: Collection[Encoding] = ()) -> bool:
    """Whether `new` is the name `old` in an old encoding, which may lose capitals.

    The reverse never counts.
    """
    recorded = _tidy(old)
    readings = whole_readings(" ".join(new.split())) if encodings else ()
    if any(encoding in encodings and _tidy(reading) == recorded for encoding, reading in readings):
        return True
    name = decoded_name(new)
    return name is not None and _tidy(name) == recorded


def _tidy(name: str) -> str:
    return " ".join(name.split()).casefold()
