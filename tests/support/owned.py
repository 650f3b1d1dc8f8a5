"""A service's database as an installation has it: an owner who migrates, and the service's user
with the rights to its rows.
"""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
from pydantic import SecretStr
from sqlalchemy.engine import make_url

import services
from services.chassis.db import plain_dsn
from services.chassis.migrate import MigratedDatabase, migrate
from tests.support.postgres import PostgresServer


@dataclass(frozen=True, slots=True)
class Owned:
    """The addresses of one database: the administrator's, the owner's, and the service's."""

    admin: str
    owner: str
    service: str

    @property
    def migrated(self) -> MigratedDatabase:
        """As the migration is told of it."""
        return MigratedDatabase(url=SecretStr(self.service), owner_url=SecretStr(self.owner))


def folder_of(service: str) -> Path:
    """The migrations of a service."""
    return Path(services.__file__).parent / service / "migrations"


async def owned_database(postgres: PostgresServer, service: str) -> Owned:
    """A new, empty database with two roles of its own."""
    url = await postgres.database_url(service)
    name = str(make_url(url).database)
    connection = await asyncpg.connect(url)
    try:
        for role in (name, f"{name}_owner"):
            await connection.execute(f'CREATE ROLE "{role}" LOGIN')
        await connection.execute(f'ALTER DATABASE "{name}" OWNER TO "{name}_owner"')
        await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
        await connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{name}"')
    finally:
        await connection.close()
    return Owned(url, as_user(url, f"{name}_owner"), as_user(url, name))


_templates: dict[str, Owned] = {}


async def migrated_database(postgres: PostgresServer, service: str) -> Owned:
    """The same with the service's tables in it: a copy of one that was migrated once a process."""
    if service not in _templates:
        _templates[service] = await owned_database(postgres, service)
        await migrate(_templates[service].migrated, folder_of(service))
    template = _templates[service]
    original = make_url(template.admin).database
    copy = f"{service}_{uuid4().hex[:12]}"
    await run(postgres.url("postgres"), f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    return Owned(
        *(
            plain_dsn(make_url(url).set(database=copy).render_as_string(False))
            for url in (template.admin, template.owner, template.service)
        )
    )


async def with_rights(url: str, service: str) -> str:
    """A new user with a service's rights in a database of the superuser's, and its address."""
    user = f"{service}_{uuid4().hex[:12]}"
    await run(url, f'CREATE ROLE "{user}" LOGIN')
    address = as_user(url, user)
    database = MigratedDatabase(url=SecretStr(address), owner_url=SecretStr(url))
    await migrate(database, folder_of(service))
    return address


def as_user(url: str, user: str) -> str:
    """The address of the same database for another user, who needs no password."""
    return plain_dsn(make_url(url).set(username=user, password=None).render_as_string(False))


async def run(url: str, *statements: str) -> None:
    """Runs statements, each in a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()
