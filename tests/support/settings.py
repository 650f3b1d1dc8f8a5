"""The settings of the three services, and the environment variables that they are read from."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel
from pydantic_settings import BaseSettings

from services.chassis.settings import ServiceSettings
from services.records.settings import Settings as RecordsSettings
from services.signer.settings import Settings as SignerSettings
from services.verifier.settings import Settings as VerifierSettings

SETTINGS: Mapping[str, type[ServiceSettings]] = {"records": RecordsSettings, "verifier": VerifierSettings, "signer": SignerSettings}
"""By the service's name."""


def variables(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The environment variables that a settings class reads, by the rule of services.chassis.settings: one underscore a level."""
    for name, field in model.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel) and issubclass(model, BaseSettings):
            yield from variables(nested, f"{name.upper()}_")
        else:
            yield f"{prefix}{name.upper()}"
