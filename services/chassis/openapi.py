"""What every service's OpenAPI document says besides its routes: names, server, tags, who needs a
token, and problem documents.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import BaseRoute

from services.chassis import replays
from services.chassis.openapi_examples import add_examples
from services.chassis.representations import Keeping

SERVERS = [{"url": "/", "description": "where this document was read from"}]
_OPERATIONS_TAG = "operations"

Document = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """The `operationId`: the route function's own name, which clients are generated with."""
    return route.name


def tags_of(described: Mapping[str, str]) -> list[dict[str, str]]:
    """The document's tags with what each holds, the operators' last."""
    described = {
        **described,
        _OPERATIONS_TAG: "What probes and scrapers ask; it needs no token.",
    }
    return [{"name": name, "description": text} for name, text in described.items()]


def finish_document(
    app: FastAPI,
    problem: type[BaseModel],
    refusal: Callable[[int], dict[int | str, Any]],
    *,
    schemas: Mapping[str, Document] = MappingProxyType({}),
    examples: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Makes the application's document whole: problem documents, examples, and who needs no token.

    `refusal`: the response of a problem document with that status. `schemas`: of bodies that are
    read by hand. `examples`: what stands in fields of these names.
    """
    generate = app.openapi

    def openapi() -> Document:
        document = generate()
        document["components"] = document.get("components", {})
        known = document["components"].setdefault("schemas", {})
        known |= {problem.__name__: problem.model_json_schema(), **schemas}
        for unused in ("HTTPValidationError", "ValidationError"):
            known.pop(unused, None)
        kept = _kept(app.routes)
        for path in document["paths"].values():
            for operation in path.values():
                _finish(operation, refusal, kept=operation["operationId"] in kept)
        add_examples(document, examples)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


_HEADERS = {
    "Retry-After": "seconds to wait before the next try",
    "RateLimit": "what is left of each limit that counted this request, and when it begins anew",
    "RateLimit-Policy": "the limits that counted this request: so much within so many seconds",
    "ETag": "send it as If-None-Match: 304 without a body where the answer is still this one",
    "Cache-Control": "who may keep the answer, and for how long",
    "Link": 'the next page, with `rel="next"`; none on the last',
    "Content-Language": "both languages are in the document; first the one that is preferred",
    replays.HEADER: "true: given again for this Idempotency-Key, and nothing was done again",
    "WWW-Authenticate": "how to say who calls",
    "X-Request-Id": "names this request in every log; quote it when you ask for help",
}
_ALWAYS = ("X-Request-Id",)
_OF_LIMITED = ("RateLimit", "RateLimit-Policy")
_OF_KEPT = ("ETag", "Cache-Control")
_OF_PAGES = ("Link",)
_OF_REPEATABLE = (replays.HEADER,)
_OF_PROBLEMS = ("Content-Language",)
_OF_STATUS = {
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After", "RateLimit", "RateLimit-Policy"),
    "503": ("Retry-After",),
}


def _kept(routes: Sequence[BaseRoute]) -> set[str]:
    """The operations whose answers have a validator."""
    return {
        route.name
        for route in routes
        if isinstance(route, APIRoute)
        and any(isinstance(one.dependency, Keeping) for one in route.dependencies)
    }


def _finish(
    operation: Document, refusal: Callable[[int], dict[int | str, Any]], *, kept: bool
) -> None:
    # whatever a route takes, it refuses parameters that it does not know
    operation["responses"]["422"] = refusal(422)[422]
    if "requestBody" in operation:
        operation["responses"].setdefault("413", refusal(413)[413])
    is_limited = "429" in operation["responses"]
    is_paged = any(one["name"] == "cursor" for one in operation.get("parameters", ()))
    is_repeatable = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    for status, response in operation["responses"].items():
        names = [*_ALWAYS, *_OF_STATUS.get(status, ())]
        if "application/problem+json" in response.get("content", {}):
            names += _OF_PROBLEMS
        elif status.startswith("2"):
            names += _OF_LIMITED * is_limited + _OF_KEPT * kept + _OF_PAGES * is_paged
            names += _OF_REPEATABLE * is_repeatable
        said = response.setdefault("headers", {})
        for name in names:
            said.setdefault(name, {"description": _HEADERS[name], "schema": {"type": "string"}})
    # said, not left out: what is left out could as well have been forgotten
    operation.setdefault("security", [])
