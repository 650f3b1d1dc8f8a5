"""The settings of the verifier."""

from pathlib import Path

from pydantic import BaseModel

from services.chassis.settings import ServiceSettings


class RegistrySettings(BaseModel):
    """Where the population registry answers (`https://…`, or `unix:///path` for one on this machine), and the token agreed with it."""

    url: str
    token_file: Path | None = None
    timeout_s: float = 10.0


class Settings(ServiceSettings):
    """Beside the common ones: the registry."""

    registry: RegistrySettings
