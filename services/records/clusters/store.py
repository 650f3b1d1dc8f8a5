"""Clusters, counted in one pass over all wrong doses, and the runs of rules over them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
from contracts.events import DoseKind
from contracts.ids import DoseId
from contracts.words import State
from services.chassis.db import Transaction
from services.records.clusters.rules import LEAST_DOSES
from services.records.disclosure.store import within
from services.records.domain.guidance import WAITING
from services.records.doses import store as doses
from services.records.doses.store import DoseRow
from services.records.schema import (
    RecordsLock,
    batch,
    cluster,
    dose,
    dose_history,
    dose_status,
    rule_change,
    rule_run,
    sql,
)

SEARCH_TIMEOUT_S = 600

# One pass over the doses, for that is what a search costs: they are counted by facility, batch and
# all the reasons of a wrong one (repaired ones too), which leaves few rows; these then by facility,
# by batch and as a whole. A version that came by a correction has no batch.
_GROUPS = text(
    sql("""
WITH counted AS MATERIALIZED (
    SELECT dose.facility_code, dose.batch_id, status.reasons, count(*) AS doses,
           count(*) FILTER (WHERE status.state IN ({needs_correction}, {in_review})) AS waiting
    FROM dose LEFT JOIN dose_status AS status ON status.dose_id = dose.id
    AND status.version = dose.version
         AND status.reasons <> '{}' AND status.state <> {withdrawn}
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
)


class GroupCount(NamedTuple):
    """How many doses of a facility or batch have a reason, and between which facilities.

    Without facility and batch it is the country's count, without a reason a facility's whole count.
    """

    facility_code: str | None
    batch_id: int | None
    reason: str | None
    doses: int
    waiting: int
    first: str
    last: str


class ClusterRow(NamedTuple):
    """A cluster as it is kept."""

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


class StoredCluster(NamedTuple):
    """A cluster, and when it was found."""

    cluster: ClusterRow
    found_at: datetime


class ClusterMember(NamedTuple):
    """A dose of a cluster at its current version."""

    id: DoseId
    version: int
    facility_code: str


class PlannedDose(NamedTuple):
    """A dose at the version that a rule would change, or made."""

    dose_id: DoseId
    version: int


class RunRow(NamedTuple):
    """One application of a rule, and who undid it."""

    id: int
    cluster_id: str
    rule: str
    facilities: str
    applied_by: str
    applied_at: datetime
    changed: int
    undone_by: str | None
    undone_at: datetime | None
    restored: int


class RestorableDose(NamedTuple):
    """A dose with the content that it had before a run; `current` is its version today."""

    id: DoseId
    facility_code: str
    source_id: str
    current: int
    version: int
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    person: bytes
    doubts: str | None


_DOSE = [dose.c[name] for name in DoseRow._fields]
_RUN = [rule_run.c[name] for name in RunRow._fields]


async def try_lock(tx: Transaction) -> bool:
    """Whether no other transaction searches; this one may take longer than others."""
    await tx.execute(text(f"SET LOCAL statement_timeout = {SEARCH_TIMEOUT_S * 1000}"))
    await tx.execute(text("SET LOCAL work_mem = '256MB'"))
    lock = select(func.pg_try_advisory_xact_lock(int(RecordsLock.CLUSTER_SEARCH)))
    return bool((await tx.execute(lock)).scalar_one())


async def found_within(tx: Transaction, age: timedelta) -> bool:
    """Whether the last search that found anything is younger than `age`."""
    return bool(
        (await tx.execute(select(func.max(cluster.c.found_at) > func.now() - age))).scalar_one()
    )


async def count_groups(tx: Transaction) -> list[GroupCount]:
    """Counts the doses of every facility and batch by reason."""
    counts = await tx.execute(_GROUPS, {"least": LEAST_DOSES})
    return [GroupCount._make(row) for row in counts]


async def batch_totals(tx: Transaction, batch_ids: Collection[int]) -> dict[int, int]:
    """Doses that these batches brought."""
    # one array: a country's batches are more than a statement may have parameters
    query = select(batch.c.id, batch.c.accepted).where(
        batch.c.id == any_(literal(list(batch_ids), ARRAY(BigInteger)))
    )
    return {row.id: row.accepted for row in await tx.execute(query)}


async def replace(tx: Transaction, clusters: Sequence[ClusterRow]) -> None:
    """Keeps what a search found, in place of what the one before it did."""
    await tx.execute(delete(cluster))
    await tx.copy(cluster, ClusterRow._fields, clusters)


