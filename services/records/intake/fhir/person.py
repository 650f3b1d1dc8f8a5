"""A FHIR Patient as the person of a row: the texts a clinic would have typed."""

from typing import NamedTuple

from services.records.intake.fhir import codes
from services.records.intake.fhir.elements import Element, coded, current, element_in, elements_in, identifier, text_in, texts_in, worded


class Person(NamedTuple):
    """The part of a `Raw` that tells of the person, in its order."""

    full_name: str
    date_of_birth: str
    sex: str
    personal_id: str
    passport_number: str
    phone: str
    nationality: str
    province_code: str
    district_code: str
    commune_code: str


def read_person(patient: Element) -> Person:
    """The person; MisshapenError for an element of another shape."""
    sex = text_in(patient, "gender", "sex")
    return Person(
        full_name=_name(patient),
        date_of_birth=text_in(patient, "birthDate", "date_of_birth"),
        sex="" if sex == "unknown" else sex,
        personal_id=identifier(patient, (codes.CCCD, codes.CMND), codes.NATIONAL_TYPE, "personal_id"),
        passport_number=identifier(patient, (codes.PASSPORT,), codes.PASSPORT_TYPE, "passport_number"),
        phone=_phone(patient),
        nationality=_nationality(patient),
        **_areas(patient),
    )


def _name(patient: Element) -> str:
    """The name as written, or put together in the order of Viet Nam: family, middle and given names."""
    for name in current(patient, "name", "full_name"):
        parts = [text_in(name, "family", "full_name"), *texts_in(name, "given", "full_name")]
        if written := text_in(name, "text", "full_name") or " ".join(parts).strip():
            return written
    return ""


def _phone(patient: Element) -> str:
    phones = (one for one in current(patient, "telecom", "phone") if text_in(one, "system", "phone") == "phone")
    return next(filter(None, (text_in(one, "value", "phone") for one in phones)), "")


def _nationality(patient: Element) -> str:
    for extension in elements_in(patient, "extension", "nationality"):
        url = text_in(extension, "url", "nationality")
        holders = {codes.NATIONALITY: [extension], codes.NATIONALITY_OF_FHIR: elements_in(extension, "extension", "nationality")}
        for holder in holders.get(url, ()):
            concept = element_in(holder, "valueCodeableConcept", "nationality")
            for told in (*coded(concept, None, "nationality"), *worded(concept, "nationality")):
                return told
    return ""


def _areas(patient: Element) -> dict[str, str]:
    """The codes of the residence. A city is a province's equal or a part of one: the length of its code tells (2 or 3 digits)."""
    told: dict[str, str] = {}
    for address in current(patient, "address", "commune_code")[:1]:
        for extension in elements_in(address, "extension", "commune_code"):
            if text_in(extension, "url", "commune_code") == codes.AREAS:
                for part in elements_in(extension, "extension", "commune_code"):
                    concept = element_in(part, "valueCodeableConcept", "commune_code")
                    told[text_in(part, "url", "commune_code")] = next(coded(concept, None, "commune_code"), "")
    city = told.get("city", "")
    return {
        "province_code": told.get("state") or (city if len(city) <= 2 else ""),
        "district_code": told.get("district") or (city if len(city) > 2 else ""),
        "commune_code": told.get("ward", ""),
    }
