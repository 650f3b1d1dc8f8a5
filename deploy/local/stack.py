"""Composes the parts of the embedded mode and hands out the address at which everything answers."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

import services
import web
from deploy.audit.run import SERVICES
from deploy.local import bus_users, event_keys, issuer, postgres
from deploy.local.failure import StartError
from deploy.local.home import Home
from deploy.local.processes import Part, Parts
from deploy.local.surroundings import of_the_machine
from services.chassis.migrate import MigratedDatabase, migrate

_BROKER_S = 5.0
_GIVES_WAY = 5
"""The niceness of the pipeline's work on a machine that it shares with records, where a clinic
waits for its answer.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What to run: the port of the one origin, the registry's people (a file, or how many to make
    up), what replaces embedded parts.

    `database_url`: administrator's address of a PostgreSQL server; `bus_url`: `kafka://…`;
    `environment`: more variables for the services; `of_service`: for one of them.
    """

    port: int = 8000
    people_file: Path | None = None
    people: int = 6000
    seed: int = 2021
    database_url: str | None = None
    bus_url: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    of_service: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running system."""

    origin: str
    home: Home
    parts: Parts
    databases: Mapping[str, str]

    def direct(self, name: str) -> httpx.Client:
        """A client of one part on its own socket, past the gateway."""
        socket = next(part.socket for part in self.parts if part.name == name)
        return httpx.Client(
            transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://hochieu", timeout=30
        )


@asynccontextmanager
async def running(home: Home, options: Options) -> AsyncIterator[Stack]:
    """Starts everything on `home`, waits until all of it answers, and stops it at the end.

    OSError where the port is taken, StartError where a part does not start.
    """
    _refuse_taken_port(options.port)
    if options.bus_url is not None:
        await _refuse_silent_broker(options.bus_url)
    home.prepare()
    origin = f"http://127.0.0.1:{options.port}"
    issuer.prepare(home, f"{origin}/issuer")
    event_keys.prepare(home)
    async with AsyncExitStack() as held:
        passwords: dict[str, str] | None = None
        bus_passwords: dict[str, str] | None = None
        if options.database_url is None:
            admin = await held.enter_async_context(postgres.embedded(home.postgres))
        else:
            admin = options.database_url
            passwords = {
                name: _secret(home, f"{name}.database")
                for name in (*postgres.NAMES, *postgres.OWNERS)
            }
            bus_passwords = {name: _secret(home, f"{name}.bus") for name in event_keys.WRITERS}
        databases = await postgres.provide(admin, passwords=passwords)
        owners = {name: databases.pop(f"{name}_owner") for name in postgres.OWNED}
        for name in postgres.OWNED:
            await _migrate(name, databases[name], owners[name])
        # of Kafka the users are the cluster's own; services name them in their settings
        if options.bus_url is None:
            buses = await bus_users.provide(admin, databases["bus"], bus_passwords)
        else:
            buses = dict.fromkeys(event_keys.WRITERS, options.bus_url)
        sockets = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="hochieu-")))
        parts = Parts(home.logs, of_the_machine(postgres=options.database_url is not None))
        held.push_async_callback(parts.stop)
        for part in _parts(home, options, databases, buses, sockets):
            await parts.start(part)
        await parts.ready()
        # the whole way: what stands behind the gateway answers through it
        probes = (f"{origin}/{name}/healthz" for name in ("records", "verifier", "signer", "web"))
        await parts.answering("gateway", *probes)
        yield Stack(origin, home, parts, databases)


async def _migrate(name: str, url: str, owner_url: str) -> None:
    """As its owner, who is not known to the service; StartError where that fails."""
    database = MigratedDatabase(url=SecretStr(url), owner_url=SecretStr(owner_url))
    room = web if name == "web" else services
    parent = Path(str(room.__file__)).parent
    try:
        await migrate(database, (parent if room is web else parent / name) / "migrations")
    except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
        raise StartError(f"{name}: migration {type(error).__name__}") from error


