"""A FHIR Immunization as the dose of a row: the texts a clinic would have typed, and whom and where it refers to."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from contracts.dates import VIET_NAM
from contracts.products import PRODUCTS
from services.records.domain.faults import RowError
from services.records.domain.products import read_product
from services.records.domain.vocabulary import KIND_TYPED, read_kind, read_number
from services.records.intake.fhir import codes, row_errors
from services.records.intake.fhir.directory import KEPT, Budget, Directory, Steps, key_of, steps_of
from services.records.intake.fhir.elements import Element, coded, current, element_in, elements_in, modified, text_in, worded
from services.records.intake.fhir.person import Person

_REFUSED = {"not-done": row_errors.NOT_DONE, "entered-in-error": row_errors.ENTERED_IN_ERROR}


class Shot(NamedTuple):
    """The part of a `Raw` that tells of the injection, in its order but for the source id."""

    dose_number: str
    dose_kind: str
    product: str
    lot: str
    date_given: str


class Given(NamedTuple):
    """One Immunization. `patient`: the person where the Immunization contains it, or the key of the Patient."""

    source_id: str
    patient: Person | RowError | str
    places: Steps
    shot: Shot

    @property
    def characters(self) -> int:
        """How much text it holds."""
        person = "" if isinstance(self.patient, RowError) else "".join(self.patient)
        return sum(map(len, (self.source_id, person, *self.shot, *(step.code + step.key for step in self.places))))


def read_immunization(resource: Element, base: str) -> Given | RowError:
    """The dose, or why there is none to record; MisshapenError for an element of another shape. `base`: the server it came from."""
    status = text_in(resource, "status", "")
    if status != "completed":
        return _REFUSED.get(status, row_errors.STATUS_UNKNOWN)
    if modified(resource):
        return row_errors.MODIFIER_UNKNOWN
    if resource.get("isSubpotent") not in (None, False):
        return row_errors.SUBPOTENT
    contained = _contained(resource, base)
    patient = key_of(element_in(resource, "patient", ""), base, "")
    if not patient:
        return row_errors.PATIENT_MISSING
    places = steps_of((*_performers(resource), element_in(resource, "location", "facility_code")), base)
    return Given(
        source_id=_source_id(resource),
        patient=(contained.person(patient) or row_errors.PATIENT_NOT_IN_BUNDLE) if patient.startswith("#") else patient,
        places=contained.outwards(places),
        shot=_shot(resource),
    )


def _contained(resource: Element, base: str) -> Directory:
    found = Directory(Budget())
    for one in elements_in(resource, "contained", ""):
        kind = text_in(one, "resourceType", "")
        if kind in KEPT:
            found.add(one, kind, [f"#{text_in(one, 'id', '')}"], base)
    return found


def _performers(resource: Element) -> Iterator[Element]:
    """Whoever took part in the injection itself."""
    for one in elements_in(resource, "performer", "facility_code"):
        if codes.ORDERED not in coded(element_in(one, "function", "facility_code"), codes.FUNCTION, "facility_code"):
            yield element_in(one, "actor", "facility_code")


def _source_id(resource: Element) -> str:
    """The identifier that the facility gave the dose, or the resource's id; never a fullUrl, which may hold for one bundle only."""
    given = (text_in(one, "value", "source_id") for one in current(resource, "identifier", "source_id"))
    return next(filter(None, given), "") or text_in(resource, "id", "source_id")


def _shot(resource: Element) -> Shot:
    protocol = next(iter(elements_in(resource, "protocolApplied", "dose_number")), {})
    number = text_in(protocol, "doseNumberPositiveInt", "dose_number") or text_in(protocol, "doseNumberString", "dose_number")
    return Shot(
        dose_number=number,
        dose_kind=_kind(protocol, number),
        product=_product(element_in(resource, "vaccineCode", "product")),
        lot=text_in(resource, "lotNumber", "lot"),
        date_given=_day(text_in(resource, "occurrenceDateTime", "date_given") or text_in(resource, "occurrenceString", "date_given")),
    )


def _kind(protocol: Element, number: str) -> str:
    """The series where it is a kind; a dose within those that the series takes is a primary one."""
    series = text_in(protocol, "series", "dose_kind")
    needed = text_in(protocol, "seriesDosesPositiveInt", "dose_kind") or text_in(protocol, "seriesDosesString", "dose_kind")
    dose, doses = read_number(number), read_number(needed)
    if not isinstance(read_kind(series), str) and isinstance(dose, int) and isinstance(doses, int) and dose <= doses:
        return KIND_TYPED["primary"]
    return series


def _product(concept: Element) -> str:
    """The name of the product that is coded, or the text; several that contradict each other are all named, which makes none of them."""
    named = {
        *(codes.PRODUCT_OF_CVX.get(code) for code in coded(concept, codes.CVX, "product")),
        *(codes.PRODUCT_OF_EU.get(code) for code in coded(concept, None, "product")),
    } - {None}
    if named and isinstance(read := read_product(text_in(concept, "text", "product")), str):
        named.add(read)
    names = sorted(PRODUCTS[code].name for code in named if code)
    return " / ".join(names) or next(worded(concept, "product"), "") or next(coded(concept, None, "product"), "")


def _day(written: str) -> str:
    """A moment with its time zone as the day that it was in Viet Nam; anything else as it is."""
    try:
        moment = datetime.fromisoformat(written) if "T" in written else None
        return moment.astimezone(VIET_NAM).date().isoformat() if moment and moment.tzinfo else written
    except (ValueError, OverflowError):
        return written
