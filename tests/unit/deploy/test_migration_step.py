"""The owner of a database migrates it before its service starts; nobody else knows the owner."""

from typing import Any

import pytest
import yaml

from services.chassis.migrate import MigrationSettings
from tests.support.paths import DEPLOY

SERVICES = ("records", "verifier", "signer")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
JOBS: dict[str, Any] = {
    job["metadata"]["name"]: job["spec"]["template"]["spec"]
    for job in yaml.safe_load_all((DEPLOY / "kubernetes" / "migrate.yaml").read_text())
}


@pytest.mark.parametrize("service", SERVICES)
def test_both_ways_to_run_migrate_each_database_as_its_owner_for_the_service_s_user(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [container] = JOBS[f"migrate-{service}"]["containers"]
    compose = COMPOSE[f"migrate-{service}"]
    ways = (
        (compose["command"], compose["environment"], f"/run/secrets/{service}.owner"),
        (
            container["args"],
            {variable["name"]: variable["value"] for variable in container["env"]},
            "/run/secrets/owner/password",
        ),
    )
    for command, environment, password_file in ways:
        assert command == [f"services.{service}", "migrate"]
        with monkeypatch.context() as patched:
            for variable, value in environment.items():
                patched.setenv(variable, value)
            database = MigrationSettings().database
        assert str(database.owner.password_file) == password_file
        assert database.owner_url is not None
        assert (
            database.owner_url.get_secret_value()
            == f"postgresql://hochieu_{service}_owner@postgres:5432/hochieu_{service}"
        )
        assert database.address.username == f"hochieu_{service}"


def test_no_service_starts_before_its_database_was_migrated_nor_is_given_its_owner() -> None:
    for name, service in COMPOSE.items():
        room = name.partition("-")[0]
        given = {secret for secret in service.get("secrets", []) if str(secret).endswith(".owner")}
        if room in SERVICES:
            wanted = service["depends_on"][f"migrate-{room}"]["condition"]
            assert wanted == "service_completed_successfully", name
        if room == "migrate":
            assert given == {f"{name.partition('-')[2]}.owner"}
        else:
            assert not given or name == "postgres", name