def _of(reach: Reach, column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether facilities of the reach hold all of it; where people live does not count."""
    return within(Reach(reach.everything, reach.facilities), column, column)


async def listed(
    tx: Transaction, reach: Reach, after: tuple[int, str] | None, limit: int
) -> list[StoredCluster]:
    """Clusters of facilities within reach, the largest first."""
    query = (
        select(cluster.c.found_at, *(cluster.c[name] for name in ClusterRow._fields))
        .where(_of(reach, cluster.c.facilities))
        .order_by(cluster.c.wrong.desc(), cluster.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(
            tuple_(cluster.c.wrong, cluster.c.id) < tuple_(literal(after[0]), literal(after[1]))
        )
    rows = await tx.execute(query)
    return [
        StoredCluster(
            ClusterRow(*(getattr(row, name) for name in ClusterRow._fields)), row.found_at
        )
        for row in rows
    ]


async def members(
    tx: Transaction, reach: Reach, kind: str, key: str, reason: str | None, limit: int | None = None
) -> list[ClusterMember]:
    """Doses of a facility or batch within reach that wait for people, in the order of their ids.

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
    return [ClusterMember._make(row) for row in await tx.execute(query)]


async def current(tx: Transaction, ids: Sequence[DoseId]) -> list[DoseRow]:
    """Doses at their current version, in the order of their ids."""
    rows = await tx.execute(select(*_DOSE).where(dose.c.id.in_(ids)).order_by(dose.c.id))
    return [DoseRow._make(row) for row in rows]


async def lock_unchanged(tx: Transaction, planned: Sequence[PlannedDose]) -> list[DoseRow]:
    """Locks these doses, and answers those that still wait for people at the same version."""
    await doses.lock_all(tx, [dose.dose_id for dose in planned])
    waiting = (
        (dose_status.c.dose_id == dose.c.id)
        & (dose_status.c.version == dose.c.version)
        & dose_status.c.state.in_(WAITING)
    )
    query = (
        select(*_DOSE)
        .join(dose_status, waiting)
        .where(tuple_(dose.c.id, dose.c.version).in_(planned))
        .order_by(dose.c.id)
    )
    return [DoseRow._make(row) for row in await tx.execute(query)]


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
    """Whether nobody undoes a run; whoever wants to waits until `tx` ends."""
    query = select(rule_run.c.undone_at).where(rule_run.c.id == run_id).with_for_update()
    return (await tx.execute(query)).scalar_one() is None


async def add_changes(tx: Transaction, run_id: int, made: Sequence[PlannedDose]) -> None:
    """Stores which versions of which doses a run made."""
    rows = [(run_id, *version) for version in made]
    await tx.copy(rule_change, ("run_id", *PlannedDose._fields), rows)
    await tx.execute(
        update(rule_run)
        .where(rule_run.c.id == run_id)
        .values(changed=rule_run.c.changed + len(made))
    )


async def runs(tx: Transaction, reach: Reach, before: int | None, limit: int) -> list[RunRow]:
    """Runs over facilities within reach, newest first."""
    query = (
        select(*_RUN)
        .where(_of(reach, rule_run.c.facilities))
        .order_by(rule_run.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(rule_run.c.id < before)
    return [RunRow._make(row) for row in await tx.execute(query)]


async def run(tx: Transaction, reach: Reach, run_id: int, *, lock: bool = False) -> RunRow | None:
    """One run within reach."""
    query = select(*_RUN).where(rule_run.c.id == run_id, _of(reach, rule_run.c.facilities))
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else RunRow._make(row)


async def begin_undo(tx: Transaction, run_id: int, subject: str) -> None:
    """Stores who undoes a run."""
    await tx.execute(
        update(rule_run)
        .where(rule_run.c.id == run_id)
        .values(undone_by=subject, undone_at=func.now())
    )


async def changed_doses(tx: Transaction, run_id: int, after: int, limit: int) -> list[DoseId]:
    """Ids of the doses that a run changed, in their order, from `after` on."""
    query = select(rule_change.c.dose_id).where(
        rule_change.c.run_id == run_id, rule_change.c.dose_id > after
    )
    return list((await tx.execute(query.order_by(rule_change.c.dose_id).limit(limit))).scalars())


async def to_restore(tx: Transaction, run_id: int, ids: Sequence[DoseId]) -> list[RestorableDose]:
    """Locks these doses, and answers those that a run changed last, as they were before it.

    A dose that was withdrawn or changed since is left out. A newer version with the same content,
    made to be verified again, is no change. A forgotten version cannot be restored.
    """
    await doses.lock_all(tx, ids)
    withdrawn = (
        (dose_status.c.dose_id == dose.c.id)
        & (dose_status.c.version == dose.c.version)
        & (dose_status.c.state == State.WITHDRAWN.value)
    )
    since = dose_history.alias()
    changed_since = (
        (since.c.dose_id == dose.c.id)
        & (since.c.version >= rule_change.c.version)
        & (since.c.digest != dose.c.digest)
    )
    before = (dose_history.c.dose_id == dose.c.id) & (
        dose_history.c.version == rule_change.c.version - 1
    )
    own = (dose.c.id, dose.c.facility_code, dose.c.source_id, dose.c.version.label("current"))
    older = (dose_history.c[name] for name in RestorableDose._fields[len(own) :])
    query = (
        select(*own, *older)
        .join(rule_change, rule_change.c.dose_id == dose.c.id)
        .join(dose_history, before)
        .where(rule_change.c.run_id == run_id, dose.c.id.in_(ids))
        .where(~exists().where(changed_since), ~exists().where(withdrawn))
        .where(dose_history.c.person.is_not(None))
        .order_by(dose.c.id)
    )
    return [RestorableDose._make(row) for row in await tx.execute(query)]


async def count_restored(tx: Transaction, run_id: int, doses: int) -> None:
    """Adds to the doses that the undoing of a run restored."""
    await tx.execute(
        update(rule_run).where(rule_run.c.id == run_id).values(restored=rule_run.c.restored + doses)
    )
