"""Settings come from the environment, and what it does not name stays as the service has it."""

import re
from collections.abc import Mapping

import pytest
from pydantic import BaseModel

from services.chassis.mail import MailSettings
from services.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Those of some service."""

    mail: MailSettings = MailSettings(sender="a@example.vn")


class Links(Settings):
    """Those of a service that sends letters."""

    def links(self) -> Mapping[str, str]:
        return {**super().links(), "MAIL_URL": self.mail.url}


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


PLAIN = [
    ("AUTH_JWKS", "http://issuer.example.vn/jwks", "https"),
    ("MAIL_URL", "smtp://mail.example.vn:25", "smtps or smtp+starttls"),
    ("BUS_URL", "kafka://kafka.example.vn:9092", "BUS_TLS=true"),
]
ENCRYPTED = {
    "AUTH_JWKS": "https://issuer.example.vn/jwks",
    "MAIL_URL": "smtp+starttls://mail.example.vn:587",
    "BUS_URL": "postgresql://x",
}


def _production(monkeypatch: pytest.MonkeyPatch, **links: str) -> Links:
    for name in ("AUTH_ISSUER", "SEAL_KEYS"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("DATABASE_URL", "postgresql://x:password@y")
    for name, address in (ENCRYPTED | links).items():
        monkeypatch.setenv(name, address)
    return Links(environment="production")


@pytest.mark.parametrize(("setting", "address", "better"), PLAIN)
def test_production_refuses_a_link_in_plain_text_and_says_what_to_use(
    monkeypatch: pytest.MonkeyPatch, setting: str, address: str, better: str
) -> None:
    with pytest.raises(ValueError, match=f"{setting}: .*{re.escape(better)}") as refused:
        _production(monkeypatch, **{setting: address})
    assert "password" not in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "address"),
    [("MAIL_URL", "smtp://127.0.0.1:25"), ("MAIL_URL", "smtp+unix:///x"), ("AUTH_JWKS", "/x.json")],
)
def test_production_takes_encrypted_links_and_those_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, setting: str, address: str
) -> None:
    _production(monkeypatch)
    _production(monkeypatch, **{setting: address})


def test_kafka_with_tls_is_no_plain_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUS_TLS", "true")
    _production(monkeypatch, BUS_URL="kafka://kafka.example.vn:9092")
