"""`python -m services.verifier api|worker|all`.

The only place that says how the verifier is put together.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import date, datetime
from pathlib import Path

import uvloop

from services.chassis.auth import Authenticator
from services.chassis.bus import open_bus
from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.http import create_app
from services.chassis.idempotency import Idempotency
from services.chassis.maintenance import upkeep
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.run import Duty, read_duty, serve, stop_on_signal
from services.chassis.subscriptions import consumers, lag_of
from services.chassis.telemetry import Metrics, configure_logging
from services.verifier import api, schema
from services.verifier.consumer import subscriptions
from services.verifier.context import Context
from services.verifier.enumeration_limits import EnumerationLimits
from services.verifier.guardian_lookups import GuardianLookups
from services.verifier.registry import Registry
from services.verifier.registry_feed import follow
from services.verifier.retention import retention
from services.verifier.settings import Settings
from vietnamese.dates import VIET_NAM

MIGRATIONS = Path(__file__).parent / "migrations"


async def main(cfg: Settings, duty: Duty) -> None:
    """Opens what the process shares, then serves and consumes until a signal."""
    configure_logging("verifier", cfg.log_level)
    await upgrade(cfg.database, MIGRATIONS)
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        stop = await stack.enter_async_context(stop_on_signal())
        db = await stack.enter_async_context(Database.open(cfg.database))
        bus = await stack.enter_async_context(open_bus(cfg.bus))
        registry = await stack.enter_async_context(Registry.open(cfg.registry, metrics))
        outbox = Outbox(db, bus, "verifier")
        idempotency = Idempotency(db, schema.idempotency)
        guardians = GuardianLookups(registry, cfg.guardian, _today)
        sealer = Sealer.of(cfg.seal)
        context = Context(
            db,
            outbox,
            registry,
            guardians,
            EnumerationLimits(cfg.check, sealer),
            sealer,
            idempotency,
            metrics,
        )
        app = create_app(
            **api.ABOUT,
            routers=api.ROUTERS if duty.api else (),
            context=context,
            authenticator=Authenticator(cfg.auth),
            metrics=metrics,
            # not the registry: while it is away doses wait, and the service can still take them
            ready={"database": db.ping, "bus": bus.ping},
        )
        followed = subscriptions(context) if duty.worker else []
        loops = consumers(bus, db, "verifier", followed, cfg.worker, metrics)
        lag = lag_of(bus, "verifier", followed) if duty.worker else None
        async with asyncio.TaskGroup() as live:
            live.create_task(serve(app, cfg.http, stop))
            live.create_task(outbox.drain_forever(stop))
            live.create_task(
                upkeep(
                    db,
                    outbox,
                    metrics,
                    stop,
                    idempotency.purge,
                    retention(db, cfg.retention).purge,
                    lag=lag,
                )
            )
            if duty.worker:
                live.create_task(follow(context, stop))
            for loop in loops:
                live.create_task(loop.run(stop))


def _today() -> date:
    """The day in Viet Nam."""
    return datetime.now(VIET_NAM).date()


if __name__ == "__main__":
    uvloop.run(main(Settings(), read_duty(sys.argv)))