def _parts(
    home: Home,
    options: Options,
    databases: Mapping[str, str],
    buses: Mapping[str, str],
    sockets: Path,
) -> list[Part]:
    """Every child process; each service is told only what it may reach."""
    origin = f"http://127.0.0.1:{options.port}"
    registry, mail, smtp = sockets / "registry.sock", sockets / "mail.sock", sockets / "smtp.sock"
    people = (
        ["--people", str(options.people_file)]
        if options.people_file
        else ["--synthesise", str(options.people), "--seed", str(options.seed)]
    )

    def service(name: str, niceness: int = 0, **own: str) -> Part:
        path = sockets / f"{name}.sock"
        common = {
            "ENVIRONMENT": "embedded",
            "DATABASE_URL": databases[name],
            "BUS_URL": buses[name],
            "BUS_SIGNING_KEY_FILE": str(event_keys.private_file(home, name)),
            "BUS_WRITERS_FILE": str(event_keys.writers_file(home)),
            "AUTH_ISSUER": issuer.url(home),
            "AUTH_AUDIENCE": issuer.AUDIENCE,
            "AUTH_JWKS": str(home.jwks),
            "SEAL_KEYS_FILE": str(home.secret(f"{name}.seal")),
            "SEAL_INDEX_KEY_FILE": str(home.secret(f"{name}.index")),
            "AUDIT_HEADS_FILE": str(home.audit_heads),
            "HTTP_UDS": str(path),
        }
        return Part(
            name,
            f"services.{name}",
            ("all",),
            {**common, **own, **options.environment, **options.of_service.get(name, {})},
            path,
            niceness,
        )

    stub = Part(
        "registry",
        "deploy.stubs.registry",
        ("--uds", str(registry), "--cache", str(home.registry), *people),
        socket=registry,
    )
    sink = Part(
        "mail",
        "deploy.stubs.mail",
        ("--smtp", str(smtp), "--http", str(mail), "--folder", str(home.mail)),
        socket=mail,
    )
    records = service(
        "records",
        MAIL_URL=f"smtp+unix://{smtp}",
        PUBLIC_ORIGIN=origin,
        WEBHOOK_ALLOW_LOOPBACK="true",
    )
    verifier = service("verifier", _GIVES_WAY, REGISTRY_URL=f"unix://{registry}")
    signer = service(
        "signer",
        _GIVES_WAY,
        KEYS_DIR=str(home.signing_keys),
        MAIL_URL=f"smtp+unix://{smtp}",
        PUBLIC_ORIGIN=origin,
    )
    provider = Part(
        "issuer",
        "deploy.stubs.issuer",
        (
            *("--uds", str(sockets / "issuer.sock"), "--home", str(home.root), "--origin", origin),
            *("--client-secret-file", str(home.secret("web.client"))),
            *(("--people", str(options.people_file)) if options.people_file else ()),
        ),
        {"ENVIRONMENT": "embedded", **options.environment},
        sockets / "issuer.sock",
    )
    pages = Part(
        "web",
        "web",
        ("api",),
        {
            "ENVIRONMENT": "embedded",
            "DATABASE_URL": databases["web"],
            "SEAL_KEYS_FILE": str(home.secret("web.seal")),
            "SEAL_INDEX_KEY_FILE": str(home.secret("web.index")),
            "OIDC_ISSUER": issuer.url(home),
            "OIDC_CLIENT_SECRET_FILE": str(home.secret("web.client")),
            "RECORDS_URL": f"unix://{records.socket}",
            "VERIFIER_URL": f"unix://{verifier.socket}",
            "SIGNER_URL": f"unix://{signer.socket}",
            "PUBLIC_ORIGIN": origin,
            "HTTP_UDS": str(sockets / "web.sock"),
            **options.environment,
            **options.of_service.get("web", {}),
        },
        sockets / "web.sock",
    )
    # nobody waits for it
    auditor = Part(
        "auditor",
        "deploy.audit.watch",
        environment={
            **{f"{name.upper()}_DATABASE_URL": databases[name] for name in SERVICES},
            "AUDIT_HEADS_FILE": str(home.audit_heads),
        },
        niceness=_GIVES_WAY,
    )
    answering = (records, verifier, signer, pages, provider, stub, sink)
    routes = {part.name: str(part.socket) for part in answering}
    gateway = Part(
        "gateway",
        "deploy.local.gateway",
        ("--port", str(options.port), "--parts", json.dumps(routes)),
        {"PUBLIC_ORIGIN": origin, **options.environment},
    )
    return [stub, sink, provider, records, verifier, signer, pages, gateway, auditor]


def _secret(home: Home, name: str) -> str:
    return home.secret(name).read_text().strip()


async def _refuse_silent_broker(bus_url: str) -> None:
    """StartError where no server of a Kafka address listens: services would wait for it for ever,
    as they must in production.
    """
    if not bus_url.startswith("kafka://"):
        return
    for server in (servers := bus_url.removeprefix("kafka://").rstrip("/").split(",")):
        host, colon, port = server.rpartition(":")
        try:
            async with asyncio.timeout(_BROKER_S):
                _, writer = await asyncio.open_connection(
                    (host if colon else server).strip("[]"), int(port if colon else 9092)
                )
        except OSError:
            continue
        writer.close()
        return
    raise StartError(f"Kafka không trả lời / does not answer: {', '.join(servers)}")


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
