"""How pages ask the services: by their generated clients, in the name of who is signed in."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Literal, Protocol

import httpx

from web.errors import SignInNeededError, refused_behind
from web.settings import Settings

ServiceName = Literal["records", "verifier", "signer"]
NAMES: tuple[ServiceName, ...] = ("records", "verifier", "signer")
_TIMEOUT = httpx.Timeout(60, connect=5)
_PASSED = ("Retry-After",)


class GivenAnswer(Protocol):
    """What a generated call answers."""

    @property
    def status_code(self) -> Any:
        """The status, as a number."""

    @property
    def content(self) -> bytes:
        """The body as it came."""

    @property
    def headers(self) -> Any:
        """The headers as they came."""

    @property
    def parsed(self) -> Any:
        """The body as a model; None where it has none."""


class Services:
    """Where the services are, with connections that all requests share."""

    def __init__(self, places: dict[ServiceName, str], held: dict[ServiceName, Any]) -> None:
        self._places = places
        self._transports = held

    @classmethod
    @asynccontextmanager
    async def open(cls, cfg: Settings) -> AsyncIterator["Services"]:
        """Holds the connections for the life of the process."""
        urls = {name: getattr(cfg, name).url for name in NAMES}
        sockets = {
            name: url.removeprefix("unix://") if url.startswith("unix://") else None
            for name, url in urls.items()
        }
        transports = {name: httpx.AsyncHTTPTransport(uds=sockets[name]) for name in NAMES}
        try:
            places = {name: "http://hochieu" if sockets[name] else urls[name] for name in NAMES}
            yield cls(places, transports)
        finally:
            for transport in transports.values():
                await transport.aclose()

    def client(self, service: ServiceName, token: str | None, address: str) -> Any:
        """A generated client: with somebody's token, or nobody's; `address`: of the browser."""
        package = import_module(f"web.clients.{service}")
        options: dict[str, Any] = {
            "base_url": self._places[service],
            "headers": {"X-Forwarded-For": address},
            "timeout": _TIMEOUT,
            "httpx_args": {"transport": self._transports[service], "trust_env": False},
        }
        if token is None:
            return package.Client(**options)
        return package.AuthenticatedClient(token=token, **options)


def answered(response: GivenAnswer) -> Any:
    """The parsed body of a success; ServiceError with the service's own words where it refused.

    SignInNeededError where it does not take the token any more.
    """
    status = int(response.status_code)
    if status < 400:
        return response.parsed
    if status == 401:
        raise SignInNeededError(ended=True)
    try:
        problem = json.loads(response.content)
    except ValueError:
        problem = {}
    headers = {name: response.headers[name] for name in _PASSED if name in response.headers}
    raise refused_behind(status, problem if isinstance(problem, dict) else {}, headers)
