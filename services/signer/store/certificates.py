"""Certificates as they are shown, and what was revoked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, and_, any_, bindparam, select

from contracts.uvci import Uvci
from services.chassis.db import Transaction
from services.signer.hcert.cose import Kid
from services.signer.schema import intent, revocation, signature
from services.signer.store.intents import INTENT_COLUMNS, PersonIndex, StoredIntent, VersionKey


class ReplacedEdition(NamedTuple):
    """The edition before: its identifier, and until when it stays valid beside the new one."""

    uvci: Uvci
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """An intent with its signature.

    `revoked`: why it is no longer valid, where that is so. `replaced`: what it replaces, where it
    is a renewal.
    """

    intent: StoredIntent
    signature: bytes
    revoked: str | None
    replaced: ReplacedEdition | None = None


class RevokedEntry(NamedTuple):
    """One entry of the published list; of what was not signed here kid and signature are None."""

    id: int
    uvci: Uvci
    kid: Kid | None
    signature: bytes | None
    expires_at: datetime


_signed = and_(
    signature.c.dose_id == intent.c.dose_id,
    signature.c.version == intent.c.version,
    signature.c.edition == intent.c.edition,
)
_CERTIFICATE = (
    select(
        *(intent.c[name] for name in INTENT_COLUMNS),
        intent.c.edition,
        signature.c.signature,
        revocation.c.reason,
    )
    .join(signature, _signed)
    .outerjoin(revocation, revocation.c.uvci == intent.c.uvci)
)
# every edition of each dose: a person has few of them, and so a look costs what it did before there
# were any
_CERTIFICATES_OF = (
    _CERTIFICATE.where(
        intent.c.person == any_(bindparam("persons", type_=ARRAY(BigInteger))),
        revocation.c.uvci.is_(None),
    )
    .order_by(intent.c.date_given, intent.c.dose_id, intent.c.version, intent.c.edition)
    .limit(500)
)


async def certificate(tx: Transaction, uvci: str) -> StoredCertificate | None:
    """The certificate with that identifier, revoked and replaced ones included."""
    found = (await tx.execute(_CERTIFICATE.where(intent.c.uvci == uvci))).one_or_none()
    if found is None:
        return None
    *columns, edition, signed, reason = tuple(found)
    stored = StoredIntent(*columns)
    replaced = await _edition_before(tx, stored, edition) if edition > 1 else None
    return StoredCertificate(stored, signed, reason, replaced)


async def _edition_before(
    tx: Transaction, stored: StoredIntent, edition: int
) -> ReplacedEdition | None:
    same_dose = and_(
        intent.c.dose_id == stored.dose_id,
        intent.c.version == stored.version,
        intent.c.edition == edition - 1,
    )
    valid = ~select(revocation.c.id).where(revocation.c.uvci == intent.c.uvci).exists()
    row = (
        await tx.execute(select(intent.c.uvci, intent.c.expires_at).where(same_dose, valid))
    ).one_or_none()
    return ReplacedEdition(row.uvci, row.expires_at) if row else None


async def certificates_of(
    tx: Transaction, persons: Sequence[PersonIndex]
) -> list[StoredCertificate]:
    """The valid certificates, newest editions alone, of whoever has one of these blind indexes, the
    dose given first before the others.
    """
    newest: dict[VersionKey, StoredCertificate] = {}
    rows: Iterable[Sequence[Any]] = await tx.execute(_CERTIFICATES_OF, {"persons": persons})
    for *columns, _, signed, _ in rows:
        stored = StoredIntent(*columns)
        earlier = newest.get(stored.key)
        replaced = (
            ReplacedEdition(earlier.intent.uvci, earlier.intent.expires_at) if earlier else None
        )
        newest[stored.key] = StoredCertificate(stored, signed, None, replaced)
    return list(newest.values())


async def is_revoked(tx: Transaction, uvci: str) -> bool:
    """Whether a certificate was revoked."""
    return (
        await tx.execute(select(revocation.c.id).where(revocation.c.uvci == uvci))
    ).first() is not None


async def revocations(tx: Transaction, now: datetime, after: int, limit: int) -> list[RevokedEntry]:
    """Entries of certificates that have not expired, in the order they were revoked.

    `after`: the id of the last entry that is known already.
    """
    query = (
        select(
            revocation.c.id,
            revocation.c.uvci,
            intent.c.kid,
            signature.c.signature,
            revocation.c.expires_at,
        )
        .outerjoin(intent, intent.c.uvci == revocation.c.uvci)
        .outerjoin(signature, _signed)
        .where(revocation.c.expires_at > now, revocation.c.id > after)
        .order_by(revocation.c.id)
        .limit(limit)
    )
    return [
        RevokedEntry(row.id, row.uvci, row.kid, row.signature, row.expires_at)
        for row in await tx.execute(query)
    ]
