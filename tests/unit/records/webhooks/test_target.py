"""Whoever registers a webhook has us ask an address: never one within our network."""

from ipaddress import ip_address

import pytest
from pydantic import ValidationError

from services.chassis.errors import ServiceError
from services.records.settings import Settings, WebhookSettings
from services.records.webhooks.target import TargetError, check_form, is_allowed, resolve

STRICT = WebhookSettings()
TRIAL = WebhookSettings(allow_loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::",
        "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:0a00:0001::", "2001:0:1::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    assert not is_allowed(ip_address(address), STRICT)


@pytest.mark.parametrize("address", ["203.162.4.190", "8.8.8.8", "2001:4860:4860::8888"])
def test_a_public_address_is_told(address: str) -> None:
    assert is_allowed(ip_address(address), STRICT)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/told", "ftp://app.example/", "https://", "https://u:p@app.example/",
        "https://app.example/#x", "https://app.example:22/", "https://app.example:0/",
        "https://app.example:99999/", "https://[::1/", "https://app.example/a b",
        "https://ứng-dụng.example/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_no_other_form_of_address_is_registered(url: str) -> None:
    with pytest.raises(ServiceError) as refused:
        check_form(url, STRICT)
    assert (refused.value.status, refused.value.code) == (422, "WEBHOOK_ADDRESS_REFUSED")


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/",
        "https://0x7f.1/", "https://[::1]/", "https://10.0.0.7/", "https://169.254.169.254/latest",
    ],
)  # fmt: skip
async def test_a_name_or_a_number_that_leads_inside_is_not_asked(url: str) -> None:
    with pytest.raises(TargetError):
        await resolve(url, STRICT)


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked() -> None:
    target = await resolve("http://localhost:8000/told?a=1", TRIAL)
    assert target.pinned in ("http://127.0.0.1:8000/told?a=1", "http://[::1]:8000/told?a=1")
    assert (target.host, target.header) == ("localhost", "localhost:8000")


def test_production_never_tells_this_machine() -> None:
    with pytest.raises(ValidationError, match="WEBHOOK_ALLOW_LOOPBACK"):
        Settings.model_validate(
            {
                "environment": "production",
                "database": {"url": "postgresql://db/records"},
                "bus": {"url": "postgresql://db/bus"},
                "auth": {"issuer": "https://id.example", "jwks": "https://id.example/keys"},
                "seal": {"keys": "x", "index_key": "x"},
                "webhook": {"allow_loopback": True},
            }
        )
