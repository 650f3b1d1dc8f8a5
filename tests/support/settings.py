"""The settings of the services and the pages, and the environment variables that they are read
from.
"""

from collections.abc import Mapping

from pydantic import BaseModel

from services.chassis.settings import ProcessSettings, ServiceSettings
from services.records.settings import Settings as RecordsSettings
from services.signer.settings import Settings as SignerSettings
from services.verifier.settings import Settings as VerifierSettings
from web.settings import Settings as PageSettings

SETTINGS: Mapping[str, type[ServiceSettings]] = {
    "records": RecordsSettings,
    "verifier": VerifierSettings,
    "signer": SignerSettings,
}
"""By the service's name."""
PROCESSES: Mapping[str, type[ProcessSettings]] = {**SETTINGS, "web": PageSettings}
"""Those of the pages too."""


def defaults(model: type[ProcessSettings]) -> dict[str, object]:
    """The environment variables that a settings class reads, by the rule of
    services.chassis.settings (one underscore a level), and what each is where it is not set;
    PydanticUndefined where it must be.
    """
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            own = {
                inner: getattr(field.default, inner, of.default)
                for inner, of in nested.model_fields.items()
            }
            found |= {f"{name}_{inner}".upper(): default for inner, default in own.items()}
        else:
            found[name.upper()] = field.default
    return found
