"""Settings that every service has, read from environment variables: `DATABASE_URL`, `BUS_URL`,
`AUTH_JWKS`, `HTTP_PORT` and the like.
"""

from typing import Literal

from pydantic import BaseModel, Field

from services.chassis.audit_heads import AuditSettings
from services.chassis.auth import AuthSettings
from services.chassis.bus import BusSettings
from services.chassis.connection_limits import ConnectionLimits
from services.chassis.db import DatabaseSettings
from services.chassis.encryption import SealSettings
from services.chassis.environment import FromEnvironment


class HttpSettings(ConnectionLimits):
    """Where the service listens: a port, or a Unix socket where one is given; and the limits of its
    connections.

    `hsts_s`: seconds for which browsers that came by HTTPS shall come by nothing else. 0 says
    nothing of it: people do not come by HTTPS, or what stands in front says it.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    uds: str | None = None
    hsts_s: int = Field(0, ge=0)

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


class ServiceSettings(FromEnvironment):
    """Base of each service's settings."""

    environment: Literal["embedded", "test", "production"] = "embedded"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database: DatabaseSettings
    bus: BusSettings
    auth: AuthSettings
    seal: SealSettings
    http: HttpSettings = HttpSettings()
    worker: WorkerSettings = WorkerSettings()
    audit: AuditSettings = AuditSettings()
