"""Compares two rows under one record code: are they about one injection of one person?

A record code is unique only where its sender keeps it so. Clinics number their rows anew each day,
two systems use one number, some type the patient's number. So what a row says decides.
"""

from enum import Enum
from functools import lru_cache
from itertools import product

from rapidfuzz.distance import DamerauLevenshtein, Levenshtein

from contracts.passports import read_passport
from services.records.domain.dose import ValidDose
from vietnamese.encoded_names import decoded_name
from vietnamese.id_numbers import number_key
from vietnamese.normalize import fold

_LONGEST_NAME_SLIP, _LONGEST_WORD_SLIP, _LONGEST_NUMBER_SLIP = 2, 1, 2
"""Edits by which one thing is still the same typed wrong (assumed)."""
_WHOLE = "day"
_PERSONAL = 12  # digits


class Relation(Enum):
    """How a row relates to the dose on record under its code."""

    SAME = "the same injection, or a correction of it"
    ANOTHER_INJECTION = "of the same person, on another day and under another dose number"
    ANOTHER_PERSON = "of somebody else"


class Likeness(Enum):
    """How one attribute compares between two typed people."""

    AGREES = "the same, or a slip away"
    SILENT = "one of them says nothing, or too little"
    DIFFERS = "not the same"


def relation(record: ValidDose, row: ValidDose, *, verified: bool) -> Relation:
    """Decides how `row` relates to `record`.

    `verified`: whether the registry confirmed the recorded person, or may do so yet.

    Two attributes that differ make another person. So does a different name alone, where nothing
    agrees. Of namesakes with one birth date the number decides. A number that was refused does not
    count: corrections correct it. On another day one difference is enough, where nothing speaks for
    the same person.
    """
    name = _names(record.full_name, row.full_name)
    birth = _births(record, row)
    number = _numbers(record, row)
    attributes = (name, birth, number)
    differing = attributes.count(Likeness.DIFFERS)
    another_day = record.date_given != row.date_given
    if number is Likeness.DIFFERS and verified and _is_personal(record) and _is_personal(row):
        return Relation.ANOTHER_PERSON
    if name is birth is Likeness.AGREES or (number is Likeness.AGREES and differing <= 1):
        return _of_one_person(record, row)
    alone = name is Likeness.DIFFERS and Likeness.AGREES not in attributes
    if differing > 1 or alone or (differing and another_day):
        return Relation.ANOTHER_PERSON
    return _of_one_person(record, row)


def _of_one_person(record: ValidDose, row: ValidDose) -> Relation:
    moved = record.date_given != row.date_given and record.dose_number != row.dose_number
    return Relation.ANOTHER_INJECTION if moved else Relation.SAME


@lru_cache(maxsize=4_096)
def _names(first: str, second: str) -> Likeness:
    first_forms, second_forms = ({name, decoded_name(name) or name} for name in (first, second))
    alike = any(_alike(*names) for names in product(first_forms, second_forms))
    return Likeness.AGREES if alike else Likeness.DIFFERS


def _alike(first: str, second: str) -> bool:
    """Whether two names may be of one person: without accents, in any order, middle names left out,
    one slip.
    """
    first_words, second_words = fold(first).split(), fold(second).split()
    if not first_words or not second_words:
        return first == second
    shorter, longer = sorted((first_words, second_words), key=len)
    # a name of one word is part of too many
    if sorted(first_words) == sorted(second_words) or (
        len(shorter) > 1 and set(shorter) <= set(longer)
    ):
        return True
    given_names = Levenshtein.distance(first_words[-1], second_words[-1])
    whole = Levenshtein.distance(" ".join(first_words), " ".join(second_words))
    return whole <= _LONGEST_NAME_SLIP and given_names <= _LONGEST_WORD_SLIP


def _births(record: ValidDose, row: ValidDose) -> Likeness:
    first, second = record.date_of_birth, row.date_of_birth
    precisions = {record.date_precision, row.date_precision}
    if precisions & {"missing", "impossible"}:
        return Likeness.SILENT
    if precisions != {_WHOLE}:
        # many share a year: it speaks against, never for
        return Likeness.SILENT if first[:4] == second[:4] else Likeness.DIFFERS
    swapped = f"{second[:4]}-{second[8:]}-{second[5:7]}"
    digits = sum(mine != theirs for mine, theirs in zip(first, second, strict=True))
    return Likeness.AGREES if first == swapped or digits <= 1 else Likeness.DIFFERS


def _numbers(record: ValidDose, row: ValidDose) -> Likeness:
    first, second = _number_of(record), _number_of(row)
    if not first or not second:
        return Likeness.SILENT
    if first == second:
        return Likeness.AGREES
    # the old card's number says nothing of the new one's
    if len(first) != len(second):
        return Likeness.SILENT
    near = DamerauLevenshtein.distance(first, second) <= _LONGEST_NUMBER_SLIP
    return Likeness.AGREES if near else Likeness.DIFFERS


def _number_of(dose: ValidDose) -> str:
    passport = read_passport(dose.passport_number)
    return number_key(dose.personal_id) or (f"{dose.nationality}{passport}" if passport else "")


def _is_personal(dose: ValidDose) -> bool:
    return len(number_key(dose.personal_id)) == _PERSONAL
