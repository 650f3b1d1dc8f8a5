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


# what was said of a case that waits for people stays, however old
_MESSAGES = """
WITH page AS (
    SELECT id, dose_id FROM case_message WHERE id > $2 AND said_at < $1 ORDER BY id LIMIT $3
), settled AS (
    UPDATE case_message AS old SET text = NULL, picture = NULL, picture_type = NULL FROM page
    WHERE old.id = page.id AND (old.text IS NOT NULL OR old.picture IS NOT NULL)
    AND NOT EXISTS (SELECT FROM dose_case WHERE dose_case.dose_id = page.dose_id
        AND dose_case.state = ANY($4::text[]))
)
SELECT id FROM page ORDER BY id
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


async def forget_messages(
    tx: Transaction, before: datetime, after: int, most: int, waiting: Sequence[str]
) -> tuple[int, int]:
    """Goes through the next messages of before then after the id `after`, and deletes what was said
    of cases that wait for nobody.

    Answers how many it saw, and the last id.
    """
    seen = await tx.raw.fetch(_MESSAGES, before, after, most, list(waiting))
    return len(seen), seen[-1]["id"] if seen else 0
