"""How a service process is put together and lives: one way for all three."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from fastapi import APIRouter

from services.chassis.audit_heads import AuditHeads
from services.chassis.auth import Authenticator
from services.chassis.bus import Bus, open_bus
from services.chassis.bus.signatures import Signatures
from services.chassis.db import Database
from services.chassis.http import create_app
from services.chassis.maintenance import Purge, upkeep
from services.chassis.migrate import MigrationSettings, SchemaError, migrate, require_schema
from services.chassis.outbox import Outbox
from services.chassis.run import MIGRATE, Duty, read_duty, serve, stop_on_signal
from services.chassis.settings import ServiceSettings
from services.chassis.subscriptions import Subscription, consumers, lag_of
from services.chassis.telemetry import Metrics, configure_logging

OwnSettings = TypeVar("OwnSettings", bound=ServiceSettings)
Loop = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What every service process opens; `opened` holds what a service opens besides."""

    db: Database
    bus: Bus
    outbox: Outbox
    metrics: Metrics
    opened: AsyncExitStack


@dataclass(frozen=True, slots=True)
class Service:
    """One service, put together.

    `about`: title, description, prefix and tags of its API. `subscriptions`: the topics that a
    worker follows. `loops` run in every process, the others beside their duty only. `hourly` and
    `each_minute` are chores.
    """

    about: Mapping[str, Any]
    routers: Sequence[APIRouter]
    context: Any
    subscriptions: Sequence[Subscription]
    hourly: Sequence[Purge]
    each_minute: Sequence[Purge] = ()
    loops: Sequence[Loop] = ()
    api_loops: Sequence[Loop] = ()
    worker_loops: Sequence[Loop] = ()


def start(
    arguments: Sequence[str],
    migrations: Path,
    settings: Callable[[], OwnSettings],
    main: Callable[[OwnSettings, Duty], Coroutine[Any, Any, None]],
) -> None:
    """What `python -m services.<name>` does: it migrates and ends, or does its duty until a signal.

    SystemExit with what to do where the database is not ready for this release.
    """
    if list(arguments[1:]) == [MIGRATE]:
        configure_logging(migrations.parent.name, "info")
        uvloop.run(migrate(MigrationSettings().database, migrations))
        return
    duty = read_duty(arguments)
    try:
        uvloop.run(main(settings(), duty))
    except SchemaError as error:
        raise SystemExit(str(error)) from error


async def run_service(
    name: str,
    cfg: ServiceSettings,
    duty: Duty,
    migrations: Path,
    compose: Callable[[Parts], Awaitable[Service]],
) -> None:
    """Opens what the process holds, then serves, consumes and does its chores until a signal."""
    configure_logging(name, cfg.log_level)
    signatures = Signatures.of(cfg.bus, name)
    await require_schema(cfg.database, migrations, may_own=cfg.environment != "production")
    metrics = Metrics()
    async with AsyncExitStack() as opened:
        stop = await opened.enter_async_context(stop_on_signal())
        db = await opened.enter_async_context(Database.open(cfg.database))
        bus = await opened.enter_async_context(open_bus(cfg.bus))
        outbox = Outbox(db, bus, name, signatures.signer)
        service = await compose(Parts(db, bus, outbox, metrics, opened))
        app = create_app(
            **service.about,
            routers=service.routers if duty.api else (),
            context=service.context,
            authenticator=Authenticator(cfg.auth),
            metrics=metrics,
            ready={"database": db.ping, "bus": bus.ping},
            hsts=cfg.http.hsts,
            cors_origins=cfg.http.cors_origins,
        )
        followed = service.subscriptions if duty.worker else ()
        lag = lag_of(bus, name, followed) if duty.worker else None
        heads = AuditHeads(name, db, metrics, cfg.audit)
        each_minute = (*service.each_minute, heads.copy) if duty.worker else ()
        metrics.signatures_required.set(signatures.required)
        reading = consumers(bus, db, name, followed, cfg.worker, metrics, signatures)
        loops = [
            *(consumer.run for consumer in reading),
            *service.loops,
            *(service.api_loops if duty.api else ()),
            *(service.worker_loops if duty.worker else ()),
        ]
        async with asyncio.TaskGroup() as live:
            live.create_task(serve(app, cfg.http, stop))
            live.create_task(outbox.drain_forever(stop))
            live.create_task(
                upkeep(db, outbox, metrics, stop, *service.hourly, often=each_minute, lag=lag)
            )
            for loop in loops:
                live.create_task(_run(loop, stop))


async def _run(loop: Loop, stop: asyncio.Event) -> None:
    await loop(stop)
