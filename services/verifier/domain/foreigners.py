"""People of other countries: not in the registry, they go on by passport number with the data as
typed, if a certificate can hold them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.events import AttributeResult, Person, RegistryPerson
from contracts.passports import read_passport
from contracts.words import Grade, Reason
from services.verifier.domain import id_column
from services.verifier.domain.comparison import absent, attribute, other
from services.verifier.domain.decision import Verdict
from vietnamese.dates import Precision

_MISSING = (attribute("passport_number", absent(Reason.ID_MISSING)),)
_UNREAD_BIRTH: Mapping[Precision, tuple[AttributeResult, ...]] = MappingProxyType(
    {
        "missing": (attribute("date_of_birth", absent(Reason.DATE_MISSING)),),
        "impossible": (attribute("date_of_birth", other(Reason.DATE_IMPOSSIBLE)),),
    }
)
"""No certificate without a birth date; the year alone, or with the month, will do: some passports
have no more.
"""


def is_foreign(person: Person) -> bool:
    """Who gives a personal number, its zeros lost or not, is in the registry, whatever nationality
    was typed.
    """
    return person.nationality != "VN" and not id_column.may_be_personal(
        person.passport_number or person.personal_id
    )


def foreigner(person: Person) -> Verdict:
    """The verdict on who is foreign; always final."""
    passport = _number(person)
    if not passport:
        return Verdict(Grade.MISSING_ID, _MISSING, None)
    if wrong := id_column.no_passport(passport):
        return Verdict(Grade.ILL_FORMED_ID, (attribute("passport_number", other(wrong)),), None)
    if unread := _UNREAD_BIRTH.get(person.date_precision):
        return Verdict(Grade.MISMATCH, unread, None)
    typed = RegistryPerson(
        passport_number=passport,
        full_name=person.full_name,
        date_of_birth=person.date_of_birth,
        sex=person.sex,
        nationality=person.nationality,
    )
    return Verdict(Grade.EXEMPT, (), typed)


def _number(person: Person) -> str:
    return read_passport(person.passport_number or person.personal_id)
