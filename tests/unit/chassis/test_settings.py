"""Settings come from the environment, and what it does not name stays as the service has it."""

import pytest
from pydantic import BaseModel

from services.chassis.mail import MailSettings
from services.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Those of some service."""

    mail: MailSettings = MailSettings(sender="a@example.vn")


def test_a_variable_of_one_nested_field_leaves_the_service_s_own_defaults_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AUTH_ISSUER", "AUTH_JWKS", "SEAL_KEYS"):
        monkeypatch.setenv(name, "x")
    for name in ("DATABASE_URL", "BUS_URL"):
        monkeypatch.setenv(name, "postgresql://x")
    monkeypatch.setenv("MAIL_URL", "smtp://m:25")
    cfg = Settings()
    assert (cfg.mail.url, cfg.mail.sender) == ("smtp://m:25", "a@example.vn")


def test_a_variable_called_like_a_whole_group_of_settings_is_somebody_else_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AUTH_ISSUER", "AUTH_JWKS", "SEAL_KEYS"):
        monkeypatch.setenv(name, "x")
    for name in ("DATABASE_URL", "BUS_URL"):
        monkeypatch.setenv(name, "postgresql://x")
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            monkeypatch.setenv(name.upper(), "kafka")
    monkeypatch.setenv("BUS", '{"url":"kafka://elsewhere:9092"}')
    assert Settings().bus.url.get_secret_value() == "postgresql://x"
