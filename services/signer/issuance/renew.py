"""Renewing: a certificate that is about to expire gets its next edition.

It is the act of issuing once more: its steps have the same numbers there and in
`docs/issue_certificates.md`. Steps (1) and (9) are for events alone.

The edition is part of an intent's key. Whoever comes second, or comes back after a crash, finds the
intent there, drops the serial it had in mind, and finishes what is stored.
"""

from collections import Counter
from collections.abc import Sequence, Set
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from contracts.uvci import RANDOM_BYTES, serials
from services.chassis.db import Transaction
from services.signer.context import Context
from services.signer.domain.next_edition import draft_next_edition
from services.signer.hcert.cose import check_signatures, claims_encoder, load
from services.signer.issuance.intents import IntentToSign
from services.signer.issuance.service import (
    EventRoute,
    publish_issued,
    sign,
    signed_together,
    signing_key,
)
from services.signer.keys.port import Signer
from services.signer.store import begun, renewals
from services.signer.store import intents as store
from services.signer.store.intents import PersonIndex, open_claims, seal_claims
from services.signer.store.renewals import Edition, EditionKey, EditionSignature, RefusedRenewal

_log = structlog.get_logger()


class _DraftedEditions(NamedTuple):
    """What is due, the editions that follow it, and what gets none."""

    due: list[Edition]
    following: list[Edition]
    refused: list[RefusedRenewal]


async def renew_certificates(context: Context, keys: Sequence[EditionKey]) -> None:
    """Renews those of `keys`, at least one, that are due.

    Signatures, their event and what was refused are stored in one transaction.
    """
    async with context.db.begin() as tx:
        # (2) Keep withdrawals out until the end.
        await store.keep_withdrawals_out(tx)
        async with context.db.begin() as intent_tx:
            # (3) Fix the claims and lint them.
            drafted = await _draft_editions(context, intent_tx, keys)
            # (4) Commit serial and intent.
            # Whoever came first wins: what is stored is finished, by whomever it was drafted.
            committed = await _commit_editions(intent_tx, drafted)
        edition_of = {edition.intent.key: edition.number for edition in committed}
        to_sign = [
            IntentToSign(edition.intent, open_claims(context.sealer, edition.intent).cbor)
            for edition in committed
        ]
        for group in signed_together(to_sign):
            signer = signing_key(context.ring, group[0].stored.kid)
            claims = [intent.cbor for intent in group]
            # (5) Sign with the key that the intent names.
            signatures = sign(signer, claims)
            # (6) Check the signatures.
            check_signatures(signer.public_key, signer.envelope, claims, signatures)
            # (7) Store the signatures together with their event.
            intents = [intent.stored for intent in group]
            await renewals.add_signatures(
                tx,
                [
                    EditionSignature(*intent.key, edition_of[intent.key], signature)
                    for intent, signature in zip(intents, signatures, strict=True)
                ],
            )
            route = EventRoute(express=False, key=committed[0].intent.uvci)
            await publish_issued(context, tx, intents, route)
        # (8) Revoke superseded versions.
        if committed:
            await store.supersede(tx, [edition.intent.dose_id for edition in committed])
        # what was refused is tried again each day
        begun_keys = {edition.key for edition in committed}
        refused = [
            refusal for refusal in drafted.refused if refusal.key.following not in begun_keys
        ]
        await renewals.settle(tx, keys, refused, context.clock())
    context.metrics.count("renewed", "issued", len(committed))
    context.metrics.count("renewed", "refused", len(refused))
    for code, count in Counter(refusal.code for refusal in refused).items():
        _log.warning("renewal_refused", code=code, certificates=count)


async def _draft_editions(
    context: Context, intent_tx: Transaction, keys: Sequence[EditionKey]
) -> _DraftedEditions:
    drafted = _DraftedEditions(await renewals.due(intent_tx, keys), [], [])
    if not drafted.due:
        return drafted
    now, signer = context.clock(), context.ring.active
    minted = serials(int(now.timestamp()), context.random(RANDOM_BYTES * len(drafted.due)))
    single = await begun.single_series(intent_tx, [old.intent.person for old in drafted.due])
    for old, serial in zip(drafted.due, minted, strict=True):
        outcome = _next_edition(context, old, serial, now, signer, single)
        if isinstance(outcome, Edition):
            drafted.following.append(outcome)
        else:
            drafted.refused.append(outcome)
    return drafted


async def _commit_editions(intent_tx: Transaction, drafted: _DraftedEditions) -> list[Edition]:
    if not drafted.due:
        return []
    if drafted.following:
        await renewals.add(intent_tx, drafted.following)
    return await renewals.stored(intent_tx, [old.key.following for old in drafted.due])


def _next_edition(
    context: Context,
    old: Edition,
    serial: bytes,
    now: datetime,
    signer: Signer,
    single: Set[PersonIndex],
) -> Edition | RefusedRenewal:
    """The edition that follows `old`, or why there is none."""
    try:
        opened = open_claims(context.sealer, old.intent)
        following = draft_next_edition(
            load(opened.cbor),
            serial,
            now,
            signer.window,
            context.profile,
            single=old.intent.person in single,
        )
        cbor = claims_encoder()(following.claims)
    except ValueError:  # sealed with a key that is gone; the others are not to wait for it
        return RefusedRenewal(old.key, "UNREADABLE")
    if following.refused is not None:
        return RefusedRenewal(old.key, following.refused)
    issued_at, expires_at = (
        datetime.fromtimestamp(at, UTC) for at in context.profile.times(now, signer.window)
    )
    intent = old.intent._replace(
        uvci=following.uvci,
        kid=signer.envelope.kid,
        claims=seal_claims(context.sealer, following.uvci, cbor, opened.sex, opened.nationality),
        issued_at=issued_at,
        expires_at=expires_at,
        dose_number=None,
    )
    return Edition(old.number + 1, intent)
