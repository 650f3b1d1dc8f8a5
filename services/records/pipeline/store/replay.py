"""Doses that nobody answered, and withdrawn doses, to be replayed.

They are found in slices: a look at all doses takes minutes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.doses.store import DoseRow
from services.records.schema import dose, sql, withdrawal


class UnansweredSlice(NamedTuple):
    """Which doses of a slice wait. `last`: the slice's last dose; None after the last slice."""

    last: int | None
    ids: list[DoseId]


class WithdrawnVersion(NamedTuple):
    """A dose that was withdrawn at this version, and why."""

    dose_id: DoseId
    version: int
    reason: str


# Of the current version: no word of the verifier; one that a certificate may follow, and no word of
# the signer; or the signer's word alone. A first version is as old as its batch, a newer one as its
# predecessor's end.
_UNANSWERED = sql("""
WITH slice AS MATERIALIZED (SELECT id, version, batch_id FROM dose
WHERE id > $1 ORDER BY id LIMIT $3),
unanswered AS (
    SELECT slice.id FROM slice
    LEFT JOIN dose_status AS status ON status.dose_id = slice.id AND status.version = slice.version
    LEFT JOIN dose_history AS old ON old.dose_id = slice.id AND old.version = slice.version - 1
    LEFT JOIN batch ON batch.id = slice.batch_id
    LEFT JOIN supplement ON supplement.dose_id = slice.id
    WHERE coalesce(old.replaced_at, batch.created_at, supplement.recorded_at) < $2
    AND (status.dose_id IS NULL OR (status.state <> {withdrawn} AND status.grade IS NULL)
         OR (status.state = {eligible} AND status.uvci IS NULL AND status.refusal IS NULL))
)
SELECT (SELECT max(id) FROM slice) AS last, (SELECT array_agg(id ORDER BY id)
FROM unanswered) AS ids
""")
_BY_BATCH = (
    select(*(dose.c[name] for name in DoseRow._fields))
    .where(dose.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(dose.c.batch_id, dose.c.id)
)


async def unanswered(tx: Transaction, after: int, before: datetime, most: int) -> UnansweredSlice:
    """Looks at the next `most` doses after `after`, for those recorded before then that wait.

    They wait for the verifier or the signer. A dose that waits for people, was refused or was
    withdrawn is not among them.
    """
    row = await tx.raw.fetchrow(_UNANSWERED, after, before, most)
    assert row is not None
    return UnansweredSlice(row["last"], row["ids"] or [])


async def current_doses(tx: Transaction, ids: Sequence[DoseId]) -> list[DoseRow]:
    """Doses at their current versions, those of one batch together."""
    return [DoseRow._make(row) for row in await tx.execute(_BY_BATCH, {"ids": list(ids)})]


async def withdrawn_since(
    tx: Transaction, since: datetime, after: int, most: int
) -> list[WithdrawnVersion]:
    """The next doses after `after` that were withdrawn since then."""
    query = (
        select(withdrawal.c.dose_id, withdrawal.c.version, withdrawal.c.reason)
        .where(withdrawal.c.withdrawn_at >= since, withdrawal.c.dose_id > after)
        .order_by(withdrawal.c.dose_id)
        .limit(most)
    )
    return [WithdrawnVersion._make(row) for row in await tx.execute(query)]
