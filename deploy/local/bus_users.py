"""The users of the embedded event log: one a service, which writes and reads what the contracts
say.

One user of the machine owns all parts of the embedded mode, and its PostgreSQL asks nobody for a
password over its socket. So this holds against a mistake and a hole in a service, not against
whoever is that user already. A server whose address is given asks for passwords.
"""

from collections.abc import Mapping
from dataclasses import asdict

import asyncpg
from sqlalchemy.engine import make_url

from deploy.contracts.bus_rights import SERVICES, rights_of
from services.chassis.bus.postgres_rights import grant
from services.chassis.bus.postgres_schema import make_log
from services.chassis.bus.settings import BusSettings
from services.chassis.db import plain_dsn


async def provide(
    admin: str, owner: str, passwords: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Makes the log and its users where they are missing, and answers each service's address.

    `admin`, `owner`: addresses of the server's administrator and of the log's owner. `passwords`:
    as in `postgres.provide`.
    """
    database = str(make_url(owner).database)
    users = {name: f"{database}_{name}" for name in SERVICES}
    connection = await asyncpg.connect(plain_dsn(admin))
    try:
        for name, user in users.items():
            await _make_user(connection, user, passwords[name] if passwords else None)
    finally:
        await connection.close()
    connection = await asyncpg.connect(plain_dsn(owner))
    try:
        await make_log(connection, BusSettings.model_fields["partitions"].default)
        for name, user in users.items():
            await connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {user}")
            await grant(connection, user, **asdict(rights_of(name)))
    finally:
        await connection.close()
    return {
        name: plain_dsn(
            make_url(owner)
            .set(username=user, password=passwords[name] if passwords else None)
            .render_as_string(False)
        )
        for name, user in users.items()
    }


async def _make_user(
    connection: "asyncpg.Connection[asyncpg.Record]", user: str, password: str | None
) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", user):
        await connection.execute(f"CREATE ROLE {user} LOGIN")
    if password is not None:
        quoted = await connection.fetchval("SELECT quote_literal($1)", password)
        await connection.execute(f"ALTER ROLE {user} PASSWORD {quoted}")
