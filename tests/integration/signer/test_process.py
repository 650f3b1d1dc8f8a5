"""The signer as the process that the runner starts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from contracts.access import Role
from services.chassis.bus import BusSettings, open_bus
from services.chassis.db import DatabaseSettings
from tests.integration.signer.conftest import KEY
from tests.integration.signer.work import HOA, dose, verified
from tests.support.bus import PATIENCE_S
from tests.support.postgres import PostgresServer
from tests.support.signatures import environment_of, signatures
from tests.support.tokens import TestIssuer


@pytest.fixture
async def environment(
    database: DatabaseSettings, postgres: PostgresServer, issuer: TestIssuer, tmp_path: Path
) -> dict[str, str]:
    """What the runner tells the process."""
    signatures(tmp_path)
    return {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "embedded",
        "DATABASE_URL": database.url.get_secret_value(),
        "BUS_URL": await postgres.database_url("bus"),
        "AUTH_ISSUER": issuer.settings.issuer,
        "AUTH_AUDIENCE": issuer.settings.audience,
        "AUTH_JWKS": issuer.settings.jwks,
        "SEAL_KEYS": KEY,
        "SEAL_INDEX_KEY": KEY,
        "HTTP_UDS": str(tmp_path / "signer.sock"),
        "KEYS_DIR": str(tmp_path / "keys"),
        **environment_of(tmp_path, "signer"),
        "MAIL_URL": f"smtp+unix://{tmp_path}/smtp.sock",
        "PUBLIC_ORIGIN": "http://127.0.0.1:8000",
    }


@contextmanager
def _started(environment: dict[str, str], duty: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "services.signer", duty],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _client(environment: dict[str, str]) -> httpx.Client:
    return httpx.Client(
        transport=httpx.HTTPTransport(uds=environment["HTTP_UDS"]), base_url="http://signer"
    )


def _until(
    client: httpx.Client, path: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            response = client.get(path, headers=headers)
            if response.status_code == 200:
                return response
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, path
        time.sleep(0.05)


async def test_a_verified_dose_on_the_bus_becomes_the_citizens_passport(
    environment: dict[str, str], issuer: TestIssuer, tmp_path: Path
) -> None:
    verifier = signatures(tmp_path)["verifier"].signer
    with _started(environment, "all") as process, _client(environment) as client:
        _until(client, "/signer/readyz")
        async with open_bus(BusSettings(url=environment["BUS_URL"])) as bus:
            await bus.publish([verifier.sign(verified(dose(1), dose(2, number=2)))])
        passport = _until(
            client,
            "/signer/v1/me/passport",
            issuer.headers(Role.CITIZEN, personal_id=HOA.personal_id),
        ).json()
        assert [one["dose_number"] for one in passport["certificates"]] == [1, 2]
        assert datetime.fromisoformat(passport["certificates"][0]["expires_at"]) > datetime.now(UTC)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


async def test_an_api_process_issues_nothing_and_a_worker_answers_probes_only(
    environment: dict[str, str],
) -> None:
    for duty, found in (("api", 200), ("worker", 404)):
        with _started(environment, duty) as process, _client(environment) as client:
            _until(client, "/signer/healthz")
            assert client.get("/signer/v1/trust-list").status_code == found
            assert 'signing_key_days{left="use"} 181.' in client.get("/signer/metrics").text
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0


async def test_production_does_not_start_with_keys_in_files_and_says_what_to_do(
    environment: dict[str, str],
) -> None:
    with _started({**environment, "ENVIRONMENT": "production"}, "all") as process:
        assert process.wait(PATIENCE_S) == 1
        assert process.stderr
        assert "PKCS#11" in process.stderr.read()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("BUS_SIGNING_KEY_FILE", "BUS_SIGNING_KEY_FILE is needed"),
        ("BUS_WRITERS_FILE", "BUS_WRITERS_FILE is needed"),
    ],
)
async def test_no_service_starts_without_the_keys_of_events(
    environment: dict[str, str], missing: str, said: str
) -> None:
    del environment[missing]
    with _started(environment, "all") as process:
        assert process.wait(PATIENCE_S) == 1
        assert process.stderr
        assert said in process.stderr.read()
