"""Finds whom and what a bundle's references name: its Patients, and facilities behind places."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from sys import intern

from services.records.uploads.formats import file_errors
from services.records.uploads.formats.fhir.elements import (
    Element,
    UnreadError,
    element_in,
    elements_in,
)
from services.records.uploads.formats.fhir.person import AMBIGUOUS, Patient, read_patient
from services.records.uploads.formats.fhir.references import (
    FACILITY,
    MOST_STEPS,
    Key,
    ReferenceStep,
    ReferenceToken,
    Steps,
    facility_code,
    steps_of,
    tokens_of,
)

MAX_HELD = 5 << 22
"""Characters of all that must be kept until the bundle ends: about 40,000 people.

Each resource and key counts some more.
"""

_OVERHEAD, _OVERHEAD_OF_A_TOKEN = 250, 60
_LEADS_TO = {
    "Organization": ("partOf",),
    "Location": ("managingOrganization", "partOf"),
    "PractitionerRole": ("organization", "location"),
    "Practitioner": (),
}
KEPT = frozenset({"Patient", *_LEADS_TO})
"""Kinds of resources that an Immunization's references may lead to."""

_MOST_HOPS = 3  # a bound for bundles made to lead astray


class Budget:
    """How much of one bundle may still be kept in memory."""

    def __init__(self) -> None:
        self._left = MAX_HELD

    def take(self, characters: int) -> None:
        """Takes from the budget; ServiceError 413 once it is spent."""
        self._left -= characters + _OVERHEAD
        if self._left < 0:
            raise file_errors.bundle_too_large()


class Directory:
    """The resources of a bundle, or those contained in one, by the keys that references use.

    Each look-up is one step: no reference makes anything be searched through.
    """

    def __init__(self, budget: Budget, today: str) -> None:
        self._budget = budget
        self._today = today
        self._people: dict[str, Patient] = {}
        self._owners = _Owners()
        self._places: dict[Key, Steps] = {}

    def add(
        self,
        resource: Element,
        kind: str,
        keys: Sequence[str],
        base: str = "",
        *,
        by_number: bool = True,
    ) -> None:
        """Keeps a resource of a kind in `KEPT`; a key that is another's already leads nowhere.

        `by_number`: whether its identifiers can refer to it too.
        """
        try:
            numbers = list(tokens_of(resource, "")) if by_number and kind != "Practitioner" else []
        except UnreadError:
            numbers = []
        cost = sum(map(len, keys)) + sum(_OVERHEAD_OF_A_TOKEN + len(value) for _, value in numbers)
        if kind == "Patient":
            self._add_person(read_patient(resource, self._today), keys, numbers, cost)
        else:
            self._add_place(_steps(resource, kind, base, self._today), kind, keys, numbers, cost)

    def _add_person(
        self, patient: Patient, keys: Sequence[str], numbers: Sequence[tuple[str, str]], cost: int
    ) -> None:
        self._budget.take(cost + sum(map(len, patient.person)))
        for key in keys:
            first = self._people.setdefault(key, patient)
            if first is not patient:
                self._people[key] = first.and_also(patient)
        for system, value in numbers:
            self._owners.add(system, value, patient)

    def _add_place(
        self,
        steps: Steps,
        kind: str,
        keys: Sequence[str],
        numbers: Sequence[tuple[str, str]],
        cost: int,
    ) -> None:
        # four keys a number
        cost += sum(3 * _OVERHEAD_OF_A_TOKEN + len(system) for system, _ in numbers)
        self._budget.take(cost + sum(len(step.code) + _length(step.key) for step in steps))
        named: list[Key] = list(keys)
        for system, value in numbers:
            named += (
                ReferenceToken(of, within, value) for of in (kind, "") for within in (system, None)
            )
        for key in named:
            if self._places.setdefault(key, steps) != steps:
                self._places[key] = ()

    def patient(self, keys: Sequence[Key], *, complete: bool) -> Patient | None:
        """The Patient whom these keys of one reference name; None where none has come yet.

        `complete`: no more will come. Who has an identifier is known only then, for another may
        have it too.
        """
        named = [
            self._people.get(key) if isinstance(key, str) else self._owners.of(key) for key in keys
        ]
        if isinstance(keys[0], str) and (direct := named[0]) is not None:
            return (
                AMBIGUOUS
                if any(other and direct.contradicts(other) for other in named[1:])
                else direct
            )
        return next(filter(None, named), None) if complete else None

    def outwards(self, steps: Steps, hops: int = _MOST_HOPS) -> Steps:
        """The same steps; those into contained resources are replaced by where these lead."""
        led = (
            (
                self.outwards(self._places.get(step.key, ()), hops - 1)
                if isinstance(step.key, str) and step.key.startswith("#")
                else (step,)
            )
            for step in steps
            if hops
        )
        return tuple(islice(chain.from_iterable(led), MOST_STEPS))

    def facility(self, steps: Steps, *, complete: bool, hops: int = _MOST_HOPS) -> str | None:
        """The first facility's code on the way; empty where there is none.

        None where a resource on the way has not come yet. `complete`: no more will come.
        """
        for step in steps:
            if step.code:
                return step.code
            further = self._places.get(step.key)
            if not complete and (further is None or isinstance(step.key, ReferenceToken)):
                return None
            code = (
                self.facility(further, complete=complete, hops=hops - 1) if further and hops else ""
            )
            if code != "":
                return code
        return ""


class _Owners:
    """Who has an identifier, in its system and in any; mostly a value has one owner."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, Patient] | dict[str | None, Patient]] = {}

    def add(self, system: str, value: str, patient: Patient) -> None:
        owner = self._of.setdefault(value, (intern(system), patient))
        if isinstance(owner, tuple):
            if owner[0] == system and owner[1] is patient:
                return
            owner = self._of[value] = {owner[0]: owner[1], None: owner[1]}
        for name in (system, None):
            owner[name] = owner.get(name, patient).and_also(patient)

    def of(self, token: ReferenceToken) -> Patient | None:
        owner = self._of.get(token.value) if token.kind == "Patient" else None
        if isinstance(owner, dict):
            return owner.get(token.system)
        return owner[1] if owner and token.system in (None, owner[0]) else None


def _length(key: Key) -> int:
    return len(key) if isinstance(key, str) else len(key.system or "") + len(key.value)


def _steps(resource: Element, kind: str, base: str, today: str) -> Steps:
    try:
        if code := facility_code(resource, today):
            return (ReferenceStep(code, ""),)
        references = (
            reference for name in _LEADS_TO[kind] for reference in _references(resource, name)
        )
        return steps_of(references, base, today)
    except UnreadError:
        return ()


def _references(resource: Element, name: str) -> Iterator[Element]:
    if isinstance(resource.get(name), list):
        yield from elements_in(resource, name, FACILITY)
    elif resource.get(name) is not None:
        yield element_in(resource, name, FACILITY)
