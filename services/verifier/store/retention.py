"""Forgets evidence that is no longer needed.

That is the evidence of verifications that let a dose through, and of versions that newer ones have
replaced.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from services.chassis.db import Transaction

# Verifications that wait for people stay among the old ones. So they are walked through page by
# page, and not found again and again. By the partial index on `evidence`.
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


class EvidencePosition(NamedTuple):
    """Where a page ended: the key of its last verification."""

    registry_time: datetime
    dose_id: int
    version: int


START = EvidencePosition(datetime.min.replace(tzinfo=UTC), 0, 0)


async def forget_evidence(
    tx: Transaction, before: datetime, after: EvidencePosition, most: int, settled_by: Sequence[str]
) -> tuple[int, EvidencePosition]:
    """Goes through the next `most` verifications of before then, and deletes settled evidence.

    `settled_by`: grades with which nobody has anything to decide. Answers how many verifications it
    saw, and where the page ended.
    """
    records = await tx.raw.fetch(_FORGET, before, *after, most, settled_by)
    return len(records), EvidencePosition._make(records[-1]) if records else START
