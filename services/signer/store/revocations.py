"""Revoking by hand: one certificate, or all that a signing key signed; and which doses get another
one.
"""

from datetime import datetime

from services.chassis.db import Transaction
from services.signer.store.certificates import KEY_COMPROMISED, WITHDRAWING
from services.signer.store.renewals import Key

# what was to be signed and never was is forgotten: it has not left this database, and a retry mints
# another serial
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
# what was revoked for its key's sake would be issued anew: the reason given by hand takes the place
# of that one
_REVOKE_OURS = """
INSERT INTO revocation AS old (uvci, reason, expires_at)
SELECT edition.uvci, $2, edition.expires_at FROM intent AS known
JOIN intent AS edition USING (dose_id, version) WHERE known.uvci = $1
ON CONFLICT (uvci) DO UPDATE SET reason = excluded.reason WHERE old.reason = $3
RETURNING id
"""
_REVOKE_OTHER = (
    "INSERT INTO revocation (uvci, reason, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    " RETURNING id"
)
# the newest edition of the newest version, so one a dose
_TO_REISSUE = """
SELECT dose_id, version, edition FROM intent JOIN revocation USING (uvci)
WHERE kid = $1 AND dose_id > $2 AND reason = $3
AND NOT EXISTS (SELECT FROM signature AS newer WHERE newer.dose_id = intent.dose_id
AND newer.version = intent.version
                AND newer.edition > intent.edition)
AND NOT EXISTS (SELECT FROM intent AS newer WHERE newer.dose_id = intent.dose_id
AND newer.version > intent.version)
AND NOT EXISTS (SELECT FROM withdrawn WHERE withdrawn.dose_id = intent.dose_id
AND withdrawn.version >= intent.version)
ORDER BY dose_id LIMIT $4
"""


async def revoke(
    tx: Transaction, uvci: str, reason: str, until: datetime
) -> tuple[int | None, bool]:
    """Revokes one certificate in all its editions; gives its dose, None where it is not ours, and
    whether that changed anything.

    `until`: when the entry may be forgotten, of a certificate that is not ours.
    """
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", WITHDRAWING)
    dose_id: int | None = await tx.raw.fetchval("SELECT dose_id FROM intent WHERE uvci = $1", uvci)
    revoke = (
        (_REVOKE_OURS, uvci, reason, KEY_COMPROMISED)
        if dose_id is not None
        else (_REVOKE_OTHER, uvci, reason, until)
    )
    return dose_id, bool(await tx.raw.fetch(*revoke))


async def revoke_signed_by(
    tx: Transaction, kid: bytes, begin: int, most: int
) -> tuple[int | None, int]:
    """Revokes what a key signed of the doses from `begin` on, at most so many certificates, after
    waiting for those who are signing.

    Gives where to go on, or None at the end, and how many certificates were valid until now.
    """
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", WITHDRAWING)
    row = await tx.raw.fetchrow(_REVOKE_SIGNED_BY, kid, begin, most, KEY_COMPROMISED)
    assert row is not None
    return (row["last"] if row["read"] == most else None), row["added"]


async def to_reissue(tx: Transaction, kid: bytes, after: int, most: int) -> list[Key]:
    """The next certificates, of doses after `after`, that were revoked with their key and that
    nothing has followed.
    """
    return [Key(*row) for row in await tx.raw.fetch(_TO_REISSUE, kid, after, KEY_COMPROMISED, most)]
