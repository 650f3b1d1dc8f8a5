"""Renewals under a clock that is set forward, and what came of them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from services.signer.context import Context
from services.signer.documents.view import open_certificate
from services.signer.domain.claim_labels import DCC, HCERT
from services.signer.hcert.cose import claims_encoder, load
from services.signer.hcert.verify import HcertVerdict, verify
from services.signer.schema import intent, signature
from services.signer.store import certificates
from services.signer.store.certificates import StoredCertificate
from services.signer.store.intents import open_claims, seal_claims
from services.signer.workers.renewal import renew_due
from tests.integration.signer.conftest import Clock
from tests.integration.signer.work import HOA, valid_of

IN_TIME = timedelta(days=340)


def ahead(context: Context, by: timedelta) -> None:
    """Sets the clock so far forward, from now."""
    assert isinstance(context.clock, Clock)
    context.clock.ahead = by


async def look(context: Context) -> None:
    """One look for what is due, to its end."""
    await renew_due(context, asyncio.Event())


async def at(context: Context, uvci: str) -> StoredCertificate:
    """The certificate with that identifier."""
    async with context.db.begin() as tx:
        found = await certificates.certificate(tx, uvci)
    assert found is not None
    return found


async def editions(context: Context) -> list[tuple[int, int, int]]:
    """Dose, version and edition of everything signed."""
    columns = signature.c.dose_id, signature.c.version, signature.c.edition
    async with context.db.begin() as tx:
        return [
            (row.dose_id, row.version, row.edition)
            for row in await tx.execute(select(*columns).order_by(*columns))
        ]


async def all_of(context: Context, table: Any) -> Sequence[Any]:
    """The rows of a table."""
    async with context.db.begin() as tx:
        return list(await tx.execute(select(table)))


def judged(context: Context, stored: StoredCertificate) -> HcertVerdict:
    """What a verifier makes of it."""
    return verify(open_certificate(context, stored).qr, context.trust, context.clock())


async def rewrite(context: Context, id: int, manufacturer: str) -> None:
    """Makes a stored certificate name another manufacturer."""
    (stored,) = [one for one in await valid_of(context, HOA) if one.intent.dose_id == id]
    opened, sex, nationality = open_claims(context.sealer, stored.intent)
    claims = load(opened)
    claims[HCERT][DCC]["v"][0]["ma"] = manufacturer
    sealed = seal_claims(
        context.sealer, stored.intent.uvci, claims_encoder()(claims), sex, nationality
    )
    async with context.db.begin() as tx:
        await tx.execute(
            update(intent).where(intent.c.uvci == stored.intent.uvci).values(claims=sealed)
        )
