"""People of other countries, who are not in the registry.

They go on by their passport number, with the data as typed, if a certificate can hold them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.events import AttributeResult, Person, RegistryPerson
from contracts.identity.comparison import absent, attribute_result, mismatch
from contracts.passports import read_passport
from contracts.words import Grade, Reason
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.id_column import may_be_personal, no_passport
from vietnamese.dates import Precision

_MISSING = (attribute_result("passport_number", absent(Reason.ID_MISSING)),)
_UNREAD_BIRTH: Mapping[Precision, tuple[AttributeResult, ...]] = MappingProxyType(
    {
        "missing": (attribute_result("date_of_birth", absent(Reason.DATE_MISSING)),),
        "impossible": (attribute_result("date_of_birth", mismatch(Reason.DATE_IMPOSSIBLE)),),
    }
)
"""No certificate is made without a birth date.

The year alone, or with the month, will do: some passports have no more.
"""


def is_foreign(person: Person) -> bool:
    """Whether a person is not in the registry.

    Who gives a personal number, its zeros lost or not, is in it, whatever nationality was typed.
    """
    return person.nationality != "VN" and not may_be_personal(
        person.passport_number or person.personal_id
    )


def match_foreigner(person: Person) -> MatchDecision:
    """The decision on a foreigner. It is always final."""
    passport = read_passport(person.passport_number or person.personal_id)
    if not passport:
        return MatchDecision(Grade.MISSING_ID, _MISSING, None)
    if reason := no_passport(passport):
        attribute = attribute_result("passport_number", mismatch(reason))
        return MatchDecision(Grade.ILL_FORMED_ID, (attribute,), None)
    if unread := _UNREAD_BIRTH.get(person.date_precision):
        return MatchDecision(Grade.MISMATCH, unread, None)
    as_typed = RegistryPerson(
        passport_number=passport,
        full_name=person.full_name,
        date_of_birth=person.date_of_birth,
        sex=person.sex,
        nationality=person.nationality,
    )
    return MatchDecision(Grade.EXEMPT, (), as_typed)
