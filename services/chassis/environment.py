"""Settings from environment variables: one variable a field, a nested field one underscore away."""

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)


class _SingleVariables(EnvSettingsSource):
    """Reads `BUS_URL`, but never `BUS` as a whole group of settings: so short a name may be another
    program's.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        value, key, is_complex = super().get_field_value(field, field_name)
        nested = isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        return (None if nested else value), key, is_complex


class FromEnvironment(BaseSettings):
    """Settings read from variables; a nested field is one underscore away (`BUS_URL` is
    `bus.url`).
    """

    model_config = SettingsConfigDict(
        env_nested_delimiter="_",
        env_nested_max_split=1,
        # a service's own default of one nested field survives a variable of another
        nested_model_default_partial_update=True,
        extra="ignore",
        secrets_dir=None,
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the variables."""
        return init_settings, _SingleVariables(settings_cls)
