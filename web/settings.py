"""The settings of the pages."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr

from services.chassis.settings import ProcessSettings


class ReachedService(BaseModel):
    """Where a service answers: `http://host:port`, `https://…`, or `unix:///path/of.sock`."""

    url: str


class SignInSettings(BaseModel):
    """The OpenID provider at which people sign in, and what we are called there.

    `discovery`: where its document is read, if not at the issuer's own address as browsers know it.
    `audience`: whom access tokens must be for, as services ask it. `timeout_s`: of one request.
    """

    issuer: str
    client_id: str = "hochieu-web"
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    audience: str = "hochieu"
    scope: str = "openid"
    discovery: str | None = None
    timeout_s: float = Field(5, gt=0)

    @property
    def secret(self) -> str:
        """The client's secret; ValueError where none is set."""
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        if self.client_secret_file is not None:
            return self.client_secret_file.read_text().strip()
        raise ValueError("set OIDC_CLIENT_SECRET or OIDC_CLIENT_SECRET_FILE")

    @property
    def document(self) -> str:
        """The address of the provider's discovery document."""
        return self.discovery or f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


class SessionSettings(BaseModel):
    """How long a session lasts without a request, and at most; `per_address`: how often one address
    may begin to sign in.

    `counters`: where that is counted (`async+redis://…` where several processes answer).
    `address_header`: the header in which the proxy in front passes the client's address on.
    """

    idle_minutes: int = Field(30, ge=1)
    absolute_hours: int = Field(12, ge=1)
    per_address: str = "60 per minute"
    counters: str = "async+memory://"
    address_header: str | None = "X-Forwarded-For"


class Settings(ProcessSettings):
    """Beside the common ones: the services behind the pages, sign-in and sessions.

    `public_origin` is the address that people know the system by.
    """

    public_origin: str = "http://127.0.0.1:8000"
    records: ReachedService
    verifier: ReachedService
    signer: ReachedService
    oidc: SignInSettings
    session: SessionSettings = SessionSettings()

    @property
    def is_https(self) -> bool:
        """Whether browsers come by HTTPS."""
        return urlsplit(self.public_origin).scheme == "https"

    def links(self) -> Mapping[str, str]:
        """The provider's addresses.

        The services' are not among them: the edge too speaks to them in plain text, over a network
        that is encrypted underneath.
        """
        return {"OIDC_ISSUER": self.oidc.issuer, "OIDC_DISCOVERY": self.oidc.document}
