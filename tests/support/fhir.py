"""FHIR bundles as a hospital's system would send them: Immunizations and Patients by the profiles
of VN Core.
"""

import json
from collections.abc import Iterable
from typing import Any

from services.records.domain.dose import Raw
from services.records.uploads.formats.fhir import codes

FHIR = "application/fhir+json"
AREAS = {"state": "province_code", "district": "district_code", "ward": "commune_code"}

Resource = dict[str, Any]


def patient(raw: Raw, /, **changed: Any) -> Resource:
    """The person of a row; `changed`: elements in place of these, None for none."""
    parts = [
        {"url": url, "valueCodeableConcept": {"coding": [{"code": getattr(raw, field)}]}}
        for url, field in AREAS.items()
    ]
    return _made(
        {
            "resourceType": "Patient",
            "id": f"p-{raw.source_id}",
            "extension": [
                {
                    "url": codes.NATIONALITY,
                    "valueCodeableConcept": {"coding": [{"code": raw.nationality}]},
                }
            ],
            "identifier": [{"use": "official", "system": codes.CCCD, "value": raw.personal_id}],
            "name": [{"use": "official", "text": raw.full_name}],
            "telecom": [{"system": "phone", "value": raw.phone}],
            "gender": raw.sex,
            "birthDate": raw.date_of_birth,
            "address": [
                {
                    "use": "home",
                    "text": "…",
                    "extension": [{"url": codes.AREAS, "extension": parts}],
                }
            ],
        },
        changed,
    )


def immunization(raw: Raw, reference: str, /, **changed: Any) -> Resource:
    """The injection of a row, of the Patient referred to."""
    return _made(
        {
            "resourceType": "Immunization",
            "id": f"i-{raw.source_id}",
            "identifier": [{"value": raw.source_id}],
            "status": "completed",
            "vaccineCode": {"text": raw.product},
            "patient": {"reference": reference},
            "occurrenceDateTime": raw.date_given,
            "lotNumber": raw.lot,
            "performer": [
                {"actor": {"identifier": {"system": codes.FACILITY, "value": raw.facility_code}}}
            ],
            "protocolApplied": [
                {"series": raw.dose_kind, "doseNumberPositiveInt": int(raw.dose_number)}
            ],
        },
        changed,
    )


def entry(resource: Resource, full_url: str | None = None) -> Resource:
    """An entry of a bundle."""
    return (
        {"resource": resource} if full_url is None else {"fullUrl": full_url, "resource": resource}
    )


def posted(resource: Resource, full_url: str | None = None, **request: str) -> Resource:
    """An entry of a transaction that asks a server to create the resource."""
    return {
        **entry(resource, full_url),
        "request": {"method": "POST", "url": resource["resourceType"], **request},
    }


def put(resource: Resource, url: str) -> Resource:
    """An entry of a transaction that asks a server to keep the resource at `url`."""
    return {**entry(resource), "request": {"method": "PUT", "url": url}}


def entries_of(raw: Raw) -> list[Resource]:
    """A row as two entries: its Patient, and its Immunization that refers to it."""
    return [entry(patient(raw)), entry(immunization(raw, f"Patient/p-{raw.source_id}"))]


def bundle(entries: Iterable[Any], kind: Any = "collection") -> bytes:
    """A bundle of entries."""
    return json.dumps(
        {"resourceType": "Bundle", "type": kind, "entry": list(entries)}, ensure_ascii=False
    ).encode()


def _made(elements: Resource, changed: Resource) -> Resource:
    return {name: value for name, value in (elements | changed).items() if value is not None}


FACILITY = {"identifier": [{"system": codes.FACILITY, "value": "68001"}]}
"""What a facility is known by."""


def place(kind: str, name: str, **elements: Any) -> dict[str, Any]:
    """A resource behind a facility: an Organization, a Location, a PractitionerRole."""
    return {"resourceType": kind, "id": name, **elements}
