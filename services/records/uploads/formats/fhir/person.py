"""Reads a Patient as the person of a row, as a clinic would type it.

It also finds why people must decide.
"""

from typing import NamedTuple

from contracts.words import Doubt
from services.records.domain.row_error import RowError
from services.records.uploads.formats.fhir import codes, entry_errors
from services.records.uploads.formats.fhir.current import current, identifier
from services.records.uploads.formats.fhir.elements import (
    Element,
    Reader,
    coded,
    element_in,
    elements_in,
    flag_in,
    modified,
    read_each,
    text_in,
    texts_in,
    worded,
)


class Person(NamedTuple):
    """The fields of a `Raw` about the person, in its order."""

    full_name: str = ""
    date_of_birth: str = ""
    sex: str = ""
    personal_id: str = ""
    passport_number: str = ""
    phone: str = ""
    nationality: str = ""
    province_code: str = ""
    district_code: str = ""
    commune_code: str = ""


class Patient(NamedTuple):
    """The person whom a Patient describes.

    `errors`: why a dose of theirs cannot be taken. `doubts`: why people must decide on it.
    """

    person: Person = Person()
    errors: tuple[RowError, ...] = ()
    doubts: tuple[str, ...] = ()
    warnings: tuple[RowError, ...] = ()

    def and_also(self, other: "Patient") -> "Patient":
        """Two Patients under one key: the same person with all doubts, or none."""
        if self == other:
            return self
        if self[:2] != other[:2]:
            return AMBIGUOUS
        doubts = tuple(sorted({*self.doubts, *other.doubts}))
        return self._replace(doubts=doubts, warnings=self.warnings or other.warnings)

    def contradicts(self, other: "Patient") -> bool:
        """Whether the other is surely somebody else, by name and birth date."""
        return not self.errors and not other.errors and self.person[:2] != other.person[:2]


AMBIGUOUS = Patient(errors=(entry_errors.PATIENT_AMBIGUOUS,))
NOT_IN_BUNDLE = Patient(errors=(entry_errors.PATIENT_NOT_IN_BUNDLE,))


def read_patient(patient: Element, today: str) -> Patient:
    """Reads the person, and an error for each element of another shape.

    `today`: the day in Viet Nam, ISO.
    """
    if modified(patient):
        return Patient(errors=(entry_errors.MODIFIER_UNKNOWN,))
    (*texts, areas, doubts), errors = read_each(_READERS, patient, today)
    person = Person(*texts, *areas)
    if person.sex == "other":
        return Patient(person._replace(sex=""), errors, doubts, (entry_errors.SEX_NOT_COMPARED,))
    return Patient(person, errors, doubts)


def _name(patient: Element, today: str) -> str:
    """The name as written, or put together in the order of Viet Nam: family, middle, given."""
    for name in current(patient, "name", "full_name", today):
        parts = [text_in(name, "family", "full_name"), *texts_in(name, "given", "full_name")]
        if written := text_in(name, "text", "full_name") or " ".join(parts).strip():
            return written
    return ""


def _birth(patient: Element, today: str) -> str:
    return text_in(patient, "birthDate", "date_of_birth")


def _sex(patient: Element, today: str) -> str:
    sex = text_in(patient, "gender", "sex")
    return "" if sex == "unknown" else sex


def _personal_id(patient: Element, today: str) -> str:
    return identifier(patient, (codes.CCCD, codes.CMND), codes.NATIONAL_TYPE, "personal_id", today)


def _passport(patient: Element, today: str) -> str:
    return identifier(patient, (codes.PASSPORT,), codes.PASSPORT_TYPE, "passport_number", today)


def _phone(patient: Element, today: str) -> str:
    phones = (
        contact
        for contact in current(patient, "telecom", "phone", today)
        if text_in(contact, "system", "phone") == "phone"
    )
    return next(filter(None, (text_in(contact, "value", "phone") for contact in phones)), "")


def _nationality(patient: Element, today: str) -> str:
    for extension in elements_in(patient, "extension", "nationality"):
        url = text_in(extension, "url", "nationality")
        holders = {
            codes.NATIONALITY: [extension],
            codes.NATIONALITY_OF_FHIR: elements_in(extension, "extension", "nationality"),
        }
        for holder in holders.get(url, ()):
            concept = element_in(holder, "valueCodeableConcept", "nationality")
            for written in (*coded(concept, None, "nationality"), *worded(concept, "nationality")):
                return written
    return ""


def _areas(patient: Element, today: str) -> tuple[str, str, str]:
    """The codes of the residence.

    A city is equal to a province or part of one: the length of its code (2 or 3 digits) tells.
    """
    parts: dict[str, str] = {}
    for address in current(patient, "address", "commune_code", today)[:1]:
        for extension in elements_in(address, "extension", "commune_code"):
            if text_in(extension, "url", "commune_code") == codes.AREAS:
                for part in elements_in(extension, "extension", "commune_code"):
                    concept = element_in(part, "valueCodeableConcept", "commune_code")
                    parts[text_in(part, "url", "commune_code")] = next(
                        coded(concept, None, "commune_code"), ""
                    )
    city = parts.get("city", "")
    province = parts.get("state") or (city if len(city) <= 2 else "")
    return province, parts.get("district") or (city if len(city) > 2 else ""), parts.get("ward", "")


def _doubts(patient: Element, today: str) -> tuple[str, ...]:
    """Doubts about somebody who has died, or whose record is not the one in use.

    FHIR forbids to ignore `deceased`, `active` and `link`: each may change a record's meaning.
    """
    died = flag_in(patient, "deceasedBoolean", "") or text_in(patient, "deceasedDateTime", "")
    replaced = flag_in(patient, "active", "") is False
    for link in elements_in(patient, "link", ""):
        replaced = replaced or text_in(link, "type", "") == "replaced-by"
    if not died and not replaced:
        return ()
    doubts = (died and Doubt.PATIENT_DECEASED, replaced and Doubt.PATIENT_REPLACED)
    return tuple(str(doubt) for doubt in doubts if doubt)


_READERS: tuple[Reader, ...] = (
    (_name, ""),
    (_birth, ""),
    (_sex, ""),
    (_personal_id, ""),
    (_passport, ""),
    (_phone, ""),
    (_nationality, ""),
    (_areas, ("", "", "")),
    (_doubts, ()),
)
"""In the order of `Person`."""
