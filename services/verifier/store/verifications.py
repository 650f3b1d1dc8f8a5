"""Verifications: written by the chunk, read by batch or dose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts.access import Reach
from services.chassis.db import Transaction
from services.verifier.schema import verification


class StoredVerification(NamedTuple):
    """One verification as it is stored, in the order of the columns.

    `attributes` is a JSON list, or null where all match; `evidence` is sealed.

    `number` and `used` are blind indexes, by which a change of the registry finds whom it concerns.
    """

    dose_id: int
    version: int
    batch_id: int
    source_id: str
    facility_code: str
    residence: str
    grade: str
    attributes: str | None
    algorithm: str
    registry_time: datetime | None
    evidence: bytes | None
    number: int | None
    used: int | None


_COLUMNS = StoredVerification._fields


async def add(tx: Transaction, verifications: Sequence[StoredVerification]) -> None:
    """Stores verifications; one of a version that has one already takes its place."""
    if not await tx.copy_new(verification, _COLUMNS, verifications):
        statement = upsert(verification)
        changed = {name: statement.excluded[name] for name in _COLUMNS[6:]}
        await tx.execute(
            statement.on_conflict_do_update(index_elements=["dose_id", "version"], set_=changed),
            [one._asdict() for one in verifications],
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


async def forget(tx: Transaction, ended: Sequence[tuple[int, int]]) -> None:
    """Lets go of the personal data of (dose id, version) and of older versions: nobody has to decide on them any more."""
    for dose_id, version in ended:
        older = (verification.c.dose_id == dose_id) & (verification.c.version <= version)
        await tx.execute(update(verification).where(older).values(evidence=None))
