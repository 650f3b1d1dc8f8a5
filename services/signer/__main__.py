"""`python -m services.signer migrate|api|worker|all`: the only place that says how the signer
is put together.
"""

import asyncio
import sys
from datetime import UTC, datetime
from functools import partial

from services.chassis.errors import TransientError
from services.chassis.mail import Mailer
from services.chassis.retention import Retention, of_audit
from services.chassis.run import Duty
from services.chassis.service import Parts, Service, run_service, start
from services.chassis.telemetry import configure_logging
from services.signer import api
from services.signer.app import MIGRATIONS, context_of, profile_of, trust_of
from services.signer.consumer import subscriptions
from services.signer.hcert.trust_file import TrustFile, watch_trust
from services.signer.keys.backends import key_store
from services.signer.keys.metrics import watch
from services.signer.keys.port import KeyUnavailableError
from services.signer.keys.ring import KeyRing, LiveRing
from services.signer.settings import Settings
from services.signer.store import lookup_codes, passport_links
from services.signer.workers.lookup_mailer import work_off
from services.signer.workers.renewal import renew_forever

_CODE_DAYS = 1  # after it has expired; a link of a letter, too
_AT_ONCE = 4  # look-ups, so that a letter that must be sent again does not keep the others waiting


async def main(cfg: Settings, duty: Duty) -> None:
    """Runs the service until a signal; SystemExit where no key can be used."""
    configure_logging("signer", cfg.log_level)
    profile = profile_of(cfg.certificate)
    try:
        ring = LiveRing(
            key_store(cfg.keys, profile.country, cfg.environment, lambda: datetime.now(UTC))
        )
    except (KeyUnavailableError, TransientError) as error:
        raise SystemExit(f"signer: {error}") from error
    mailer = Mailer(cfg.mail)

    async def compose(parts: Parts) -> Service:
        context = context_of(cfg, parts.db, parts.outbox, ring, parts.metrics)
        trust_file = TrustFile(cfg.trust.file)
        watch(ring, parts.metrics.registry, context.clock)
        watch_trust(trust_file, parts.metrics.registry)

        def learn(keys: KeyRing) -> None:
            context.trust = trust_of(cfg.trust, keys, trust_file)

        async def follow_keys(stop: asyncio.Event) -> None:
            await ring.follow(stop, cfg.keys.reread_s, learn)

        kept = [
            of_audit(cfg.retention),
            (lookup_codes.forget_expired, _CODE_DAYS),
            (passport_links.forget_expired, _CODE_DAYS),
        ]
        return Service(
            about=api.ABOUT,
            routers=api.ROUTERS,
            context=context,
            subscriptions=subscriptions(context),
            hourly=(Retention(parts.db, kept).purge,),
            loops=(follow_keys,),
            api_loops=(partial(work_off, context, mailer),) * _AT_ONCE,
            worker_loops=(partial(renew_forever, context),),
        )

    await run_service("signer", cfg, duty, MIGRATIONS, compose)


if __name__ == "__main__":
    start(sys.argv, MIGRATIONS, Settings, main)
