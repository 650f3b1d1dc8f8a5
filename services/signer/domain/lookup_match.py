"""Whether what somebody typed is the person of a certificate: every one of the asked facts must
match.
"""

from datetime import date
from typing import NamedTuple

from vietnamese.dates import read_birth
from vietnamese.syllables import strict_word


class LookupDetails(NamedTuple):
    """What somebody typed on the look-up page; the ID finds the certificates, so it is not here."""

    full_name: str
    date_of_birth: str
    sex: str
    last_dose: date


class CertifiedPerson(NamedTuple):
    """What the certificates of that ID say."""

    full_name: str
    date_of_birth: str
    sex: str | None
    last_dose: date


def same_person(asked: LookupDetails, known: CertifiedPerson) -> bool:
    """Whether name (in any spelling of the same), birth date, sex and the date of the last dose are
    all the same.
    """
    return (
        same_name_and_birth(asked, known)
        and asked.sex == known.sex
        and asked.last_dose == known.last_dose
    )


def same_name_and_birth(asked: LookupDetails, known: CertifiedPerson) -> bool:
    """Whether name (in any spelling of the same) and birth date are the same."""
    return (
        name_key(asked.full_name) == name_key(known.full_name)
        and birth_key(asked.date_of_birth) == known.date_of_birth
    )


def name_key(name: str) -> str:
    """What is equal for two spellings of one name: case, spacing, Unicode form, apostrophes and
    where a tone stands make no difference.
    """
    return " ".join(filter(None, map(strict_word, name.split())))


def birth_key(typed: str) -> str:
    """The ISO form of a typed day, month or year, in any way that files have it; the text itself
    where it is none.
    """
    text = typed.strip()
    found = read_birth(text)
    return found.text if found else text
