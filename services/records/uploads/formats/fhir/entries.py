"""Turns a bundle's entries into rows: an Immunization, once what it refers to has come.

Only two things are kept, both within bounds: what later entries may refer to, and what refers to
later entries.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from services.records.domain.dose import Raw
from services.records.domain.row_error import RowError
from services.records.uploads.formats.fhir import entry_errors
from services.records.uploads.formats.fhir.directory import KEPT, Budget, Directory
from services.records.uploads.formats.fhir.elements import Element, UnreadError, element_in, text_in
from services.records.uploads.formats.fhir.immunization import FhirInjection, read_immunization
from services.records.uploads.formats.fhir.person import NOT_IN_BUNDLE, Patient
from services.records.uploads.formats.fhir.record_code import Request, request_of
from services.records.uploads.formats.fhir.references import base_of, tidy_url
from services.records.uploads.formats.json import UNREADABLE
from services.records.uploads.formats.row import CHUNK, InputRow
from services.records.uploads.formats.row_errors import NOT_READABLE

_WRITES = ("", "POST", "PUT")
_KIND = re.compile(r"[A-Z][A-Za-z]{1,39}")
_MOST_KINDS = 20


class Entries:
    """Takes entries in turn; `ignored` counts those of other kinds.

    `today`: the day in Viet Nam.
    """

    def __init__(self, ignored: Counter[str], today: date) -> None:
        self._ignored = ignored
        self._today = today.isoformat()
        self._budget = Budget()
        self._directory = Directory(self._budget, self._today)
        self._ready: list[InputRow | tuple[int, FhirInjection]] = []
        self._waiting: list[tuple[int, FhirInjection]] = []
        self.any = False
        """Whether an entry was a dose, or was told why it is none."""

    @property
    def full(self) -> bool:
        """Whether so many entries have come that `rows` should be called."""
        return len(self._ready) >= CHUNK

    def take(self, place: int, entry: object) -> None:
        """Takes the entry at that place."""
        try:
            outcome = self._read(entry)
        except UnreadError as error:
            outcome = error.row_error
        if outcome is not None:
            self.any = True
            self._ready.append(
                InputRow(place, None, (outcome,))
                if isinstance(outcome, RowError)
                else (place, outcome)
            )

    def rows(self) -> Iterator[InputRow]:
        """The rows of what has come, without those that refer to what has not come yet.

        A chunk is kept together until then, so that a reference sees a second Patient of the same
        key that comes a little later.
        """
        ready, self._ready = self._ready, []
        for item in ready:
            row = item if isinstance(item, InputRow) else self._row(*item, complete=False)
            if row is not None:
                yield row
            elif not isinstance(item, InputRow):
                self._budget.take(item[1].characters)
                self._waiting.append(item)

    def waiting(self) -> Iterator[InputRow]:
        """The rows that referred to what came later, or did not come."""
        for place, injection in self._waiting:
            if row := self._row(place, injection, complete=True):
                yield row

    def _read(self, entry: object) -> FhirInjection | RowError | None:
        if entry is UNREADABLE:
            return NOT_READABLE
        if not isinstance(entry, dict):
            return entry_errors.NOT_A_RESOURCE
        request = request_of(entry)
        resource, full_url = element_in(entry, "resource", ""), text_in(entry, "fullUrl", "")
        kind = text_in(resource, "resourceType", "")
        writes = request.method in _WRITES
        if not _KIND.fullmatch(kind):
            return entry_errors.NOT_A_RESOURCE if writes else entry_errors.METHOD_UNSUPPORTED
        if kind == "Immunization":
            if not writes:
                return entry_errors.METHOD_UNSUPPORTED
            return read_immunization(resource, request, base_of(full_url), self._today)
        if kind == "Bundle":
            return entry_errors.BUNDLE_IN_BUNDLE
        if kind in KEPT and writes:
            self._keep(resource, kind, full_url, request)
        else:
            self._ignored[
                kind if kind in self._ignored or len(self._ignored) < _MOST_KINDS else "…"
            ] += 1
        return None

    def _keep(self, resource: Element, kind: str, full_url: str, request: Request) -> None:
        own = text_in(resource, "id", "")
        put = request.url if request.method == "PUT" and "?" not in request.url else ""
        names = (tidy_url(full_url), own and f"{kind}/{own}", tidy_url(put))
        self._directory.add(
            resource, kind, tuple({name: None for name in names if name}), base_of(full_url)
        )

    def _row(self, place: int, injection: FhirInjection, *, complete: bool) -> InputRow | None:
        """The row; None where something that it refers to may still come."""
        facility = self._directory.facility(injection.places, complete=complete)
        patient = (
            injection.patient
            if isinstance(injection.patient, Patient)
            else self._directory.patient(injection.patient, complete=complete)
        )
        if patient is None and complete:
            patient = NOT_IN_BUNDLE
        if patient is None or facility is None:
            return None
        doubts, errors = (*injection.doubts, *patient.doubts), (*injection.errors, *patient.errors)
        # a rejected row is given back as a table, which can say neither that it was no dose nor
        # that people must decide
        tabular = injection.is_dose and not (errors and doubts)
        raw = None
        if tabular:
            raw = Raw(injection.code.code, *patient.person, *injection.shot, facility)
        return InputRow(
            place,
            raw,
            errors,
            bool(injection.code.code),
            "",
            doubts,
            patient.warnings,
            injection.code.earlier,
        )
