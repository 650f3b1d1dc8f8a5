"""All SQL of the signer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import ARRAY, BigInteger, Row, and_, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.db import Transaction
from services.signer.schema import audit, intent, revocation, signature, withdrawn

_WITHDRAWING = 4_206_202_205
"""The advisory lock that keeps issuing and withdrawing apart."""


class StoredIntent(NamedTuple):
    """What was decided to be signed; `claims` is sealed."""

    dose_id: int
    version: int
    uvci: str
    kid: bytes
    person: int
    date_given: date
    claims: bytes
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """An intent with its signature, and why it is no longer valid where that is so."""

    intent: StoredIntent
    signature: bytes
    revoked: str | None


_INTENT_COLUMNS = StoredIntent._fields


def _intent_of(row: Row[Any]) -> StoredIntent:
    return StoredIntent(*(getattr(row, name) for name in _INTENT_COLUMNS))


async def issuing(tx: Transaction) -> None:
    """Keeps withdrawals out until `tx` ends: one that came between deciding and signing would not see what it must revoke."""
    await tx.execute(select(func.pg_advisory_xact_lock_shared(_WITHDRAWING)))


async def outdated_versions(tx: Transaction, dose_ids: Sequence[int]) -> dict[int, int]:
    """For those of `dose_ids` that have one, the highest version for which nothing may be issued any more: withdrawn, or superseded."""
    ids = bindparam("ids", type_=ARRAY(BigInteger))
    gone = select(withdrawn.c.dose_id, withdrawn.c.version).where(withdrawn.c.dose_id == any_(ids))
    superseded = select(intent.c.dose_id, intent.c.version - 1).where(intent.c.dose_id == any_(ids), intent.c.version > 1)
    highest: dict[int, int] = {}
    for row in await tx.execute(gone.union_all(superseded), {"ids": dose_ids}):
        highest[row.dose_id] = max(row.version, highest.get(row.dose_id, 0))
    return highest


async def intents_of(tx: Transaction, dose_ids: Sequence[int]) -> list[StoredIntent]:
    """Every intent of the given doses, whatever its version."""
    rows = await tx.execute(
        select(*(intent.c[name] for name in _INTENT_COLUMNS)).where(intent.c.dose_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))),
        {"ids": dose_ids},
    )
    return [_intent_of(row) for row in rows]


async def add_intents(tx: Transaction, intents: Sequence[StoredIntent]) -> bool:
    """Stores intents; False, and nothing stored, where one of their doses has an intent of that version already."""
    try:
        async with tx.savepoint():
            await tx.copy(intent, _INTENT_COLUMNS, intents)
    except asyncpg.UniqueViolationError:
        return False
    return True


async def add_signatures(tx: Transaction, signatures: Sequence[tuple[int, int, bytes]]) -> None:
    """Stores (dose id, version, signature); one that is there already stays as it is."""
    try:
        async with tx.savepoint():
            await tx.copy(signature, ("dose_id", "version", "signature"), signatures)
    except asyncpg.UniqueViolationError:
        rows = [{"dose_id": dose_id, "version": version, "signature": signed} for dose_id, version, signed in signatures]
        await tx.execute(insert(signature).on_conflict_do_nothing(), rows)


async def withdraw(tx: Transaction, doses: Iterable[tuple[int, int, str]]) -> None:
    """Marks (dose id, version, reason) as withdrawn, and revokes the certificates of that version and older ones."""
    await tx.execute(select(func.pg_advisory_xact_lock(_WITHDRAWING)))
    for dose_id, version, reason in doses:
        upsert = insert(withdrawn).values(dose_id=dose_id, version=version)
        await tx.execute(
            upsert.on_conflict_do_update(
                index_elements=["dose_id"], set_={"version": upsert.excluded.version}, where=withdrawn.c.version < upsert.excluded.version
            )
        )
        old = select(intent.c.uvci, literal(reason), intent.c.expires_at).where(intent.c.dose_id == dose_id, intent.c.version <= version)
        await tx.execute(insert(revocation).from_select(["uvci", "reason", "expires_at"], old).on_conflict_do_nothing())


async def supersede(tx: Transaction, dose_ids: Sequence[int]) -> None:
    """Revokes, of each dose, every version but the newest.

    Asked after the intents were committed, so that of two workers that issued two versions at once the later one sees both.
    """
    given = intent.c.dose_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    corrected = await tx.execute(select(intent.c.dose_id).where(given, intent.c.version > 1), {"ids": dose_ids})
    if again := list(corrected.scalars()):  # nearly never; the join without it would read the whole table
        newer = intent.alias("newer")
        old = select(intent.c.uvci, literal("superseded"), intent.c.expires_at).join(
            newer, and_(newer.c.dose_id == intent.c.dose_id, newer.c.version > intent.c.version)
        )
        revoke = insert(revocation).from_select(["uvci", "reason", "expires_at"], old.where(given))
        await tx.execute(revoke.on_conflict_do_nothing(), {"ids": again})


_CERTIFICATE = (
    select(*(intent.c[name] for name in _INTENT_COLUMNS), signature.c.signature, revocation.c.reason)
    .join(signature, and_(signature.c.dose_id == intent.c.dose_id, signature.c.version == intent.c.version))
    .outerjoin(revocation, revocation.c.uvci == intent.c.uvci)
)


async def certificate(tx: Transaction, uvci: str) -> StoredCertificate | None:
    """The certificate with that identifier, revoked ones included."""
    row = (await tx.execute(_CERTIFICATE.where(intent.c.uvci == uvci))).one_or_none()
    return StoredCertificate(_intent_of(row), row.signature, row.reason) if row else None


async def certificates_of(tx: Transaction, persons: Sequence[int]) -> list[StoredCertificate]:
    """The valid certificates of whoever has one of these blind indexes, the dose given first before the others."""
    whose = intent.c.person == any_(bindparam("persons", type_=ARRAY(BigInteger)))
    query = _CERTIFICATE.where(whose, revocation.c.uvci.is_(None)).order_by(intent.c.date_given, intent.c.dose_id).limit(50)
    rows = await tx.execute(query, {"persons": persons})
    return [StoredCertificate(_intent_of(row), row.signature, None) for row in rows]


async def is_revoked(tx: Transaction, uvci: str) -> bool:
    """Whether a certificate of ours was revoked."""
    return (await tx.execute(select(revocation.c.id).where(revocation.c.uvci == uvci))).first() is not None


async def revocations(tx: Transaction, now: datetime, after: int, limit: int) -> list[Row[Any]]:
    """Entries (id, uvci, kid, signature, expires_at) of certificates that have not expired, in the order they were revoked."""
    query = (
        select(revocation.c.id, revocation.c.uvci, intent.c.kid, signature.c.signature, revocation.c.expires_at)
        .join(intent, intent.c.uvci == revocation.c.uvci)
        .join(signature, and_(signature.c.dose_id == intent.c.dose_id, signature.c.version == intent.c.version))
        .where(revocation.c.expires_at > now, revocation.c.id > after)
        .order_by(revocation.c.id)
        .limit(limit)
    )
    return list(await tx.execute(query))


async def note_look(tx: Transaction, caller: str, uvci: str) -> None:
    """Writes down who of the staff looked at which certificate."""
    await tx.execute(insert(audit).values(caller=caller, uvci=uvci))
