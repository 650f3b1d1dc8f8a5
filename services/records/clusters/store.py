"""Errors with one cause: found in one pass over all wrong doses, kept until the next search; and
the runs of rules over them.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Row,
    any_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.clusters.rules import LEAST_DOSES
from services.records.disclosure.store import within
from services.records.domain.guidance import WAITING
from services.records.doses import store as doses
from services.records.schema import (
    batch,
    cluster,
    dose,
    dose_history,
    dose_status,
    rule_change,
    rule_run,
)

SEARCH_TIMEOUT_S = 600
_LOCK = 4_206_202_205

# One pass over the doses, for that is what a search costs: they are counted by facility, batch and
# all the reasons of a wrong one (repaired ones too), which leaves few rows; these then by facility,
# by batch and as a whole. A version that came by a correction has no batch.
_GROUPS = text("""
WITH counted AS MATERIALIZED (
    SELECT dose.facility_code, dose.batch_id, status.reasons, count(*) AS doses,
           count(*) FILTER (WHERE status.state IN ('needs_correction', 'in_review')) AS waiting
    FROM dose LEFT JOIN dose_status AS status ON status.dose_id = dose.id
    AND status.version = dose.version
         AND status.reasons <> '{}' AND status.state <> 'withdrawn'
    GROUP BY dose.facility_code, dose.batch_id, status.reasons
)
SELECT facility_code, batch_id, reason, sum(doses)::bigint AS doses,
  sum(waiting)::bigint AS waiting,
       min(facility_code) AS first, max(facility_code) AS last
FROM counted, unnest(reasons) AS reason
GROUP BY GROUPING SETS ((reason, facility_code), (reason, batch_id), (reason))
HAVING sum(doses) >= :least OR (facility_code IS NULL AND batch_id IS NULL)
UNION ALL
SELECT facility_code, NULL, NULL, sum(doses)::bigint, sum(waiting)::bigint, facility_code,
  facility_code FROM counted GROUP BY facility_code
""")


class ClusterRow(NamedTuple):
    """One cluster as it is kept."""

    id: str
    kind: str
    key: str
    reason: str
    facilities: str
    wrong: int
    waiting: int
    total: int
    elsewhere: float
    score: float


async def try_lock(tx: Transaction) -> bool:
    """Whether this transaction alone searches; it may take longer than others."""
    await tx.execute(text(f"SET LOCAL statement_timeout = {SEARCH_TIMEOUT_S * 1000}"))
    await tx.execute(text("SET LOCAL work_mem = '256MB'"))
    return bool((await tx.execute(select(func.pg_try_advisory_xact_lock(_LOCK)))).scalar_one())


async def found_within(tx: Transaction, age: timedelta) -> bool:
    """Whether the last search that found anything is younger than `age`."""
    return bool(
        (await tx.execute(select(func.max(cluster.c.found_at) > func.now() - age))).scalar_one()
    )


async def groups(tx: Transaction) -> list[Row[Any]]:
    """(facility_code | None, batch_id | None, reason | None, doses, waiting, first, last).

    With neither facility nor batch it is the whole country's, without a reason all doses of the
    facility.
    """
    return list(await tx.execute(_GROUPS, {"least": LEAST_DOSES}))


async def batch_totals(tx: Transaction, batch_ids: Collection[int]) -> dict[int, int]:
    """Doses that these batches brought."""
    # one array: a country's batches are more than a statement may have parameters
    query = select(batch.c.id, batch.c.accepted).where(
        batch.c.id == any_(literal(list(batch_ids), ARRAY(BigInteger)))
    )
    return {row.id: row.accepted for row in await tx.execute(query)}


async def replace(tx: Transaction, found: Sequence[ClusterRow]) -> None:
    """Keeps what a search found instead of what the one before it did."""
    await tx.execute(delete(cluster))
    await tx.copy(cluster, ClusterRow._fields, found)


def _of(reach: Reach, column: ColumnElement[str]) -> ColumnElement[bool]:
    """What facilities of the reach alone are in."""
    return within(Reach(reach.everything, reach.facilities), column, column)


async def listed(
    tx: Transaction, reach: Reach, after: tuple[int, str] | None, limit: int
) -> list[Row[Any]]:
    """Clusters of facilities within reach, the largest first."""
    query = (
        select(cluster)
        .where(_of(reach, cluster.c.facilities))
        .order_by(cluster.c.wrong.desc(), cluster.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(
            tuple_(cluster.c.wrong, cluster.c.id) < tuple_(literal(after[0]), literal(after[1]))
        )
    return list(await tx.execute(query))


async def members(
    tx: Transaction, reach: Reach, kind: str, key: str, reason: str | None, limit: int | None = None
) -> list[Row[Any]]:
    """(id, version, facility_code) of the doses of a facility or batch within reach that wait for
    people now, in the order of their ids.

    `reason`: those that have it; None: all.
    """
    query = (
        select(dose.c.id, dose.c.version, dose.c.facility_code)
        .join(
            dose_status,
            (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version),
        )
        .where(dose.c.facility_code == key if kind == "facility" else dose.c.batch_id == int(key))
        .where(dose_status.c.state.in_(WAITING), _of(reach, dose.c.facility_code))
        .order_by(dose.c.id)
        .limit(limit)
    )
    if reason is not None:
        query = query.where(literal(reason) == any_(dose_status.c.reasons))
    return list(await tx.execute(query))


async def current(tx: Transaction, ids: Sequence[int]) -> list[Row[Any]]:
    """Doses at their current version, in the order of their ids."""
    return list(await tx.execute(select(dose).where(dose.c.id.in_(ids)).order_by(dose.c.id)))


async def still(tx: Transaction, planned: Sequence[tuple[int, int]]) -> list[Row[Any]]:
    """Of (dose id, version) those doses that are still at that version and wait for people, locked
    against other writers.
    """
    await doses.lock_all(tx, [dose_id for dose_id, _ in planned])
    waiting = (
        (dose_status.c.dose_id == dose.c.id)
        & (dose_status.c.version == dose.c.version)
        & dose_status.c.state.in_(WAITING)
    )
    query = (
        select(dose)
        .join(dose_status, waiting)
        .where(tuple_(dose.c.id, dose.c.version).in_(planned))
        .order_by(dose.c.id)
    )
    return list(await tx.execute(query))


async def open_run(
    tx: Transaction, cluster_id: str, rule: str, facilities: str, subject: str
) -> int:
    """A new run's id."""
    values = {
        "cluster_id": cluster_id,
        "rule": rule,
        "facilities": facilities,
        "applied_by": subject,
    }
    return int(
        (await tx.execute(insert(rule_run).values(values).returning(rule_run.c.id))).scalar_one()
    )


