"""Whether two rows under one record code are about one injection of one person, as far as they say.

A record code is unique only where its sender keeps it so: clinics number their rows anew each day,
two systems use one number, some type the patient's number. What a row says decides.
"""

from enum import Enum
from functools import lru_cache

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
    """What a row is to the dose on record under its code."""

    SAME = "the same injection, or a correction of it"
    ANOTHER_INJECTION = "of the same person, on another day and under another dose number"
    ANOTHER_PERSON = "of somebody else"


class Agreement(Enum):
    """How one attribute of two typed people compares."""

    AGREES = "the same, or a slip away"
    SILENT = "one of them says nothing, or too little"
    DIFFERS = "not the same"


def relation(record: ValidDose, row: ValidDose, *, verified: bool) -> Relation:
    """What `row` is to `record`; `verified`: whether its person was found in the registry, or may
    be yet.

    Two attributes that differ make another person; so does the name alone, where nothing agrees. Of
    namesakes of one birth date the number decides, but only a number that was not refused: a
    refused one is what corrections correct. On another day one difference is enough, where nothing
    speaks for the same person.
    """
    name = _names(record.full_name, row.full_name)
    birth = _births(record, row)
    number = _numbers(record, row)
    attributes = (name, birth, number)
    differing = attributes.count(Agreement.DIFFERS)
    another_day = record.date_given != row.date_given
    if number is Agreement.DIFFERS and verified and _is_personal(record) and _is_personal(row):
        return Relation.ANOTHER_PERSON
    if name is birth is Agreement.AGREES or (number is Agreement.AGREES and differing <= 1):
        return _of_one_person(record, row)
    alone = name is Agreement.DIFFERS and Agreement.AGREES not in attributes
    if differing > 1 or alone or (differing and another_day):
        return Relation.ANOTHER_PERSON
    return _of_one_person(record, row)


def _of_one_person(record: ValidDose, row: ValidDose) -> Relation:
    moved = record.date_given != row.date_given and record.dose_number != row.dose_number
    return Relation.ANOTHER_INJECTION if moved else Relation.SAME


@lru_cache(maxsize=4_096)
def _names(one: str, other: str) -> Agreement:
    forms = [{name, decoded_name(name) or name} for name in (one, other)]
    alike = any(_alike(first, second) for first in forms[0] for second in forms[1])
    return Agreement.AGREES if alike else Agreement.DIFFERS


def _alike(one: str, other: str) -> bool:
    """Whether two names may be of one person: accents, order and middle names left out, one
    slip.
    """
    first, second = fold(one).split(), fold(other).split()
    if not first or not second:
        return one == other
    shorter, longer = sorted((first, second), key=len)
    # a name of one word is part of too many
    if sorted(first) == sorted(second) or (len(shorter) > 1 and set(shorter) <= set(longer)):
        return True
    given_names = Levenshtein.distance(first[-1], second[-1])
    whole = Levenshtein.distance(" ".join(first), " ".join(second))
    return whole <= _LONGEST_NAME_SLIP and given_names <= _LONGEST_WORD_SLIP


def _births(record: ValidDose, row: ValidDose) -> Agreement:
    one, other = record.date_of_birth, row.date_of_birth
    precisions = {record.date_precision, row.date_precision}
    if precisions & {"missing", "impossible"}:
        return Agreement.SILENT
    if precisions != {_WHOLE}:
        # many share a year: it speaks against, never for
        return Agreement.SILENT if one[:4] == other[:4] else Agreement.DIFFERS
    swapped = f"{other[:4]}-{other[8:]}-{other[5:7]}"
    digits = sum(mine != theirs for mine, theirs in zip(one, other, strict=True))
    return Agreement.AGREES if one == swapped or digits <= 1 else Agreement.DIFFERS


def _numbers(record: ValidDose, row: ValidDose) -> Agreement:
    one, other = _number_of(record), _number_of(row)
    if not one or not other:
        return Agreement.SILENT
    if one == other:
        return Agreement.AGREES
    # the old card's number says nothing of the new one's
    if len(one) != len(other):
        return Agreement.SILENT
    near = DamerauLevenshtein.distance(one, other) <= _LONGEST_NUMBER_SLIP
    return Agreement.AGREES if near else Agreement.DIFFERS


def _number_of(dose: ValidDose) -> str:
    passport = read_passport(dose.passport_number)
    return number_key(dose.personal_id) or (f"{dose.nationality}{passport}" if passport else "")


def _is_personal(dose: ValidDose) -> bool:
    return len(number_key(dose.personal_id)) == _PERSONAL
