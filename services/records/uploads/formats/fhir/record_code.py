"""Makes the record code by which an Immunization is recognised.

An identifier is its system and value: number 17 of two systems is two codes. So a digest of the
system follows the value: `17@3f9a1c2e77b0`. A value alone is the code where it names no system, or
is a URI, which is unique by itself. A file given back as a table brings the code home as it is.

Without an identifier the resource's id is the code, where it is the sender's own: in a `PUT`, and
where nothing is requested. In a `POST` the id means nothing, for the server gives another. Such a
row has no code, and gets one made of what it says.

An earlier rule took the value alone, or the id. `earlier` names that code, so that a dose on record
under it is found again.
"""

import re
from hashlib import blake2b
from typing import NamedTuple

from services.records.uploads.formats.fhir import entry_errors
from services.records.uploads.formats.fhir.current import ranked
from services.records.uploads.formats.fhir.elements import Element, UnreadError, element_in, text_in
from services.records.uploads.formats.fhir.references import (
    UnsupportedSearchError,
    searched,
    tidy_url,
)

_URIS = "urn:ietf:rfc:3986"  # FHIR's system of identifiers that are URIs
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_OWN = re.compile(r"(?:.*/)?Immunization/([A-Za-z0-9.-]{1,64})")
_FIELD = "source_id"


class FhirRecordCode(NamedTuple):
    """A record code, empty for none; `earlier` where an earlier rule made another one."""

    code: str
    earlier: str = ""


class Request(NamedTuple):
    """What a bundle's entry asks a server to do with its resource; empty where it asks nothing."""

    method: str = ""
    url: str = ""
    if_none_exist: str = ""


def request_of(entry: Element) -> Request:
    """The request of an entry; raises UnreadError."""
    request = element_in(entry, "request", "")
    if not request:
        return Request()
    return Request(
        text_in(request, "method", ""),
        text_in(request, "url", ""),
        text_in(request, "ifNoneExist", ""),
    )


def record_code(resource: Element, request: Request, today: str) -> FhirRecordCode:
    """The record code; empty where the resource has none that means anything in the next bundle.

    Raises UnreadError.
    """
    for _, number in ranked(resource, "identifier", _FIELD, today):
        value = text_in(number, "value", _FIELD)
        if value and text_in(number, "use", _FIELD) != "old":
            return _since(code_of(text_in(number, "system", _FIELD), value), value)
    return _since(_searched(request) or _id(resource, request), text_in(resource, "id", _FIELD))


def _since(code: str, earlier: str) -> FhirRecordCode:
    return FhirRecordCode(code, earlier if earlier != code else "")


def code_of(system: str, value: str) -> str:
    """The code of one identifier."""
    if not system or (system == _URIS and _URI.fullmatch(value)):
        return value
    return f"{value}@{_digest(system)}"


def _digest(system: str) -> str:
    return blake2b(system.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _searched(request: Request) -> str:
    """The identifier by which a conditional create or update finds the resource."""
    search = (
        f"Immunization?{request.if_none_exist.lstrip('?')}"
        if request.if_none_exist
        else request.url
    )
    if "?" not in search:
        return ""
    try:
        token = searched(search)
    except UnsupportedSearchError:
        return ""
    return code_of(token.system or "", token.value) if token.kind == "Immunization" else ""


def _id(resource: Element, request: Request) -> str:
    own = text_in(resource, "id", _FIELD)
    if request.method == "PUT" and "?" not in request.url:
        match = _OWN.fullmatch(tidy_url(request.url))
        if match and own and match[1] != own:
            raise UnreadError(entry_errors.ID_DIFFERS)
        return own or (match[1] if match else "")
    return own if not request.method else ""
