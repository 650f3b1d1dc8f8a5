"""Reads how FHIR resources refer to each other: by address, id, search or identifier."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import parse_qsl

from services.records.uploads.formats.fhir import codes
from services.records.uploads.formats.fhir.current import identifier
from services.records.uploads.formats.fhir.elements import Element, element_in, elements_in, text_in

MOST_STEPS = 6
FACILITY = "facility_code"

_VERSION = re.compile(r"/_history/[^/]*$")
_ABSOLUTE = re.compile(r"#|[A-Za-z][A-Za-z0-9+.-]*:")
_PRACTITIONER = re.compile(r"(?:^|/)Practitioner/[^/]+$")
_REST = re.compile(r"(https?://.+/)[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
_SEARCH = re.compile(r"(?:[^?]*/)?([A-Z][A-Za-z]{1,39})\?(.*)", re.DOTALL)
_COMMA, _BAR, _ESCAPED = (
    re.compile(r"(?<!\\),"),
    re.compile(r"(?<!\\)\|"),
    re.compile(r"\\([\\,|$])"),
)


class ReferenceToken(NamedTuple):
    """Whoever has an identifier.

    `kind`: of resource, empty for any. `system`: None for any, empty for none.
    """

    kind: str
    system: str | None
    value: str


Key = str | ReferenceToken
"""What leads to a resource: its address or `Kind/id`, or one of its identifiers."""


class ReferenceStep(NamedTuple):
    """Where a facility's code may be found: here, or in the resource of that key."""

    code: str
    key: Key


Steps = tuple[ReferenceStep, ...]


class UnsupportedSearchError(Exception):
    """A conditional reference asks for more than one identifier."""


def tidy_url(url: str) -> str:
    """An address without its version; a URN in small letters."""
    if url[:4].lower() == "urn:":
        return url.lower()
    return _VERSION.sub("", url) if "/_history/" in url else url


def keys_of(reference: Element, kind: str, base: str, field: str) -> tuple[Key, ...]:
    """The keys that a Reference names, the one that counts first; UnsupportedSearchError.

    `kind`: of the resource, where the Reference does not say. `base`, where known, completes a
    relative reference: the server that its resource came from. `display` leads nowhere.
    """
    written = text_in(reference, "reference", field)
    keys: tuple[Key, ...] = ()
    if "?" in written:
        keys = (searched(written),)
    elif written:
        url = tidy_url(written)
        keys = (url if _ABSOLUTE.match(url) else base + url,)
    if "identifier" in reference and (by_number := _logical(reference, kind, field)):
        return (*keys, by_number)
    return keys


def searched(url: str) -> ReferenceToken:
    """The key of `Kind?identifier=system|value`; UnsupportedSearchError for another search."""
    match = _SEARCH.fullmatch(url)
    if match is None:
        raise UnsupportedSearchError
    try:
        ((name, token),) = parse_qsl(match[2], keep_blank_values=True, max_num_fields=2)
    except ValueError:
        raise UnsupportedSearchError from None
    if name != "identifier" or _COMMA.search(token):
        raise UnsupportedSearchError
    *system, value = [_ESCAPED.sub(r"\1", part).strip() for part in _BAR.split(token, maxsplit=1)]
    if not value:
        raise UnsupportedSearchError
    return ReferenceToken(match[1], system[0] if system else None, value)


def tokens_of(resource: Element, field: str) -> Iterator[tuple[str, str]]:
    """System and value of every identifier."""
    for element in elements_in(resource, "identifier", field):
        if value := text_in(element, "value", field):
            yield text_in(element, "system", field), value


def steps_of(references: Iterable[Element], base: str, today: str) -> Steps:
    """The steps that References to organizations, places and roles are.

    A Practitioner leads nowhere. Those by a number that is no facility's code come last: where they
    lead is known only when all has come.
    """
    steps = tuple(
        islice(
            (
                step
                for reference in references
                if reference
                for step in _steps(reference, base, today)
            ),
            MOST_STEPS,
        )
    )
    return (
        tuple(sorted(steps, key=lambda step: isinstance(step.key, ReferenceToken)))
        if len(steps) > 1
        else steps
    )


def facility_code(holder: Element, today: str) -> str:
    """The code of a facility among a resource's identifiers."""
    return identifier(holder, (codes.FACILITY,), codes.FACILITY_TYPE, FACILITY, today)


def base_of(full_url: str) -> str:
    """The server's address in a resource's own; empty for a `urn:uuid:…`."""
    match = _REST.fullmatch(tidy_url(full_url)) if full_url else None
    return match[1] if match else ""


def _steps(reference: Element, base: str, today: str) -> Iterator[ReferenceStep]:
    if "identifier" in reference and (
        code := facility_code(
            {"identifier": [element_in(reference, "identifier", FACILITY)]}, today
        )
    ):
        yield ReferenceStep(code, "")
        return
    kind = _kind(reference, FACILITY)
    try:
        keys = keys_of(reference, kind, base, FACILITY) if kind != "Practitioner" else ()
    except UnsupportedSearchError:
        keys = ()
    for key in keys:
        if isinstance(key, str):
            if not _PRACTITIONER.search(key):
                yield ReferenceStep("", key)
        elif key.system == codes.FACILITY:
            yield ReferenceStep(key.value, "")
        elif key.kind != "Practitioner":
            yield ReferenceStep("", key)


def _logical(reference: Element, kind: str, field: str) -> ReferenceToken | None:
    number = element_in(reference, "identifier", field)
    value = text_in(number, "value", field)
    return (
        ReferenceToken(
            _kind(reference, field) or kind, text_in(number, "system", field) or None, value
        )
        if value
        else None
    )


def _kind(reference: Element, field: str) -> str:
    """The kind to which a Reference says it leads, by its name or the address of its definition."""
    return text_in(reference, "type", field).rpartition("/")[2] if "type" in reference else ""
