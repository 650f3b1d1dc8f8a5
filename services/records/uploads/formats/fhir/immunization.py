"""Reads an Immunization as the dose of a row: as a clinic would type it, with its references."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from contracts.products import PRODUCTS
from contracts.words import Doubt
from services.records.domain.field_parsers import (
    KIND_TYPED,
    read_day,
    read_kind,
    read_number,
    read_product,
)
from services.records.domain.row_error import RowError
from services.records.uploads.formats.fhir import codes, entry_errors
from services.records.uploads.formats.fhir.directory import KEPT, Budget, Directory
from services.records.uploads.formats.fhir.elements import (
    Element,
    Reader,
    UnreadError,
    coded,
    element_in,
    elements_in,
    flag_in,
    modified,
    read_each,
    text_in,
    worded,
)
from services.records.uploads.formats.fhir.person import NOT_IN_BUNDLE, Patient
from services.records.uploads.formats.fhir.record_code import FhirRecordCode, Request, record_code
from services.records.uploads.formats.fhir.references import (
    FACILITY,
    Key,
    ReferenceToken,
    Steps,
    UnsupportedSearchError,
    keys_of,
    steps_of,
)

_REFUSED = {"not-done": entry_errors.NOT_DONE, "entered-in-error": entry_errors.ENTERED_IN_ERROR}
_EMPTY = Directory(Budget(), "")  # nothing is ever added
_YEAR_OR_MONTH = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")


class Shot(NamedTuple):
    """The fields of a `Raw` about the injection, in its order, without the source id."""

    dose_number: str
    dose_kind: str
    product: str
    lot: str
    date_given: str


class FhirInjection(NamedTuple):
    """One Immunization.

    `patient`: the person where the Immunization contains it, or the keys that name the Patient.
    `is_dose`: whether it is a dose at all, as far as it says. `errors`: what else is wrong with it.
    """

    code: FhirRecordCode
    patient: Patient | tuple[Key, ...]
    places: Steps
    shot: Shot
    is_dose: bool
    errors: tuple[RowError, ...]
    doubts: tuple[str, ...]

    @property
    def characters(self) -> int:
        """How much text it holds."""
        person: Sequence[Key] = (
            self.patient.person if isinstance(self.patient, Patient) else self.patient
        )
        keys = (*person, *(step.key for step in self.places))
        texts = (
            part for key in keys for part in (key if isinstance(key, ReferenceToken) else (key,))
        )
        return sum(
            len(text)
            for text in (*self.code, *self.shot, *(step.code for step in self.places), *texts)
            if text
        )


def read_immunization(resource: Element, request: Request, base: str, today: str) -> FhirInjection:
    """Reads the dose, and every error but those of what it refers to.

    `request`: what the entry asks of a server. `base`: the server that it came from. `today`: the
    day in Viet Nam, ISO.
    """
    values, errors = read_each(_READERS, resource, request, base, today)
    contained, refusals, code, patient, places, series, product, lot, day, doubts = values
    if _YEAR_OR_MONTH.fullmatch(day):
        errors = (*errors, entry_errors.NOT_A_DAY)
    if patient and isinstance(patient[0], str) and patient[0].startswith("#"):
        patient = contained.patient(patient[:1], complete=True) or NOT_IN_BUNDLE
    return FhirInjection(
        code=code,
        patient=patient or Patient(),
        places=contained.outwards(places),
        shot=Shot(series[0], series[1], product, lot, day),
        is_dose=refusals == (),
        errors=(*(refusals or ()), *errors),
        doubts=doubts,
    )


def _contained(resource: Element, request: Request, base: str, today: str) -> Directory:
    if "contained" not in resource:
        return _EMPTY
    directory = Directory(Budget(), today)
    for contained in elements_in(resource, "contained", ""):
        kind = text_in(contained, "resourceType", "")
        if kind in KEPT:
            directory.add(
                contained, kind, [f"#{text_in(contained, 'id', '')}"], base, by_number=False
            )
    return directory


def _refusals(resource: Element, request: Request, base: str, today: str) -> tuple[RowError, ...]:
    """Why it is no dose to record, whatever else it says."""
    status, subpotent = text_in(resource, "status", ""), resource.get("isSubpotent")
    if status == "completed" and subpotent in (None, False) and not modified(resource):
        return ()
    refusals = (
        status != "completed" and _REFUSED.get(status, entry_errors.STATUS_UNKNOWN),
        modified(resource) and entry_errors.MODIFIER_UNKNOWN,
        subpotent not in (None, False) and entry_errors.SUBPOTENT,
    )
    return tuple(refusal for refusal in refusals if refusal)


def _code(resource: Element, request: Request, base: str, today: str) -> FhirRecordCode:
    return record_code(resource, request, today)


def _patient(resource: Element, request: Request, base: str, today: str) -> tuple[Key, ...]:
    try:
        keys = keys_of(element_in(resource, "patient", ""), "Patient", base, "")
    except UnsupportedSearchError:
        raise UnreadError(entry_errors.SEARCH_UNSUPPORTED) from None
    if not keys:
        raise UnreadError(entry_errors.PATIENT_MISSING)
    return keys


def _places(resource: Element, request: Request, base: str, today: str) -> Steps:
    return steps_of(
        (*_performers(resource), element_in(resource, "location", FACILITY)), base, today
    )


def _performers(resource: Element) -> Iterator[Element]:
    """Those who took part in the injection itself."""
    for performer in elements_in(resource, "performer", FACILITY):
        if codes.ORDERED not in coded(
            element_in(performer, "function", FACILITY), codes.FUNCTION, FACILITY
        ):
            yield element_in(performer, "actor", FACILITY)


def _series(resource: Element, request: Request, base: str, today: str) -> tuple[str, str]:
    """Number and kind of the dose."""
    protocol = next(iter(elements_in(resource, "protocolApplied", "dose_number")), {})
    number = text_in(protocol, "doseNumberPositiveInt", "dose_number") or text_in(
        protocol, "doseNumberString", "dose_number"
    )
    return number, _kind(protocol, number)


def _kind(protocol: Element, number: str) -> str:
    """The series where it is a kind; a dose within those that the series takes is a primary one."""
    series = text_in(protocol, "series", "dose_kind")
    needed = text_in(protocol, "seriesDosesPositiveInt", "dose_kind") or text_in(
        protocol, "seriesDosesString", "dose_kind"
    )
    dose, doses = read_number(number), read_number(needed)
    if (
        not isinstance(read_kind(series), str)
        and isinstance(dose, int)
        and isinstance(doses, int)
        and dose <= doses
    ):
        return KIND_TYPED["primary"]
    return series


def _product(resource: Element, request: Request, base: str, today: str) -> str:
    """The name of the coded product, or the text.

    Several that contradict each other are all named, which makes none of them.
    """
    concept = element_in(resource, "vaccineCode", "product")
    named = {
        *(codes.PRODUCT_OF_CVX.get(code) for code in coded(concept, codes.CVX, "product")),
        *(codes.PRODUCT_OF_EU.get(code) for code in coded(concept, None, "product")),
    } - {None}
    if named and isinstance(read := read_product(text_in(concept, "text", "product")), str):
        named.add(read)
    names = sorted(PRODUCTS[code].name for code in named if code)
    return (
        " / ".join(names)
        or next(worded(concept, "product"), "")
        or next(coded(concept, None, "product"), "")
    )


def _lot(resource: Element, request: Request, base: str, today: str) -> str:
    return text_in(resource, "lotNumber", "lot")


def _date(resource: Element, request: Request, base: str, today: str) -> str:
    return _day(
        text_in(resource, "occurrenceDateTime", "date_given")
        or text_in(resource, "occurrenceString", "date_given")
    )


def _day(written: str) -> str:
    """The day in the form of a table; of a moment, the day it was in Viet Nam."""
    day = read_day(written)
    return day.isoformat() if isinstance(day, date) else written


def _doubts(resource: Element, request: Request, base: str, today: str) -> tuple[str, ...]:
    """Doubts about a dose that was only reported: it says so, or who else reported it."""
    if "primarySource" not in resource and "reportOrigin" not in resource:
        return ()
    primary = flag_in(resource, "primarySource", "")
    second_hand = primary is False or (
        primary is None and bool(element_in(resource, "reportOrigin", ""))
    )
    return (str(Doubt.SECOND_HAND),) if second_hand else ()


_READERS: tuple[Reader, ...] = (
    (_contained, _EMPTY),
    (_refusals, None),
    (_code, FhirRecordCode("")),
    (_patient, ()),
    (_places, ()),
    (_series, ("", "")),
    (_product, ""),
    (_lot, ""),
    (_date, ""),
    (_doubts, ()),
)
