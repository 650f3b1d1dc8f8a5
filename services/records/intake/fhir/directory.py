"""Who and what a bundle's references lead to: its Patients, and the codes of the facilities behind its organizations and places."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from services.records.domain.faults import RowError
from services.records.intake import faults
from services.records.intake.fhir import codes, row_errors
from services.records.intake.fhir.elements import Element, MisshapenError, element_in, elements_in, identifier, modified, text_in
from services.records.intake.fhir.person import Person, read_person
from services.records.intake.typed import wrong_shape

MAX_HELD = 1 << 24
"""Characters of all that must be held until the bundle ends; each resource counts some more. About 40,000 people."""

_OVERHEAD = 250
_LEADS_TO = {
    "Organization": ("partOf",),
    "Location": ("managingOrganization", "partOf"),
    "PractitionerRole": ("organization", "location"),
    "Practitioner": (),
}
KEPT = frozenset({"Patient", *_LEADS_TO})
"""Kinds of resources that an Immunization's references may lead to."""

# bounds for bundles made to lead astray
_MOST_STEPS, _MOST_HOPS = 6, 3
_FACILITY = "facility_code"
_VERSION = re.compile(r"/_history/[^/]*$")
_ABSOLUTE = re.compile(r"#|[A-Za-z][A-Za-z0-9+.-]*:")
_PRACTITIONER = re.compile(r"(?:^|/)Practitioner/[^/]+$")
_REST = re.compile(r"(https?://.+/)[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")


class Step(NamedTuple):
    """Where a facility's code may be found: told outright, or by the resource of that key."""

    code: str
    key: str


Steps = tuple[Step, ...]


class Budget:
    """How much one bundle may still have held."""

    def __init__(self) -> None:
        self._left = MAX_HELD

    def take(self, characters: int) -> None:
        """ServiceError 413 once it is too much."""
        self._left -= characters + _OVERHEAD
        if self._left < 0:
            raise faults.bundle_too_large()


class Directory:
    """The resources of a bundle, or those contained in one, by the keys under which references name them."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._people: dict[str, Person | RowError] = {}
        self._places: dict[str, Steps] = {}

    def add(self, resource: Element, kind: str, keys: list[str], base: str = "") -> None:
        """Keeps a resource of a kind in `KEPT`; a key that is another's already leads nowhere from now on."""
        if kind == "Patient":
            person = _person(resource)
            self._budget.take(sum(map(len, (*keys, *(person if isinstance(person, Person) else ())))))
            for key in keys:
                if self._people.setdefault(key, person) != person:
                    self._people[key] = row_errors.PATIENT_AMBIGUOUS
            return
        steps = _steps(resource, kind, base)
        self._budget.take(sum(map(len, keys)) + sum(len(step.code) + len(step.key) for step in steps))
        for key in keys:
            if self._places.setdefault(key, steps) != steps:
                self._places[key] = ()

    def person(self, key: str) -> Person | RowError | None:
        """The person, or why there is none; None where no Patient of that key has come yet."""
        return self._people.get(key)

    def outwards(self, steps: Steps, hops: int = _MOST_HOPS) -> Steps:
        """The same steps, those into contained resources replaced by where these lead."""
        led = (self.outwards(self._places.get(step.key, ()), hops - 1) if step.key.startswith("#") else (step,) for step in steps if hops)
        return tuple(islice(chain.from_iterable(led), _MOST_STEPS))

    def facility(self, steps: Steps, *, complete: bool, hops: int = _MOST_HOPS) -> str | None:
        """The first facility's code on the way, empty where there is none; None where a resource on the way has not come yet.

        `complete`: no more will come.
        """
        for step in steps:
            if step.code:
                return step.code
            further = self._places.get(step.key)
            if further is None and not complete:
                return None
            found = self.facility(further, complete=complete, hops=hops - 1) if further and hops else ""
            if found != "":
                return found
        return ""


def key_of(reference: Element, base: str, field: str) -> str:
    """The key that a Reference names: a relative one is completed by the server that its resource came from, where that is known."""
    written = _VERSION.sub("", text_in(reference, "reference", field))
    return written if not written or _ABSOLUTE.match(written) else base + written


def steps_of(references: Iterable[Element], base: str) -> Steps:
    """The steps that References to organizations, places and roles are; a Practitioner leads nowhere."""
    steps = (_step(one, base) for one in references)
    return tuple(islice((one for one in steps if one.code or (one.key and not _PRACTITIONER.search(one.key))), _MOST_STEPS))


def _step(reference: Element, base: str) -> Step:
    code = _code({"identifier": [element_in(reference, "identifier", _FACILITY)]})
    return Step(code, "" if code else key_of(reference, base, _FACILITY))


def base_of(full_url: str) -> str:
    """The server's address in a resource's own; empty for a `urn:uuid:…`."""
    found = _REST.fullmatch(_VERSION.sub("", full_url))
    return found[1] if found else ""


def _person(patient: Element) -> Person | RowError:
    try:
        return row_errors.MODIFIER_UNKNOWN if modified(patient) else read_person(patient)
    except MisshapenError as error:
        return wrong_shape(error.field)


def _steps(resource: Element, kind: str, base: str) -> Steps:
    try:
        if code := _code(resource):
            return (Step(code, ""),)
        return steps_of((one for name in _LEADS_TO[kind] for one in _references(resource, name)), base)
    except MisshapenError:
        return ()


def _code(holder: Element) -> str:
    return identifier(holder, (codes.FACILITY,), codes.FACILITY_TYPE, _FACILITY)


def _references(resource: Element, name: str) -> Iterator[Element]:
    if isinstance(resource.get(name), list):
        yield from elements_in(resource, name, _FACILITY)
    elif resource.get(name) is not None:
        yield element_in(resource, name, _FACILITY)
