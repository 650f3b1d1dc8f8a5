"""Evidence that is no longer needed: of verifications that let a dose through, and of versions that
newer ones have replaced.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.chassis.db import Transaction

# what waits for people stays among the old: so it is walked through page by page, and not found
# again and again
_FORGET = """
WITH page AS (
    SELECT dose_id, version, registry_time FROM verification
    WHERE evidence IS NOT NULL AND registry_time < $1 AND (registry_time, dose_id, version) > ($2,
      $3, $4)
    ORDER BY registry_time, dose_id, version LIMIT $5
), settled AS (
    UPDATE verification AS old SET evidence = NULL FROM page
    WHERE old.dose_id = page.dose_id AND old.version = page.version AND (
        old.grade = ANY($6)
        OR EXISTS (SELECT 1 FROM verification AS newer WHERE newer.dose_id = old.dose_id
        AND newer.version > old.version)
    )
)
SELECT registry_time, dose_id, version FROM page ORDER BY registry_time, dose_id, version
"""
Place = tuple[datetime, int, int]
"""Where a page ended: (registry time, dose id, version)"""
START: Place = (datetime.min.replace(tzinfo=UTC), 0, 0)


async def forget_evidence(
    tx: Transaction, before: datetime, after: Place, most: int, settled_by: Sequence[str]
) -> tuple[int, Place]:
    """Looks at the next `most` verifications judged before then, and forgets the evidence of the
    settled ones.

    `settled_by`: grades with which nobody has anything to decide. Answers how many were looked at,
    and where the page ended.
    """
    rows = await tx.raw.fetch(_FORGET, before, *after, most, settled_by)
    return len(rows), tuple(rows[-1]) if rows else START
