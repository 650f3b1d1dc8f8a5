"""What records told and was never answered, and what it ended: found in slices, because a look at
all doses takes minutes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, any_, bindparam, select

from services.chassis.db import Transaction
from services.records.schema import dose, withdrawal

# of the current version: no word of the verifier; one that a certificate may follow, and no word of
# the signer; or the signer's word alone. A first version is as old as its batch, a newer one as its
# predecessor's end
_UNANSWERED = """
WITH slice AS MATERIALIZED (SELECT id, version, batch_id FROM dose
WHERE id > $1 ORDER BY id LIMIT $3),
unanswered AS (
    SELECT slice.id FROM slice
    LEFT JOIN dose_status AS status ON status.dose_id = slice.id AND status.version = slice.version
    LEFT JOIN dose_history AS old ON old.dose_id = slice.id AND old.version = slice.version - 1
    LEFT JOIN batch ON batch.id = slice.batch_id
    WHERE coalesce(old.replaced_at, batch.created_at) < $2
    AND (status.dose_id IS NULL OR (status.state <> 'withdrawn' AND status.grade IS NULL)
         OR (status.state = 'eligible' AND status.uvci IS NULL AND status.refusal IS NULL))
)
SELECT (SELECT max(id) FROM slice) AS last, (SELECT array_agg(id ORDER BY id)
FROM unanswered) AS ids
"""
_given = dose.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))


async def unanswered(
    tx: Transaction, after: int, before: datetime, most: int
) -> tuple[int | None, list[int]]:
    """Looks at the next `most` doses after `after`: where to go on, or None at the end, and which
    were recorded before then and wait.

    They wait for the verifier, or for the signer; who waits for people, was refused or withdrawn is
    not among them.
    """
    row = await tx.raw.fetchrow(_UNANSWERED, after, before, most)
    assert row is not None
    return row["last"], row["ids"] or []


async def as_they_stand(tx: Transaction, ids: Sequence[int]) -> list[Row[Any]]:
    """Doses at their current versions, those of one batch together."""
    return list(
        await tx.execute(
            select(dose).where(_given).order_by(dose.c.batch_id, dose.c.id), {"ids": list(ids)}
        )
    )


async def withdrawn_since(
    tx: Transaction, since: datetime, after: int, most: int
) -> list[tuple[int, int, str]]:
    """(dose id, version, reason) of the next doses after `after` that were withdrawn since then."""
    found = select(withdrawal.c.dose_id, withdrawal.c.version, withdrawal.c.reason)
    found = (
        found.where(withdrawal.c.withdrawn_at >= since, withdrawal.c.dose_id > after)
        .order_by(withdrawal.c.dose_id)
        .limit(most)
    )
    return [(row.dose_id, row.version, row.reason) for row in await tx.execute(found)]
