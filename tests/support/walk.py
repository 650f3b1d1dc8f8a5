"""Every route of every service, with its guard, in applications that hold nothing behind."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from contracts.access import Role
from services.chassis.auth import Allow, Authenticator, Public
from services.chassis.errors import ServiceError
from services.chassis.gate import BodySize
from services.chassis.http import create_app
from services.chassis.telemetry import Metrics
from services.records.exports.places import ExportPlaces
from services.records.live.live_places import LivePlaces
from services.records.quotas import upload_quotas
from services.records.settings import ExportSettings, LiveSettings, UploadSettings
from tests.support.tokens import TestIssuer
from tests.support.volumes import volumes

SERVICES = ("records", "verifier", "signer")


class NoLimits:
    """Lets everybody in, however often."""

    async def admit(self, kind: str, who: str, asks: int = 1) -> None:
        """Counts nothing."""

    async def admit_opening(self, address: str) -> None:
        """Counts nothing."""

    async def admit_address(self, address: str) -> None:
        """Counts nothing."""


REACHED = 418
"""The answer where a request came through, to what stands behind the route."""


class BareContext:
    """As much of a context as routes ask for before they have looked at a request; what they ask
    for then is answered `REACHED`.
    """

    cfg = SimpleNamespace(
        lookup=SimpleNamespace(address_header=None),
        complaint=SimpleNamespace(address_header=None),
        max_upload_bytes=BodySize.LIST,
    )
    facilities: frozenset[str] = frozenset()
    lookups = complaints = NoLimits()

    def __init__(self) -> None:
        self.volumes, self.exports = volumes(), ExportPlaces(ExportSettings())
        self.live = LivePlaces(LiveSettings())
        self.quotas = upload_quotas(UploadSettings())

    def today(self) -> date:
        """A day of the programme."""
        return date(2022, 4, 1)

    def __getattr__(self, name: str) -> Any:
        raise ServiceError(REACHED, "REACHED", "Đã đến.", f"The route asked for {name}.")


def app_of(service: str, issuer: TestIssuer, metrics: Metrics | None = None) -> FastAPI:
    """The service's application; what a request may not pass is never reached."""
    api = importlib.import_module(f"services.{service}.api")
    return create_app(
        **api.ABOUT,
        routers=api.ROUTERS,
        context=BareContext(),
        authenticator=Authenticator(issuer.settings),
        metrics=metrics or Metrics(),
        ready={},
    )


def client_of(app: FastAPI) -> httpx.AsyncClient:
    """A client of the application in this process; unexpected errors are answers, as outside."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


def routes(app: FastAPI) -> list[Any]:
    """Every route that stands in the application's own OpenAPI, by whatever router it came."""
    contexts = [
        context
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    ]
    assert {context.path_format for context in contexts} >= set(app.openapi()["paths"])
    return contexts


def guards(dependant: Dependant) -> Iterator[Allow | Public]:
    """Who may call a route, as often as it is said."""
    if isinstance(dependant.call, Allow | Public):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from guards(inner)


def filled(path: str, value: str = "1") -> str:
    """The path with `value` in every place."""
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one route, and the headers of somebody who may call it."""

    method: str
    path: str
    headers: dict[str, str]
    takes_body: bool
    route: Any

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.method} {self.path}"


def calls(app: FastAPI, issuer: TestIssuer) -> list[Call]:
    """Every method of every route."""
    found = []
    for route in routes(app):
        [guard] = guards(route.dependant)
        headers = issuer.headers(Role(min(guard.roles))) if isinstance(guard, Allow) else {}
        for method in route.methods:
            operation = app.openapi()["paths"][route.path_format][method.lower()]
            found.append(Call(method, route.path, headers, "requestBody" in operation, route))
    return found
