"""People of other countries: not in the registry, they go on by passport number with the data as typed."""

from contracts.events import Person, RegistryPerson
from contracts.words import Grade, Reason
from services.verifier.domain import ids
from services.verifier.domain.findings import absent, attribute, other
from services.verifier.domain.verdict import Verdict

_MISSING = (attribute("passport_number", absent(Reason.ID_MISSING)),)
_FILLER = (attribute("passport_number", other(Reason.ID_IS_FILLER)),)
_TEXT = (attribute("passport_number", other(Reason.ID_IS_TEXT)),)


def is_foreign(person: Person) -> bool:
    """Who gives a personal number is in the registry, whatever nationality was typed."""
    return person.nationality != "VN" and not ids.is_personal(person.passport_number or person.personal_id)


def foreigner(person: Person) -> Verdict:
    """The verdict on who is foreign; always final."""
    passport = person.passport_number or person.personal_id
    if not passport.strip():
        return Verdict(Grade.MISSING_ID, _MISSING, None)
    if not ids.is_passport(passport):
        return Verdict(Grade.ILL_FORMED_ID, _FILLER if ids.is_filler(passport) else _TEXT, None)
    typed = RegistryPerson(
        passport_number=passport,
        full_name=person.full_name,
        date_of_birth=person.date_of_birth,
        sex=person.sex,
        nationality=person.nationality,
    )
    return Verdict(Grade.EXEMPT, (), typed)
