"""`python -m services.records api|worker|all`: the only place that says how records is put
together.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvloop

from services.chassis.auth import Authenticator
from services.chassis.bus import open_bus
from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.http import create_app
from services.chassis.idempotency import Idempotency
from services.chassis.mail import Mailer
from services.chassis.maintenance import upkeep
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.run import Duty, read_duty, serve, stop_on_signal
from services.chassis.subscriptions import consumers, lag_of
from services.chassis.telemetry import Metrics, configure_logging
from services.records import api, schema
from services.records.clusters.cluster_search import search_if_stale
from services.records.complaints.mailer import mail_forever
from services.records.complaints.service import complaint_limits, measure_forever
from services.records.context import Context
from services.records.histories.service import search_forever
from services.records.pipeline import duplicates
from services.records.pipeline.consumer import subscriptions
from services.records.pipeline.retention import retention
from services.records.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"


async def main(cfg: Settings, duty: Duty) -> None:
    """Opens what the process holds, then serves and consumes until a signal."""
    configure_logging("records", cfg.log_level)
    mailer = Mailer(cfg.mail)
    await upgrade(cfg.database, MIGRATIONS)
    metrics = Metrics()
    async with AsyncExitStack() as held:
        stop = await held.enter_async_context(stop_on_signal())
        db = await held.enter_async_context(Database.open(cfg.database))
        bus = await held.enter_async_context(open_bus(cfg.bus))
        outbox = Outbox(db, bus, "records")
        idempotency = Idempotency(db, schema.idempotency)
        context = Context(
            cfg=cfg,
            db=db,
            outbox=outbox,
            sealer=Sealer.of(cfg.seal),
            idempotency=idempotency,
            metrics=metrics,
            facilities=cfg.facilities(),
            clock=lambda: datetime.now(UTC),
            complaints=complaint_limits(cfg.complaint),
        )
        app = create_app(
            **api.ABOUT,
            routers=api.ROUTERS if duty.api else (),
            context=context,
            authenticator=Authenticator(cfg.auth),
            metrics=metrics,
            ready={"database": db.ping, "bus": bus.ping},
        )
        followed = subscriptions(context) if duty.worker else []
        loops = consumers(bus, db, "records", followed, cfg.worker, metrics)
        lag = lag_of(bus, "records", followed) if duty.worker else None
        async with asyncio.TaskGroup() as live:
            live.create_task(serve(app, cfg.http, stop))
            live.create_task(outbox.drain_forever(stop))
            hourly = (
                idempotency.purge,
                retention(db, cfg.retention).purge,
                partial(search_if_stale, context),
            )
            often = (partial(duplicates.release, context),) if duty.worker else ()
            live.create_task(upkeep(db, outbox, metrics, stop, *hourly, often=often, lag=lag))
            for loop in loops:
                live.create_task(loop.run(stop))
            if duty.worker:
                live.create_task(
                    search_forever(db, context.sealer, metrics, cfg.history.spacing, stop)
                )
                live.create_task(measure_forever(db, metrics, context.clock, stop))
                live.create_task(mail_forever(context, mailer, stop))


if __name__ == "__main__":
    uvloop.run(main(Settings(), read_duty(sys.argv)))
