"""Revoking by hand: one certificate, or all that a signing key signed; and which doses get another
one.
"""

from datetime import datetime
from typing import NamedTuple

from contracts.ids import DoseId
from contracts.uvci import Uvci
from services.chassis.db import Transaction
from services.signer.hcert.cose import Kid
from services.signer.store.intents import keep_issuing_out
from services.signer.store.renewals import KEY_COMPROMISED, EditionKey

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


class RevokedByHand(NamedTuple):
    """The dose of a certificate, None where it is not ours; and whether it was valid until now."""

    dose_id: DoseId | None
    changed: bool


class RevokedSlice(NamedTuple):
    """From which dose to go on, None at the end; and how many certificates were valid until now."""

    next_dose: DoseId | None
    added: int


async def revoke(tx: Transaction, uvci: Uvci, reason: str, until: datetime) -> RevokedByHand:
    """Revokes one certificate in all its editions.

    `until`: when the entry may be forgotten, of a certificate that is not ours.
    """
    await keep_issuing_out(tx)
    dose_id: DoseId | None = await tx.raw.fetchval(
        "SELECT dose_id FROM intent WHERE uvci = $1", uvci
    )
    statement = (
        (_REVOKE_OURS, uvci, reason, KEY_COMPROMISED)
        if dose_id is not None
        else (_REVOKE_OTHER, uvci, reason, until)
    )
    return RevokedByHand(dose_id, bool(await tx.raw.fetch(*statement)))


async def revoke_signed_by(tx: Transaction, kid: Kid, begin: int, most: int) -> RevokedSlice:
    """Revokes what a key signed of the doses from `begin` on, at most so many certificates.

    Waits first for those who are signing.
    """
    await keep_issuing_out(tx)
    row = await tx.raw.fetchrow(_REVOKE_SIGNED_BY, kid, begin, most, KEY_COMPROMISED)
    assert row is not None
    return RevokedSlice(row["last"] if row["read"] == most else None, row["added"])


async def to_reissue(tx: Transaction, kid: Kid, after: int, most: int) -> list[EditionKey]:
    """The next certificates, of doses after `after`, that were revoked with their key and that
    nothing has followed.
    """
    rows = await tx.raw.fetch(_TO_REISSUE, kid, after, KEY_COMPROMISED, most)
    return [EditionKey(*row) for row in rows]
