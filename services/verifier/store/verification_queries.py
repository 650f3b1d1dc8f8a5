"""Verifications read by batch, by dose, or by what was certified before; and their forgetting."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, false, func, or_, select, true, update

from contracts.access import Reach
from contracts.ids import BatchId, DoseId
from contracts.words import ELIGIBLE_GRADES
from services.chassis.db import Transaction
from services.verifier.schema import verification
from services.verifier.store.verifications import VerificationRow

# In: dose ids, versions, grades. Out: of each dose the newest version before the given one that was
# let through, with what it rests on. By the primary key.
_CERTIFIED = """
SELECT given.dose_id, old.version, old.grade, old.number, old.used, old.typed, old.evidence,
  old.rests_on, decision.version AS confirmed_at,
  coalesce(decision.in_force, old.rests_on IS NULL) AS standing, given.before
FROM unnest($1::bigint[], $2::smallint[]) AS given (dose_id, before)
CROSS JOIN LATERAL (
    SELECT * FROM verification
    WHERE dose_id = given.dose_id AND version < given.before
    AND grade = ANY($3) ORDER BY version DESC LIMIT 1
) AS old
LEFT JOIN decision ON decision.id = old.rests_on
"""


# In: dose ids. Out: the evidence of each dose's first version. By the primary key.
_FIRST = """
SELECT given.dose_id, first.version, first.evidence
FROM unnest($1::bigint[]) AS given (dose_id)
CROSS JOIN LATERAL (
    SELECT version, evidence FROM verification
    WHERE dose_id = given.dose_id ORDER BY version LIMIT 1
) AS first
"""


class FirstVersion(NamedTuple):
    """The first version of a dose that is known here, with its sealed evidence."""

    dose_id: DoseId
    version: int
    evidence: bytes | None


class CertifiedVersion(NamedTuple):
    """A version that was let through: columns of its verification, and of what it rests on.

    `standing`: nobody has taken back the confirmation that it rests on. `confirmed_at`: the version
    on which that confirmation was made.
    """

    dose_id: DoseId
    version: int
    grade: str
    number: int | None
    used: int | None
    typed: int | None
    evidence: bytes | None
    rests_on: int | None = None
    confirmed_at: int | None = None
    standing: bool = True


async def find(
    tx: Transaction,
    reach: Reach,
    *,
    batch_id: BatchId | None,
    dose_id: DoseId | None,
    after: tuple[int, int],
    limit: int,
) -> list[VerificationRow]:
    """Verifications within the caller's reach, by (dose id, version).

    Of a batch the newest of each dose, or of one dose all.
    """
    if batch_id is not None:
        table, query = _newest_of(batch_id, after[0])
    else:
        table = verification
        query = _select_rows(table).where(
            func.row(table.c.dose_id, table.c.version) > func.row(*after)
        )
        query = query.order_by(table.c.dose_id, table.c.version)
    if dose_id is not None:
        query = query.where(table.c.dose_id == dose_id)
    if not reach.everything:
        facilities = [
            table.c.facility_code.startswith(prefix, autoescape=True) for prefix in reach.facilities
        ]
        residences = [
            table.c.residence.startswith(prefix, autoescape=True) for prefix in reach.residences
        ]
        query = query.where(or_(false(), *facilities, *residences))
    return [VerificationRow._make(row) for row in await tx.execute(query.limit(limit))]


def _select_rows(table: FromClause) -> Select[Any]:
    return select(*(table.c[name] for name in VerificationRow._fields))


def _newest_of(batch_id: BatchId, after: int) -> tuple[FromClause, Select[Any]]:
    """The newest verification of each dose of a batch.

    A version that was corrected, or verified anew by itself, is of another batch.
    """
    of_batch = select(verification.c.dose_id).where(
        verification.c.batch_id == batch_id, verification.c.dose_id > after
    )
    dose = of_batch.distinct().order_by(verification.c.dose_id).subquery()
    versions = select(verification).where(verification.c.dose_id == dose.c.dose_id)
    newest = versions.order_by(verification.c.version.desc()).limit(1).lateral()
    # by the batch's own ids, so that no more versions are looked up than a page shows
    query = _select_rows(newest).select_from(dose).join(newest, true()).order_by(dose.c.dose_id)
    return newest, query


async def one(tx: Transaction, dose_id: DoseId, version: int) -> VerificationRow | None:
    """The verification of one version of a dose."""
    query = _select_rows(verification).where(
        verification.c.dose_id == dose_id, verification.c.version == version
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else VerificationRow._make(row)


async def newest(tx: Transaction, dose_id: DoseId) -> VerificationRow | None:
    """The verification of the newest version of a dose."""
    query = (
        _select_rows(verification)
        .where(verification.c.dose_id == dose_id)
        .order_by(verification.c.version.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else VerificationRow._make(row)


async def newest_certified(
    tx: Transaction, before: Sequence[tuple[DoseId, int]]
) -> dict[tuple[DoseId, int], CertifiedVersion]:
    """Of each (dose id, version) the newest older version that was let through, where one was."""
    if not before:
        return {}
    records = await tx.raw.fetch(
        _CERTIFIED,
        [dose_id for dose_id, _ in before],
        [version for _, version in before],
        sorted(ELIGIBLE_GRADES),
    )
    versions = {}
    for record in records:
        *columns, version_before = record
        certified = CertifiedVersion._make(columns)
        versions[certified.dose_id, version_before] = certified
    return versions


async def first_versions(tx: Transaction, dose_ids: Sequence[DoseId]) -> dict[DoseId, FirstVersion]:
    """The first version of each dose, where one was verified."""
    if not dose_ids:
        return {}
    records = await tx.raw.fetch(_FIRST, dose_ids)
    return {row["dose_id"]: FirstVersion._make(row) for row in records}


async def forget(tx: Transaction, ended: Sequence[tuple[DoseId, int]]) -> None:
    """Deletes the evidence of each (dose id, version) and of older versions.

    Nobody has to decide on them any more.
    """
    for dose_id, version in ended:
        older = (verification.c.dose_id == dose_id) & (verification.c.version <= version)
        await tx.execute(update(verification).where(older).values(evidence=None))
