"""Renews certificates before they expire, by itself: nobody asks for it and no event begins it.

Certificates are read in the order in which they expire, one slice of time after another. The
position is stored, so a worker that stops leaves the rest to the next one. Going over a slice again
renews nothing twice (`issuance/renew.py`). One worker renews at a time.

No certificate may be issued that expires before the position. A certificate is renewed after half
of its life at the earliest. While the signing key's own certificate ends too soon for that, nothing
is renewed.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Gauge

from contracts.events import MAX_CHUNK
from services.chassis.periodic import UnknownError, periodic, rest
from services.chassis.telemetry import Metrics
from services.signer.context import Context
from services.signer.issuance.renew import renew_certificates
from services.signer.store import renewals as store
from services.signer.store.locks import SignerLock
from services.signer.store.renewals import RETRY_AFTER, EditionKey
from vietnamese.dates import PROGRAMME_BEGAN

_LOOK_S = 60.0
_RESTS_PER_WORK = 3
_BEGAN = datetime.combine(PROGRAMME_BEGAN, datetime.min.time(), UTC)  # nothing expired before
_READ = 5_000
_NARROWEST = timedelta(seconds=1)  # certificates expire at whole seconds
_LATE = timedelta(days=1)
_COUNTED = 10_000
_log = structlog.get_logger()


async def renew_forever(context: Context, stop: asyncio.Event) -> None:
    """Renews what is due, again and again until `stop` is set.

    It waits for a database or key that is away.
    """
    overdue = overdue_gauge(context.metrics)

    async def work() -> None:
        async with context.db.lock(SignerLock.RENEWAL) as acquired:
            if acquired:
                await renew_due(context, stop)
        async with context.db.begin() as tx:
            after = await store.reached(tx) or _BEGAN
            until = context.clock() + context.profile.renewal_lead - _LATE
            behind, refused = await store.overdue(tx, after, until, _COUNTED)
        overdue.labels("behind").set(behind)
        overdue.labels("refused").set(refused)

    # whatever goes wrong, what is due stays due
    await periodic("renewal", work, stop, _LOOK_S, UnknownError.IS_LOGGED)


def overdue_gauge(metrics: Metrics) -> Gauge:
    """How many certificates were not renewed in time: `behind`, counted up to 10,000, and
    `refused`.
    """
    return Gauge(
        "renewals_overdue",
        "Certificates that were not renewed in time, by why",
        ["why"],
        registry=metrics.registry,
    )


async def renew_due(context: Context, stop: asyncio.Event) -> None:
    """Renews all that is due now; comes back early where `stop` is set."""
    now, signer = context.clock(), context.ring.active
    until = now + context.profile.renewal_lead
    _, next_expires = context.profile.times(now, signer.window)
    if next_expires <= until.timestamp():
        _log.warning("renewal_waits_for_a_new_key", kid=signer.envelope.kid.hex())
        return
    async with context.db.begin() as tx:
        refused = await store.to_retry(tx, now - RETRY_AFTER, MAX_CHUNK)
        after = await store.reached(tx) or _BEGAN
        if after > until:  # the validity was shortened
            await store.reach(tx, until)
    await _renew_all(context, refused, stop)
    width = until - after
    while after < until and not stop.is_set():
        keys, end = await _slice(context, after, until, width)
        if await _renew_all(context, keys, stop):
            async with context.db.begin() as tx:
                await store.reach(tx, end)
        after, width = end, 2 * (end - after)


async def _slice(
    context: Context, after: datetime, until: datetime, width: timedelta
) -> tuple[list[EditionKey], datetime]:
    """What expires next, and until when: a slice of at most `width`.

    It is narrower where that has too much to be read at once.
    """
    while True:
        end = min(until, after + width)
        most = _READ if width > _NARROWEST else None
        async with context.db.begin() as tx:
            keys = await store.expiring(tx, after, end, most)
        if most is None or len(keys) < most:
            return keys, end
        width = max(_NARROWEST, width / 2)


async def _renew_all(context: Context, keys: Sequence[EditionKey], stop: asyncio.Event) -> bool:
    """Renews `keys`, a few in each transaction; False where `stop` came before the end."""
    for at in range(0, len(keys), MAX_CHUNK):
        if stop.is_set():
            return False
        began = time.monotonic()
        await renew_certificates(context, keys[at : at + MAX_CHUNK])
        # nobody waits for a renewal: doses on their way come first
        await rest(stop, _RESTS_PER_WORK * (time.monotonic() - began))
    return True
