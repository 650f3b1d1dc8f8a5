"""`python -m services.records migrate|api|worker|all`: the only place that says how records
is put together.
"""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from contracts.access import shown_as
from services.chassis.encryption import Sealer
from services.chassis.idempotency import Idempotency
from services.chassis.mail import Mailer
from services.chassis.run import Duty
from services.chassis.service import Parts, Service, run_service, start
from services.chassis.volume import Volumes
from services.records import api, schema
from services.records.clusters.cluster_search import search_if_stale
from services.records.complaints.mailer import mail_forever
from services.records.complaints.service import complaint_limits, measure_forever
from services.records.context import Context
from services.records.exports.places import ExportPlaces
from services.records.histories.service import search_forever
from services.records.live.live_places import LivePlaces
from services.records.people.naming import name_forever
from services.records.pipeline import duplicates
from services.records.pipeline.consumer import subscriptions
from services.records.pipeline.retention import retention
from services.records.progress.counting import count_forever
from services.records.quotas import upload_quotas
from services.records.settings import Settings
from services.records.standing_letters import service as standing_letters
from services.records.suggestions.service import card_limits
from services.records.supplements import answers
from services.records.webhooks.sender import forget_old, send_forever

MIGRATIONS = Path(__file__).parent / "migrations"


async def main(cfg: Settings, duty: Duty) -> None:
    """Runs the service until a signal."""
    mailer = Mailer(cfg.mail)

    async def compose(parts: Parts) -> Service:
        context = Context(
            cfg=cfg,
            db=parts.db,
            outbox=parts.outbox,
            sealer=Sealer.of(cfg.seal),
            idempotency=Idempotency(parts.db, schema.idempotency),
            metrics=parts.metrics,
            facilities=cfg.facilities(),
            clock=lambda: datetime.now(UTC),
            complaints=complaint_limits(cfg.complaint),
            exports=ExportPlaces(cfg.export),
            live=LivePlaces(cfg.live),
            quotas=upload_quotas(cfg.upload),
            volumes=Volumes(cfg.volume, parts.metrics, shown_as),
            cards=card_limits(cfg.acceptance),
        )
        db, metrics = parts.db, parts.metrics
        return Service(
            about=api.ABOUT,
            routers=api.ROUTERS,
            context=context,
            subscriptions=subscriptions(context),
            hourly=(
                context.idempotency.purge,
                retention(db, cfg.retention).purge,
                partial(search_if_stale, context),
                partial(forget_old, context),
                partial(answers.yield_while_open, context),
            ),
            each_minute=(
                partial(answers.expire, context),
                partial(answers.yield_to_own, context),
                partial(duplicates.release, context),
            ),
            worker_loops=(
                partial(search_forever, db, context.sealer, metrics, cfg.history.spacing),
                partial(measure_forever, db, metrics, context.clock),
                partial(mail_forever, context, mailer),
                partial(send_forever, context),
                partial(name_forever, context),
                partial(standing_letters.mail_forever, context, mailer),
                partial(count_forever, context),
            ),
        )

    await run_service("records", cfg, duty, MIGRATIONS, compose)


if __name__ == "__main__":
    start(sys.argv, MIGRATIONS, Settings, main)
