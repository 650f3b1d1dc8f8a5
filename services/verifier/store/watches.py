"""What doses that wait for people watch of the registry, as blind indexes.

The number of everybody who is suggested, and keys under which somebody else may appear.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.chassis.encryption import BlindIndex

KEY_INDEX = BlindIndex("key:")
"""Of `watch.seen`: by a blocking key; numbers have the index that verifications have."""

_PUT = """
INSERT INTO watch (seen, dose_id, version)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[])
ON CONFLICT (seen, dose_id) DO UPDATE SET version = greatest(watch.version, excluded.version)
"""
# an older version that comes late ends nothing of a newer one
_END = """
DELETE FROM watch USING unnest($1::bigint[], $2::smallint[]) AS ended (dose_id, version)
WHERE watch.dose_id = ended.dose_id AND watch.version <= ended.version
"""
# by the primary key; a dose that was verified since is judged by what that answer held
_AFFECTED = """
SELECT watch.dose_id, max(watch.version) AS version
FROM unnest($1::bigint[], $2::timestamptz[]) AS change (seen, at)
JOIN watch ON watch.seen = change.seen
JOIN verification AS v ON v.dose_id = watch.dose_id AND v.version = watch.version
WHERE NOT $3 OR v.registry_time <= change.at
GROUP BY watch.dose_id ORDER BY watch.dose_id
"""


class Watch(NamedTuple):
    """A number or key, as blind index, that concerns one version of a dose."""

    seen: int
    dose_id: DoseId
    version: int


async def put(tx: Transaction, watches: Iterable[Watch]) -> None:
    """Stores watches."""
    if columns := list(zip(*sorted(set(watches)), strict=True)):
        await tx.raw.execute(_PUT, *map(list, columns))


async def end(tx: Transaction, ended: Mapping[DoseId, int]) -> None:
    """Ends what these doses watch up to the given version."""
    if ended:
        await tx.raw.execute(_END, list(ended), list(ended.values()))


async def affected(
    tx: Transaction, changed: Sequence[tuple[int, datetime]], *, verified_before: bool
) -> list[tuple[DoseId, int]]:
    """The (dose id, version) that watch one of these (index, time of the change).

    `verified_before`: only those that were verified before the change.
    """
    seen, at = [index for index, _ in changed], [time for _, time in changed]
    records = await tx.raw.fetch(_AFFECTED, seen, at, verified_before)
    return [(record["dose_id"], record["version"]) for record in records]
