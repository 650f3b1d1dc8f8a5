"""Every generated file of `contracts/`, in memory: what `python -m deploy.contracts` writes and
what the drift test compares.
"""

import json
from importlib import import_module
from typing import Any

import yaml

from contracts.topics import TOPICS, Topic
from deploy.contracts.asyncapi import asyncapi
from deploy.contracts.samples import samples
from deploy.stubs.registry.app import contract_document
from services.chassis.auth import Authenticator, AuthSettings
from services.chassis.http import create_app
from services.chassis.telemetry import Metrics

SERVICES = ("records", "verifier", "signer")

Document = dict[str, Any]


def schema(topic: Topic) -> Document:
    """The JSON Schema of a topic's events, as a reader takes them: what has a default may be left
    out.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{topic.name}.json",
        **topic.model.model_json_schema(mode="validation"),
    }


def openapi(service: str) -> Document:
    """The OpenAPI of one service; nothing is opened or served."""
    api = import_module(f"services.{service}.api")
    app = create_app(
        **api.ABOUT,
        routers=api.ROUTERS,
        context=None,
        authenticator=Authenticator(AuthSettings(issuer="", jwks="")),
        metrics=Metrics(),
        ready={},
    )
    return app.openapi()


def schemas() -> dict[str, Document]:
    """The events' JSON Schemas by path."""
    return {f"schemas/{topic.name}.json": schema(topic) for topic in TOPICS}


def openapis() -> dict[str, Document]:
    """The OpenAPI documents of the services and of the registry stub by path."""
    return {f"openapi/{name}.json": openapi(name) for name in SERVICES} | {
        "openapi/registry.json": contract_document()
    }


def files() -> dict[str, str]:
    """Every generated file's text by its path below `contracts/`."""
    texts = {path: as_json(document) for path, document in (schemas() | openapis()).items()}
    texts |= {
        f"samples/{name}.json": as_json(event.model_dump(mode="json"))
        for name, event in samples().items()
    }
    return texts | {
        "asyncapi.yaml": yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=140)
    }


def as_json(document: Any) -> str:
    """A document as it is committed."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
