"""Whether the details of a look-up are those of a certificate's person.

They are compared as the verifier compares a dose with the registry. But the signer cannot ask the
registry who else fits. So a slip counts only where what was typed is nobody else's whole name or
date: no twin's tone, and no namesake's year.
"""

from datetime import date
from typing import NamedTuple

from contracts.events import Sex
from contracts.identity.compare_births import compare_births
from contracts.identity.compare_names import compare_names
from contracts.identity.comparison import MATCH, Comparison, partial
from contracts.identity.known_person import BIRTH_OF_NOBODY_ELSE, NAME_OF_NOBODY_ELSE
from contracts.identity.policy import classify
from contracts.words import Reason
from vietnamese.dates import read_birth
from vietnamese.syllables import strict_word


class LookupDetails(NamedTuple):
    """What somebody typed on the look-up page; the ID finds the certificates, so it is not here."""

    full_name: str
    date_of_birth: str
    sex: Sex
    last_dose: date


class CertifiedPerson(NamedTuple):
    """What the certificates of that ID say.

    `number`: how the typed number compares; None where it is a foreigner's passport.
    """

    full_name: str
    date_of_birth: str
    sex: str | None
    last_dose: date
    number: Comparison | None = MATCH


_CARD = 9  # digits of an old card's number
_OLD_CARD, _SUPERSEDED = partial(Reason.OLD_ID), partial(Reason.SUPERSEDED_ID)


def same_person(details: LookupDetails, person: CertifiedPerson) -> bool:
    """Whether this is the person, with sex and the date of the last dose exactly the same."""
    return (
        same_name_and_birth(details, person)
        and details.sex == person.sex
        and details.last_dose == person.last_dose
    )


def same_name_and_birth(details: LookupDetails, person: CertifiedPerson) -> bool:
    """Whether name and birth date are the person's, or a slip that is nobody else's."""
    if person.number is None:
        # no registry knows a foreigner, so no slip of theirs is repaired
        return (
            name_key(details.full_name) == name_key(person.full_name)
            and birth_key(details.date_of_birth) == person.date_of_birth
        )
    birth = read_birth(details.date_of_birth.strip())
    if birth is None:
        return False
    by_name = compare_names(details.full_name.strip(), person.full_name)
    by_birth = compare_births(birth.text, birth.precision, person.date_of_birth)
    return (
        by_name in NAME_OF_NOBODY_ELSE
        and by_birth in BIRTH_OF_NOBODY_ELSE
        and classify((person.number, by_name, by_birth, MATCH)).rule is not None
    )


def number_before(number: str) -> Comparison:
    """How a number that somebody had before compares with the present one."""
    return _OLD_CARD if len(number) == _CARD else _SUPERSEDED


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
