"""Whoever takes a service and its database user over cannot take back what the audit says."""

import asyncpg
import pytest

from services.chassis.db import plain_dsn
from tests.support.owned import as_user, fetch, run
from tests.support.stack import System

SERVICES = ("records", "verifier", "signer")
LOOK = (
    "INSERT INTO audit (caller, roles, act, purpose, stated, kind, subjects, scope, shown)"
    " VALUES ('attacker', '{}', 'dose_read', 'correction', false, 'dose', '{1}', '', 1)"
)
ATTEMPTS = (
    "DELETE FROM audit",
    "UPDATE audit SET caller = 'somebody else'",
    "TRUNCATE audit",
    "DROP TABLE audit CASCADE",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "ALTER TABLE audit DISABLE TRIGGER audit_rows_stay",
    "DROP TRIGGER audit_is_chained ON audit",
    "ALTER TABLE audit RENAME TO old",
    "ALTER TABLE audit OWNER TO CURRENT_USER",
    "CREATE RULE quiet AS ON INSERT TO audit DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NULL; END $$",
    "CREATE OR REPLACE FUNCTION audit_chained() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NULL; END $$",
    "SET session_replication_role = replica",
    "INSERT INTO audit (at, caller, roles, act, purpose, stated, kind, subjects, scope, shown)"
    " VALUES ('2020-01-01', 'x', '{}', 'x', 'x', false, 'x', '{}', '', 1)",
    "INSERT INTO audit_chain VALUES (1000000, 1000000, '')",
    "UPDATE audit_chain SET hash = ''",
    "DELETE FROM audit_chain",
    "SELECT setval(pg_get_serial_sequence('audit', 'id'), 1)",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE TABLE public.mine (id int)",
    "CREATE TEMP TABLE audit_chain (id int)",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER ROLE CURRENT_USER SUPERUSER",
)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_s_user_cannot_change_its_audit_nor_switch_a_trigger_off(
    target: System, service: str
) -> None:
    url = target.stack.databases[service]
    await run(url, LOOK)
    before = await fetch(url, "SELECT count(*), sum(id) FROM audit")
    connection = await asyncpg.connect(plain_dsn(url))
    try:
        for attempt in (*ATTEMPTS, f"SET ROLE hochieu_{service}_owner"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(attempt)
        # retention's own way lets nothing go that is younger than a year, whatever it is asked
        assert await connection.fetchval("SELECT audit_forget('infinity', 1000000)") == 0
    finally:
        await connection.close()
    assert await fetch(url, "SELECT count(*), sum(id) FROM audit") == before


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_is_told_no_more_than_its_own_user(target: System, service: str) -> None:
    [part] = [part for part in target.stack.parts if part.name == service]
    assert not any("owner" in f"{name}={value}" for name, value in part.environment.items())
    [(user, owner)] = await fetch(
        target.stack.databases[service],
        "SELECT current_user::text, tableowner::text FROM pg_tables WHERE tablename = 'audit'",
    )
    assert (user, owner) == (f"hochieu_{service}", f"hochieu_{service}_owner")


@pytest.mark.parametrize("service", SERVICES)
async def test_every_row_of_the_running_system_is_in_the_chain(
    target: System, service: str
) -> None:
    url = as_user(target.stack.databases[service], "postgres")
    await run(target.stack.databases[service], LOOK)
    [(rows, links)] = await fetch(
        url, "SELECT count(*), count(chain.position) FROM audit LEFT JOIN audit_chain AS chain"
        " ON chain.audit_id = audit.id",
    )  # fmt: skip
    assert rows == links and rows
