"""Verifications: written by the chunk, read by batch or dose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, Row, Select, false, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts.access import Reach
from contracts.words import ELIGIBLE_GRADES
from services.chassis.db import Transaction
from services.verifier.schema import verification

_COLUMNS = (
    "dose_id", "version", "batch_id", "source_id", "facility_code", "residence", "grade",
    "attributes", "algorithm", "registry_time",
    "evidence", "number", "used", "doubts", "typed", "rests_on",
)  # fmt: skip
StoredVerification = tuple[
    int, int, int, str, str, str, str, str | None, str, datetime | None, bytes | None, int | None,
    int | None,
    list[str] | None, int | None, int | None,
]  # fmt: skip
"""One verification as it is stored, in the order of `_COLUMNS`; a plain tuple, which COPY writes in
half the time of a named one.

`attributes` is a JSON list, or null where all match; `evidence` is sealed; `number` and `used` are
blind indexes, by which a change of the registry finds whom it concerns; `doubts`, `typed` and
`rests_on` are null in nearly all (see the schema).
"""
# the newest of each dose before a version, with what it rests on
_CERTIFIED = """
SELECT given.dose_id, given.before, old.version, old.grade, old.number, old.used, old.typed,
  old.evidence, old.rests_on,
       decision.version AS confirmed_at, coalesce(decision.in_force,
       old.rests_on IS NULL) AS standing
FROM unnest($1::bigint[], $2::smallint[]) AS given (dose_id, before)
CROSS JOIN LATERAL (
    SELECT * FROM verification
    WHERE dose_id = given.dose_id AND version < given.before
    AND grade = ANY($3) ORDER BY version DESC LIMIT 1
) AS old
LEFT JOIN decision ON decision.id = old.rests_on
"""


async def add(tx: Transaction, verifications: Sequence[StoredVerification]) -> None:
    """Stores verifications; one of a version that has one already takes its place."""
    if not await tx.copy_new(verification, _COLUMNS, verifications):
        statement = upsert(verification)
        changed = {name: statement.excluded[name] for name in _COLUMNS[6:]}
        await tx.execute(
            statement.on_conflict_do_update(index_elements=["dose_id", "version"], set_=changed),
            [dict(zip(_COLUMNS, one, strict=True)) for one in verifications],
        )


async def find(
    tx: Transaction,
    reach: Reach,
    *,
    batch_id: int | None,
    dose_id: int | None,
    after: tuple[int, int],
    limit: int,
) -> list[Row[Any]]:
    """Verifications within the caller's reach, by (dose id, version): of each dose of a batch the
    newest, or of one dose all.
    """
    if batch_id is not None:
        found, query = _newest_of(batch_id, after[0])
    else:
        found = verification
        query = select(found).where(func.row(found.c.dose_id, found.c.version) > func.row(*after))
        query = query.order_by(found.c.dose_id, found.c.version)
    if dose_id is not None:
        query = query.where(found.c.dose_id == dose_id)
    if not reach.everything:
        facilities = [
            found.c.facility_code.startswith(prefix, autoescape=True) for prefix in reach.facilities
        ]
        residences = [
            found.c.residence.startswith(prefix, autoescape=True) for prefix in reach.residences
        ]
        query = query.where(or_(false(), *facilities, *residences))
    return list(await tx.execute(query.limit(limit)))


def _newest_of(batch_id: int, after: int) -> tuple[FromClause, Select[Any]]:
    """The newest verification of each dose of a batch; a version that was corrected or verified
    anew by itself is of another batch.
    """
    of_batch = select(verification.c.dose_id).where(
        verification.c.batch_id == batch_id, verification.c.dose_id > after
    )
    dose = of_batch.distinct().order_by(verification.c.dose_id).subquery()
    versions = select(verification).where(verification.c.dose_id == dose.c.dose_id)
    newest = versions.order_by(verification.c.version.desc()).limit(1).lateral()
    # by the batch's own ids, so that no more versions are looked up than a page shows
    return newest, select(newest).join_from(dose, newest, true()).order_by(dose.c.dose_id)


async def one(tx: Transaction, dose_id: int, version: int) -> Row[Any] | None:
    """The verification of one version of a dose."""
    query = select(verification).where(
        verification.c.dose_id == dose_id, verification.c.version == version
    )
    return (await tx.execute(query)).one_or_none()


async def newest(tx: Transaction, dose_id: int) -> Row[Any] | None:
    """The verification of the newest version of a dose."""
    query = (
        select(verification)
        .where(verification.c.dose_id == dose_id)
        .order_by(verification.c.version.desc())
        .limit(1)
    )
    return (await tx.execute(query)).one_or_none()


async def certified(tx: Transaction, before: Sequence[tuple[int, int]]) -> list[Any]:
    """For each (dose id, version) the newest older version that was let through, where there is
    one.

    `standing`: whether the confirmation that it rests on is in force; `confirmed_at`: the version
    on which that was made.
    """
    if not before:
        return []
    return list(
        await tx.raw.fetch(
            _CERTIFIED,
            *(list(column) for column in zip(*before, strict=True)),
            sorted(ELIGIBLE_GRADES),
        )
    )


async def forget(tx: Transaction, ended: Sequence[tuple[int, int]]) -> None:
    """Lets go of the personal data of (dose id, version) and of older versions: nobody has to
    decide on them any more.
    """
    for dose_id, version in ended:
        older = (verification.c.dose_id == dose_id) & (verification.c.version <= version)
        await tx.execute(update(verification).where(older).values(evidence=None))
