"""The registry's feed of changes: how far it was followed, and which doses a change concerns."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.verifier.schema import feed_position

_FEED = "registry"
# not the snapshot's xmax, which is below the transactions that were opened last
_HORIZON = "SELECT pg_current_xact_id()::text::bigint"
_OLDEST_OPEN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

# in: numbers, data and times of changes, and whether only verifications of before them count; by
# the index on `number`.
# A dose is concerned where the changed person was used or is waited for, but not where the very
# data of today was used. Versions that are no longer current may be among them: records knows them,
# and leaves them alone.
_AFFECTED = """
SELECT dose_id, max(version) AS version
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS change (number, used, at)
JOIN verification AS v ON v.number = change.number
WHERE (v.used IS NULL OR change.used IS NULL OR v.used <> change.used)
AND (NOT $4 OR v.registry_time <= change.at)
GROUP BY dose_id ORDER BY dose_id
"""


class ChangedNumber(NamedTuple):
    """A number whose bearer changed, as blind index.

    `used`: the blind index of the bearer's data now, None where nothing of it may be used.
    """

    number: int
    used: int | None
    at: datetime


async def position(tx: Transaction) -> int:
    """The sequence of the last change that is done with."""
    return (
        await tx.execute(select(feed_position.c.sequence).where(feed_position.c.feed == _FEED))
    ).scalar_one_or_none() or 0


async def advance(tx: Transaction, sequence: int) -> None:
    """Stores how far the feed was followed."""
    statement = upsert(feed_position).values(feed=_FEED, sequence=sequence)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["feed"], set_={"sequence": sequence})
    )


async def horizon(tx: Transaction) -> int:
    """This transaction's number.

    Transactions that have written anything by now have smaller ones; those that write first later
    have larger ones.
    """
    return int(await tx.raw.fetchval(_HORIZON))


async def oldest_open(tx: Transaction) -> int:
    """The smallest number of a transaction that has not ended.

    What those below it have written is visible from here on, or rolled back.
    """
    return int(await tx.raw.fetchval(_OLDEST_OPEN))


async def affected(
    tx: Transaction, changed: Sequence[ChangedNumber], *, verified_before: bool
) -> list[tuple[DoseId, int]]:
    """The (dose id, version) that the changes concern.

    `verified_before`: only those that were verified before the change.
    """
    records = await tx.raw.fetch(
        _AFFECTED,
        [change.number for change in changed],
        [change.used for change in changed],
        [change.at for change in changed],
        verified_before,
    )
    return [(record["dose_id"], record["version"]) for record in records]
