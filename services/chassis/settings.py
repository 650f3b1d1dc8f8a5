"""Settings that every service has, read from environment variables: `DATABASE_URL`, `BUS_URL`,
`AUTH_JWKS`, `HTTP_PORT` and the like.
"""

import re
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, Field, field_validator, model_validator

from services.chassis.audit_heads import AuditSettings
from services.chassis.auth import AuthSettings
from services.chassis.bus import BusSettings
from services.chassis.connection_limits import ConnectionLimits
from services.chassis.db import DatabaseSettings
from services.chassis.encryption import SealSettings
from services.chassis.environment import FromEnvironment
from services.chassis.plain_links import plain_links

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")


class HttpSettings(ConnectionLimits):
    """Where the service listens: a port, or a Unix socket where one is given; and the limits of its
    connections.

    `hsts_s`: seconds for which browsers that came by HTTPS shall come by nothing else. 0 says
    nothing of it: people do not come by HTTPS, or what stands in front says it. `cors_origins`:
    whose pages may ask from a browser, each exact (`https://app.example`); cookies never count.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    uds: str | None = None
    hsts_s: int = Field(0, ge=0)
    cors_origins: tuple[str, ...] = ()

    @field_validator("cors_origins")
    @classmethod
    def _are_exact(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"HTTP_CORS_ORIGINS: {origin!r} is not one exact origin")
        return origins

    @property
    def hsts(self) -> str:
        """The header `Strict-Transport-Security`; empty for none."""
        return f"max-age={self.hsts_s}" if self.hsts_s else ""


class WorkerSettings(BaseModel):
    """How a worker process takes events: loops on the normal lane, and chunks handled in one
    transaction.
    """

    loops: int = 1
    max_events: int = 8


class ProcessSettings(FromEnvironment):
    """Base of the settings of every process that answers requests; production refuses links to
    others in plain text.
    """

    environment: Literal["embedded", "test", "production"] = "embedded"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database: DatabaseSettings
    seal: SealSettings
    http: HttpSettings = HttpSettings()

    def links(self) -> Mapping[str, str]:
        """The addresses at which this process asks others, by their settings.

        The database's is not among them: its own `sslmode` says how it is spoken to.
        """
        return {}

    @model_validator(mode="after")
    def _speaks_no_plain_text(self) -> Self:
        if self.environment == "production" and (plain := list(plain_links(self.links()))):
            raise ValueError(" ".join(plain))
        return self


class ServiceSettings(ProcessSettings):
    """Base of each service's settings."""

    bus: BusSettings
    auth: AuthSettings
    worker: WorkerSettings = WorkerSettings()
    audit: AuditSettings = AuditSettings()

    def links(self) -> Mapping[str, str]:
        """As of every process, and those of tokens and events."""
        kafka = self.bus.is_kafka and not self.bus.tls
        bus = {"BUS_URL": self.bus.url.get_secret_value()} if kafka else {}
        return {"AUTH_JWKS": self.auth.jwks, **bus}
