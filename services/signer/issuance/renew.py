"""The renewing desk: takes certificates that are about to expire through the five steps of issuing
(`hcert/issue.py`) once more.

What was decided is stored with its edition in its key and committed before anything is signed.
Whoever comes second, or comes back after a crash, finds it there, drops the serial it had in mind,
and finishes what is stored.
"""

from collections import Counter
from collections.abc import Sequence, Set
from datetime import UTC, datetime

import structlog

from contracts.uvci import RANDOM_BYTES, serials
from services.chassis.db import Transaction
from services.signer.context import Context
from services.signer.hcert.cose import load
from services.signer.issuance.prepare import prepare_again
from services.signer.issuance.service import conclude
from services.signer.keys.port import Signer
from services.signer.sealing import open_claims, seal_claims
from services.signer.store import certificates
from services.signer.store import renewals as store
from services.signer.store.certificates import StoredIntent
from services.signer.store.renewals import Edition, Key, Refused

_log = structlog.get_logger()


async def renew(context: Context, keys: Sequence[Key]) -> None:
    """Renews those of `keys`, at least one, that are due: signatures, their event and what was
    refused in one transaction.
    """
    async with context.db.begin() as tx:
        await certificates.issuing(tx)
        async with context.db.begin() as deciding:
            decided, refused = await _decide(context, deciding, await store.due(deciding, keys))
        editions = {(one.intent.dose_id, one.intent.version): one.number for one in decided}

        async def keep(intents: Sequence[StoredIntent], signatures: Sequence[bytes]) -> None:
            named = [
                (one.dose_id, one.version, editions[one.dose_id, one.version]) for one in intents
            ]
            await store.add_signatures(
                tx, [(*key, signature) for key, signature in zip(named, signatures, strict=True)]
            )

        if decided:
            claims = [(one.intent, open_claims(context, one.intent)[0]) for one in decided]
            await conclude(context, tx, claims, keep, express=False, key=decided[0].intent.uvci)
            await certificates.supersede(tx, [one.intent.dose_id for one in decided])
        await store.settle(tx, keys, refused, context.clock())
    context.metrics.count("renewed", "issued", len(decided))
    context.metrics.count("renewed", "refused", len(refused))
    for code, count in Counter(one.code for one in refused).items():
        _log.warning("renewal_refused", code=code, certificates=count)


async def _decide(
    context: Context, tx: Transaction, due: Sequence[Edition]
) -> tuple[list[Edition], list[Refused]]:
    """Steps 1 and 2: the next editions of `due` as they are stored, and what gets none."""
    if not due:
        return [], []
    now, signer = context.clock(), context.ring.active
    minted = serials(int(now.timestamp()), context.random(RANDOM_BYTES * len(due)))
    single = await certificates.single_series(tx, [old.intent.person for old in due])
    following = [
        _following(context, old, serial, now, signer, single)
        for old, serial in zip(due, minted, strict=True)
    ]
    if fresh := [one for one in following if isinstance(one, Edition)]:
        await store.add(tx, fresh)
    decided = await store.stored(tx, [_next(old.key) for old in due])
    begun = {one.key for one in decided}
    return decided, [
        one for one in following if isinstance(one, Refused) and _next(one.key) not in begun
    ]


def _following(
    context: Context, old: Edition, serial: bytes, now: datetime, signer: Signer, single: Set[int]
) -> Edition | Refused:
    """The edition that follows `old`, or why there is none."""
    try:
        claims, sex, nationality = open_claims(context, old.intent)
        again = prepare_again(
            load(claims),
            serial,
            now,
            signer.window,
            context.profile,
            single=old.intent.person in single,
        )
    except ValueError:  # sealed with a key that is gone; the others are not to wait for it
        return Refused(old.key, "UNREADABLE")
    if again.refused is not None:
        return Refused(old.key, again.refused)
    issued_at, expires_at = (
        datetime.fromtimestamp(at, UTC) for at in context.profile.times(now, signer.window)
    )
    intent = old.intent._replace(
        uvci=again.uvci,
        kid=signer.envelope.kid,
        claims=seal_claims(context, again.uvci, again.claims, sex, nationality),
        issued_at=issued_at,
        expires_at=expires_at,
        dose_number=None,
    )
    return Edition(old.number + 1, intent)


def _next(key: Key) -> Key:
    return key._replace(edition=key.edition + 1)
