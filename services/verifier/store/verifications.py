"""Verifications: written by the chunk, read by batch or dose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts.access import Reach
from services.chassis.db import Transaction
from services.verifier.schema import verification

_COLUMNS = (
    "dose_id", "version", "batch_id", "source_id", "facility_code", "residence", "grade", "attributes", "algorithm", "registry_time",
    "evidence", "number", "used",
)  # fmt: skip
StoredVerification = tuple[
    int, int, int, str, str, str, str, str | None, str, datetime | None, bytes | None, int | None, int | None
]  # fmt: skip
"""One verification as it is stored, in the order of `_COLUMNS`; a plain tuple, which COPY writes in half the time of a named one.

`attributes` is a JSON list, or null where all match; `evidence` is sealed; `number` and `used` are blind indexes, by which a change of the
registry finds whom it concerns.
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
    tx: Transaction, reach: Reach, *, batch_id: int | None, dose_id: int | None, after: tuple[int, int], limit: int
) -> list[Row[Any]]:
    """Verifications of a batch or of a dose within the caller's reach, by (dose id, version)."""
    query = select(verification).order_by(verification.c.dose_id, verification.c.version).limit(limit)
    query = query.where(func.row(verification.c.dose_id, verification.c.version) > func.row(*after))
    if batch_id is not None:
        query = query.where(verification.c.batch_id == batch_id)
    if dose_id is not None:
        query = query.where(verification.c.dose_id == dose_id)
    if not reach.everything:
        facilities = [verification.c.facility_code.startswith(prefix, autoescape=True) for prefix in reach.facilities]
        residences = [verification.c.residence.startswith(prefix, autoescape=True) for prefix in reach.residences]
        query = query.where(or_(false(), *facilities, *residences))
    return list(await tx.execute(query))


async def one(tx: Transaction, dose_id: int, version: int) -> Row[Any] | None:
    """The verification of one version of a dose."""
    query = select(verification).where(verification.c.dose_id == dose_id, verification.c.version == version)
    return (await tx.execute(query)).one_or_none()


async def newest(tx: Transaction, dose_id: int) -> Row[Any] | None:
    """The verification of the newest version of a dose."""
    query = select(verification).where(verification.c.dose_id == dose_id).order_by(verification.c.version.desc()).limit(1)
    return (await tx.execute(query)).one_or_none()


async def forget(tx: Transaction, ended: Sequence[tuple[int, int]]) -> None:
    """Lets go of the personal data of (dose id, version) and of older versions: nobody has to decide on them any more."""
    for dose_id, version in ended:
        older = (verification.c.dose_id == dose_id) & (verification.c.version <= version)
        await tx.execute(update(verification).where(older).values(evidence=None))
