"""`python -m services.signer api|worker|all`: the only place that says how the signer is put
together.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import uvloop

from services.chassis.auth import Authenticator
from services.chassis.bus import open_bus
from services.chassis.db import Database
from services.chassis.errors import TransientError
from services.chassis.mail import Mailer
from services.chassis.maintenance import upkeep
from services.chassis.migrate import upgrade
from services.chassis.outbox import Outbox
from services.chassis.retention import Retention, of_audit
from services.chassis.run import Duty, read_duty, serve, stop_on_signal
from services.chassis.subscriptions import consumers, lag_of
from services.chassis.telemetry import Metrics, configure_logging
from services.signer.app import MIGRATIONS, app_of, context_of, profile_of, trust_of
from services.signer.consumer import subscriptions
from services.signer.hcert.trust_file import TrustFile, watch_trust
from services.signer.keys.backends import key_store
from services.signer.keys.metrics import watch
from services.signer.keys.port import KeyUnavailableError
from services.signer.keys.ring import KeyRing, LiveRing
from services.signer.settings import Settings
from services.signer.workers.lookup_mailer import work_off
from services.signer.workers.renewal import renew_forever

_AT_ONCE = 4  # look-ups, so that a letter that must be sent again does not keep the others waiting


async def main(cfg: Settings, duty: Duty) -> None:
    """Opens what the process holds, then serves and consumes until a signal; SystemExit where no
    key can be used.
    """
    configure_logging("signer", cfg.log_level)
    profile = profile_of(cfg.certificate)
    try:
        ring = LiveRing(
            key_store(cfg.keys, profile.country, cfg.environment, lambda: datetime.now(UTC))
        )
    except (KeyUnavailableError, TransientError) as error:
        raise SystemExit(f"signer: {error}") from error
    mailer = Mailer(cfg.mail)
    await upgrade(cfg.database, MIGRATIONS)
    metrics = Metrics()
    async with AsyncExitStack() as opened:
        stop = await opened.enter_async_context(stop_on_signal())
        db = await opened.enter_async_context(Database.open(cfg.database))
        bus = await opened.enter_async_context(open_bus(cfg.bus))
        outbox = Outbox(db, bus, "signer")
        context = context_of(cfg, db, outbox, ring, metrics)
        trust_file = TrustFile(cfg.trust.file)

        watch(ring, metrics.registry, context.clock)
        watch_trust(trust_file, metrics.registry)

        def learn(keys: KeyRing) -> None:
            context.trust = trust_of(cfg.trust, keys, trust_file)

        app = app_of(context, Authenticator(cfg.auth), bus, serves=duty.api)
        followed = subscriptions(context) if duty.worker else []
        loops = consumers(bus, db, "signer", followed, cfg.worker, metrics)
        lag = lag_of(bus, "signer", followed) if duty.worker else None
        async with asyncio.TaskGroup() as live:
            live.create_task(serve(app, cfg.http, stop))
            live.create_task(outbox.drain_forever(stop))
            live.create_task(ring.follow(stop, cfg.keys.reread_s, learn))
            live.create_task(
                upkeep(
                    db,
                    outbox,
                    metrics,
                    stop,
                    Retention(db, [of_audit(cfg.retention)]).purge,
                    lag=lag,
                )
            )
            for loop in loops:
                live.create_task(loop.run(stop))
            for _ in range(_AT_ONCE if duty.api else 0):
                live.create_task(work_off(context, mailer, stop))
            if duty.worker:
                live.create_task(renew_forever(context, stop))


if __name__ == "__main__":
    uvloop.run(main(Settings(), read_duty(sys.argv)))
