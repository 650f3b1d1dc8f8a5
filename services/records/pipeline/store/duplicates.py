"""Doses refused because another record of the same injection has the certificate.

Some are to be tried again; others people decided to keep as they are.
"""

from collections.abc import Sequence
from datetime import datetime

from contracts.ids import DoseId
from contracts.refusals import RefusalCode
from services.chassis.db import Transaction
from services.records.schema import sql

CODES = (RefusalCode.DUPLICATE_DOSE.value, RefusalCode.DUPLICATE_KEPT.value)
RELEASED = "duplicate gone"
"""Why such a dose got a new version."""

# one of each injection, and none sooner than twice as long after the last try as before it
_FREED = sql("""
WITH waiting AS (
    SELECT status.dose_id, status.person, dose.date_given, dose.dose_number
    FROM dose_status AS status JOIN dose ON dose.id = status.dose_id
    AND dose.version = status.version
    WHERE status.refusal IN ('DUPLICATE_DOSE', 'DUPLICATE_KEPT') AND status.state = {eligible}
)
SELECT DISTINCT ON (person, date_given, dose_number) dose_id FROM waiting
WHERE NOT EXISTS (
    SELECT FROM dose_status AS other JOIN dose AS twin ON twin.id = other.dose_id
    AND twin.version = other.version
    WHERE other.person = waiting.person AND other.dose_id <> waiting.dose_id
    AND other.state IN ({eligible}, {issued}) AND other.refusal IS NULL
    AND twin.date_given = waiting.date_given AND twin.dose_number = waiting.dose_number
) AND coalesce(
    (SELECT max(replaced_at) + interval '1 minute' * power(2, least(count(*), 10))
     FROM dose_history AS old WHERE old.dose_id = waiting.dose_id AND old.reason = $1),
    '-infinity') < $2
ORDER BY person, date_given, dose_number, dose_id LIMIT $3
""")
_KEEP = """
WITH kept AS (
    UPDATE dose_status SET refusal = 'DUPLICATE_KEPT'
    WHERE dose_id = ANY($1::bigint[]) AND refusal = 'DUPLICATE_DOSE' RETURNING dose_id
)
DELETE FROM problem USING kept WHERE problem.dose_id = kept.dose_id
"""
_KEPT_BEFORE = """
SELECT DISTINCT given.id FROM unnest($1::bigint[]) AS given (id)
JOIN finding ON finding.dose_id = given.id OR finding.other_dose_id = given.id
WHERE finding.kind = 'DUPLICATE_DOSE' AND finding.outcome IN ('correct', 'accepted')
"""


async def freed(tx: Transaction, now: datetime, most: int) -> list[int]:
    """Ids of doses whose injection has no other valid record any more, one of each injection."""
    return [row["dose_id"] for row in await tx.raw.fetch(_FREED, RELEASED, now, most)]


async def keep(tx: Transaction, dose_ids: Sequence[DoseId]) -> None:
    """Keeps those of these doses that wait as duplicates as they are.

    They wait for nobody any more.
    """
    await tx.raw.execute(_KEEP, list(dose_ids))


async def keep_those_kept_before(tx: Transaction, dose_ids: Sequence[DoseId]) -> None:
    """Keeps those of these refused duplicates that people decided to keep before."""
    kept = [row["id"] for row in await tx.raw.fetch(_KEPT_BEFORE, list(dose_ids))]
    if kept:
        await keep(tx, kept)
