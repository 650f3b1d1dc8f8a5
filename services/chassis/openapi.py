"""What every service's OpenAPI document says besides its routes: names, server, tags, who needs a
token, and problem documents.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

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
    app: FastAPI, problem: type[BaseModel], refusal: Callable[[int], dict[int | str, Any]]
) -> None:
    """Makes the application's document whole: problem documents, and who needs no token.

    `refusal`: the response of a problem document with that status.
    """
    generate = app.openapi

    def openapi() -> Document:
        document = generate()
        document["components"] = document.get("components", {})
        schemas = document["components"].setdefault("schemas", {})
        schemas[problem.__name__] = problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for path in document["paths"].values():
            for operation in path.values():
                _finish(operation, refusal)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _finish(operation: Document, refusal: Callable[[int], dict[int | str, Any]]) -> None:
    # whatever a route takes, it refuses parameters that it does not know
    operation["responses"]["422"] = refusal(422)[422]
    if "requestBody" in operation:
        operation["responses"].setdefault("413", refusal(413)[413])
    # said, not left out: what is left out could as well have been forgotten
    operation.setdefault("security", [])
