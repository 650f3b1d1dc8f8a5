"""`python -m services.verifier migrate|api|worker|all`: the only place that says how the verifier
is put together.
"""

import sys
from datetime import date, datetime
from functools import partial
from pathlib import Path

from contracts.access import shown_as
from services.chassis.encryption import Sealer
from services.chassis.idempotency import Idempotency
from services.chassis.run import Duty
from services.chassis.service import Parts, Service, run_service, start
from services.chassis.volume import Volumes
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
    """Runs the service until a signal.

    While the registry is away doses wait, and the service is no less ready to take them.
    """

    async def compose(parts: Parts) -> Service:
        registry = await parts.opened.enter_async_context(
            Registry.open(cfg.registry, parts.metrics)
        )
        sealer = Sealer.of(cfg.seal)
        context = Context(
            db=parts.db,
            outbox=parts.outbox,
            registry=registry,
            guardians=GuardianLookups(registry, cfg.guardian, _today),
            enumeration=EnumerationLimits(cfg.check, sealer),
            sealer=sealer,
            idempotency=Idempotency(parts.db, schema.idempotency),
            metrics=parts.metrics,
            volumes=Volumes(cfg.volume, parts.metrics, shown_as),
        )
        return Service(
            about=api.ABOUT,
            routers=api.ROUTERS,
            context=context,
            subscriptions=subscriptions(context),
            hourly=(context.idempotency.purge, retention(parts.db, cfg.retention).purge),
            worker_loops=(partial(follow, context),),
        )

    await run_service("verifier", cfg, duty, MIGRATIONS, compose)


def _today() -> date:
    """The day in Viet Nam."""
    return datetime.now(VIET_NAM).date()


if __name__ == "__main__":
    start(sys.argv, MIGRATIONS, Settings, main)
