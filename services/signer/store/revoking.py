"""Revoking by hand: one certificate, or all that a signing key signed; and which doses get another one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.db import Transaction
from services.signer.schema import intent, revocation
from services.signer.store.certificates import KEY_COMPROMISED, WITHDRAWING
from services.signer.store.renewals import Key

# what was to be signed and never was is forgotten: it has not left this database, and a retry mints another serial
_REVOKE_SIGNED_BY = """
WITH slice AS MATERIALIZED (
    SELECT dose_id, uvci, expires_at, signature IS NOT NULL AS signed
    FROM intent LEFT JOIN signature USING (dose_id, version, edition)
    WHERE kid = $1 AND dose_id >= $2 ORDER BY dose_id LIMIT $3
), forgotten AS (
    DELETE FROM intent USING slice WHERE intent.uvci = slice.uvci AND NOT slice.signed
), added AS (
    INSERT INTO revocation (uvci, reason, expires_at)
    SELECT uvci, $4, expires_at FROM slice WHERE signed ON CONFLICT DO NOTHING RETURNING id
)
SELECT max(dose_id) AS last, count(*) AS read, (SELECT count(*) FROM added) AS added FROM slice
"""
# the newest edition of the newest version, so one a dose
_TO_REISSUE = """
SELECT dose_id, version, edition FROM intent JOIN revocation USING (uvci)
WHERE kid = $1 AND dose_id > $2 AND reason = $3
AND NOT EXISTS (SELECT FROM signature AS newer WHERE newer.dose_id = intent.dose_id AND newer.version = intent.version
                AND newer.edition > intent.edition)
AND NOT EXISTS (SELECT FROM intent AS newer WHERE newer.dose_id = intent.dose_id AND newer.version > intent.version)
AND NOT EXISTS (SELECT FROM withdrawn WHERE withdrawn.dose_id = intent.dose_id AND withdrawn.version >= intent.version)
ORDER BY dose_id LIMIT $4
"""


async def revoke(tx: Transaction, uvci: str, reason: str, until: datetime) -> tuple[bool, bool]:
    """Revokes one certificate, and tells whether it is one of ours and whether it was valid until now.

    `until`: when the entry may be forgotten, of a certificate that is not ours.
    """
    expires_at = (await tx.execute(select(intent.c.expires_at).where(intent.c.uvci == uvci))).scalar_one_or_none()
    row = insert(revocation).values(uvci=uvci, reason=reason, expires_at=expires_at or until)
    added = (await tx.execute(row.on_conflict_do_nothing().returning(revocation.c.id))).first()
    return expires_at is not None, added is not None


async def revoke_signed_by(tx: Transaction, kid: bytes, begin: int, most: int) -> tuple[int | None, int]:
    """Revokes what a key signed of the doses from `begin` on, at most so many certificates, after waiting for those who are signing.

    Gives where to go on, or None at the end, and how many certificates were valid until now.
    """
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", WITHDRAWING)
    row = await tx.raw.fetchrow(_REVOKE_SIGNED_BY, kid, begin, most, KEY_COMPROMISED)
    assert row is not None
    return (row["last"] if row["read"] == most else None), row["added"]


async def to_reissue(tx: Transaction, kid: bytes, after: int, most: int) -> list[Key]:
    """The next certificates, of doses after `after`, that were revoked with their key and that nothing has followed."""
    return [Key(*row) for row in await tx.raw.fetch(_TO_REISSUE, kid, after, KEY_COMPROMISED, most)]
