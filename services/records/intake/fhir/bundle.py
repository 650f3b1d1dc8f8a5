"""A bundle taken apart entry by entry: each Immunization becomes a row as soon as what it refers to has come.

Only what later entries may refer to is held, and what refers to later entries: both within bounds.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Final

from services.records.domain.dose import Raw
from services.records.domain.faults import RowError
from services.records.intake import faults
from services.records.intake.fhir import row_errors
from services.records.intake.fhir.directory import KEPT, Budget, Directory, base_of
from services.records.intake.fhir.elements import Element, MisshapenError, element_in, text_in
from services.records.intake.fhir.immunization import Given, read_immunization
from services.records.intake.json_text import UNREADABLE, JsonText
from services.records.intake.text import decoded
from services.records.intake.typed import CHUNK, NOT_READABLE, Typed, wrong_shape

_TYPES: Final = ("collection", "batch", "transaction")
_WRITES: Final = ("", "POST", "PUT")
_KIND = re.compile(r"[A-Z][A-Za-z]{1,39}")
_MOST_KINDS = 20


async def bundle(body: AsyncIterator[bytes], ignored: Counter[str]) -> AsyncIterator[Iterator[Typed]]:
    """The rows of a bundle, each numbered by its entry's place; `ignored` counts the entries of other kinds."""
    text = JsonText(decoded(body), faults.not_a_bundle)
    entries = _Entries(ignored)
    head: dict[str, object] = {}
    place, rows = 0, []
    await text.expect("{")
    while await text.another("}"):
        name = await text.value()
        await text.expect(":")
        if name != "entry":
            value = await text.value_or_unreadable()
            if name in ("resourceType", "type"):
                _check(name, value)
                head[name] = value
            continue
        if await text.peek() != "[":
            raise faults.not_a_bundle()
        await text.expect("[")
        while await text.another("]"):
            place += 1
            rows += entries.rows(place, await text.value_or_unreadable())
            if len(rows) >= CHUNK:
                yield iter(rows)
                rows = []
    if await text.peek():
        raise faults.not_a_bundle()
    for name in ("resourceType", "type"):
        _check(name, head.get(name))
    yield iter(rows)
    yield entries.waiting()
    if not entries.any:
        raise faults.no_immunization()


def _check(name: str, value: object) -> None:
    if name == "resourceType" and value != "Bundle":
        raise faults.not_a_bundle()
    if name == "type" and value not in _TYPES:
        raise faults.bundle_type(_TYPES)


class _Entries:
    def __init__(self, ignored: Counter[str]) -> None:
        self._ignored = ignored
        self._budget = Budget()
        self._directory = Directory(self._budget)
        self._waiting: list[tuple[int, Given]] = []
        self.any = False

    def rows(self, place: int, entry: object) -> list[Typed]:
        """The row of an entry; none for what is no dose, and none yet for one that refers to what has not come."""
        try:
            found = self._read(place, entry)
        except MisshapenError as error:
            found = wrong_shape(error.field)
        if found is None:
            return []
        self.any = True
        return [Typed(place, None, (found,)) if isinstance(found, RowError) else found]

    def waiting(self) -> Iterator[Typed]:
        """The rows that referred to what came later, or did not come."""
        for place, given in self._waiting:
            yield self._row(place, given, complete=True) or Typed(place, None, (row_errors.PATIENT_NOT_IN_BUNDLE,))

    def _read(self, place: int, entry: object) -> Typed | RowError | None:
        if entry is UNREADABLE:
            return NOT_READABLE
        if not isinstance(entry, dict):
            return row_errors.NOT_A_RESOURCE
        method = text_in(element_in(entry, "request", ""), "method", "")
        resource, full_url = element_in(entry, "resource", ""), text_in(entry, "fullUrl", "")
        kind = text_in(resource, "resourceType", "")
        if not _KIND.fullmatch(kind):
            return row_errors.NOT_A_RESOURCE if method in _WRITES else row_errors.METHOD_UNSUPPORTED
        if kind == "Immunization":
            return self._given(place, resource, base_of(full_url)) if method in _WRITES else row_errors.METHOD_UNSUPPORTED
        if kind in KEPT and method in _WRITES:
            self._keep(resource, kind, full_url)
        else:
            self._ignored[kind if kind in self._ignored or len(self._ignored) < _MOST_KINDS else "…"] += 1
        return None

    def _keep(self, resource: Element, kind: str, full_url: str) -> None:
        own = text_in(resource, "id", "")
        keys = [key for key in (full_url, own and f"{kind}/{own}") if key]
        self._directory.add(resource, kind, keys, base_of(full_url))

    def _given(self, place: int, resource: Element, base: str) -> Typed | RowError | None:
        given = read_immunization(resource, base)
        if isinstance(given, RowError):
            return given
        row = self._row(place, given, complete=False)
        if row is None:
            self.any = True
            self._budget.take(given.characters)
            self._waiting.append((place, given))
        return row

    def _row(self, place: int, given: Given, *, complete: bool) -> Typed | None:
        """The row, once what it refers to is known."""
        person = self._directory.person(given.patient) if isinstance(given.patient, str) else given.patient
        if isinstance(person, RowError):
            return Typed(place, None, (person,))
        facility = self._directory.facility(given.places, complete=complete)
        if person is None or facility is None:
            return None
        return Typed(place, Raw(given.source_id, *person, *given.shot, facility))