async def goes_on(tx: Transaction, run_id: int) -> bool:
    """Whether nobody undoes a run; who would waits until `tx` ends, and then finds what it did."""
    query = select(rule_run.c.undone_at).where(rule_run.c.id == run_id).with_for_update()
    return (await tx.execute(query)).scalar_one() is None


async def add_changes(tx: Transaction, run_id: int, made: Sequence[tuple[int, int]]) -> None:
    """Notes the (dose id, version) that a run made."""
    await tx.copy(rule_change, ("run_id", "dose_id", "version"), [(run_id, *one) for one in made])
    await tx.execute(
        update(rule_run)
        .where(rule_run.c.id == run_id)
        .values(changed=rule_run.c.changed + len(made))
    )


async def runs(tx: Transaction, reach: Reach, before: int | None, limit: int) -> list[Row[Any]]:
    """Runs over facilities within reach, newest first."""
    query = (
        select(rule_run)
        .where(_of(reach, rule_run.c.facilities))
        .order_by(rule_run.c.id.desc())
        .limit(limit)
    )
    return list(await tx.execute(query if before is None else query.where(rule_run.c.id < before)))


async def run(tx: Transaction, reach: Reach, run_id: int, *, lock: bool = False) -> Row[Any] | None:
    """One run within reach."""
    query = select(rule_run).where(rule_run.c.id == run_id, _of(reach, rule_run.c.facilities))
    return (await tx.execute(query.with_for_update() if lock else query)).one_or_none()


async def begin_undo(tx: Transaction, run_id: int, subject: str) -> None:
    """Notes who undoes a run."""
    await tx.execute(
        update(rule_run)
        .where(rule_run.c.id == run_id)
        .values(undone_by=subject, undone_at=func.now())
    )


async def changed_doses(tx: Transaction, run_id: int, after: int, limit: int) -> list[int]:
    """Ids of the doses that a run changed, in their order, from `after` on."""
    query = select(rule_change.c.dose_id).where(
        rule_change.c.run_id == run_id, rule_change.c.dose_id > after
    )
    return list((await tx.execute(query.order_by(rule_change.c.dose_id).limit(limit))).scalars())


async def to_restore(tx: Transaction, run_id: int, ids: Sequence[int]) -> list[Row[Any]]:
    """What doses were before a run, where nothing but the run's is said of them since and they are
    not withdrawn, locked.

    A version that was told again, because it is to be verified anew, says the same. As rows of
    `dose`, with the `current` version; an older version whose person was forgotten cannot be
    restored.
    """
    await doses.lock_all(tx, ids)
    ended = (
        (dose_status.c.dose_id == dose.c.id)
        & (dose_status.c.version == dose.c.version)
        & (dose_status.c.state == "withdrawn")
    )
    since = dose_history.alias()
    touched = (
        (since.c.dose_id == dose.c.id)
        & (since.c.version >= rule_change.c.version)
        & (since.c.digest != dose.c.digest)
    )
    before = [
        dose_history.c[name]
        for name in (
            "version",
            "batch_id",
            "row",
            "digest",
            "product",
            "lot",
            "dose_number",
            "dose_kind",
        )
    ]
    query = (
        select(
            dose.c.id, dose.c.facility_code, dose.c.source_id, dose.c.version.label("current"),
            *before, dose_history.c.date_given,
            dose_history.c.person, dose_history.c.doubts,
        )
        .join(rule_change, rule_change.c.dose_id == dose.c.id)
        .join(dose_history,
              (dose_history.c.dose_id == dose.c.id)
              & (dose_history.c.version == rule_change.c.version - 1))
        .where(rule_change.c.run_id == run_id, dose.c.id.in_(ids), ~exists().where(touched),
        ~exists().where(ended))
        .where(dose_history.c.person.is_not(None))
        .order_by(dose.c.id)
    )  # fmt: skip
    return list(await tx.execute(query))


async def count_restored(tx: Transaction, run_id: int, doses: int) -> None:
    """Adds to the doses that the undoing of a run restored."""
    await tx.execute(
        update(rule_run).where(rule_run.c.id == run_id).values(restored=rule_run.c.restored + doses)
    )
