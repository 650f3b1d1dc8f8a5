"""Whether the details of a look-up are those of a certificate's person: every one must match."""

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


def same_person(details: LookupDetails, person: CertifiedPerson) -> bool:
    """Whether name (in any spelling of the same), birth date, sex and the date of the last dose are
    all the same.
    """
    return (
        same_name_and_birth(details, person)
        and details.sex == person.sex
        and details.last_dose == person.last_dose
    )


def same_name_and_birth(details: LookupDetails, person: CertifiedPerson) -> bool:
    """Whether name (in any spelling of the same) and birth date are the same."""
    return (
        name_key(details.full_name) == name_key(person.full_name)
        and birth_key(details.date_of_birth) == person.date_of_birth
    )


def name_key(name: str) -> str:
    """A key that is equal for two spellings of one name.

    Case, spacing, Unicode form, apostrophes and the place of a tone mark make no difference.
    """
    return " ".join(filter(None, map(strict_word, name.split())))


def birth_key(written: str) -> str:
    """The ISO form of a day, month or year, in any way that files have it; the text itself where it
    is none.
    """
    text = written.strip()
    birth = read_birth(text)
    return birth.text if birth else text
