"""Corrects a cluster by its rule: preview, apply as new versions, and undo.

Only doses that wait for people are corrected. One that was repaired by itself has its certificate,
which a new version would end.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple, TypeVar

from contracts.access import Reach
from contracts.events import MAX_CHUNK
from contracts.ids import DoseId
from contracts.topics import EXPRESS_ROWS, RECORDED
from services.chassis.db import Transaction
from services.records.clusters import errors, store
from services.records.clusters.key import ClusterKey
from services.records.clusters.rules import RULES, ClusterRule, common_beginning
from services.records.clusters.store import PlannedDose, RestorableDose, RunRow
from services.records.context import Context
from services.records.domain.dose import Raw, ValidDose
from services.records.domain.doubts import remaining, with_doubts
from services.records.domain.field_changes import changes
from services.records.domain.parse_row import parse_row
from services.records.doses import store as doses
from services.records.doses.store import DoseRow
from services.records.doses.versions import (
    NO_BATCH,
    doubts_of,
    new_version,
    raw_row_of,
    recorded_event,
)
from services.records.schema import PREVIEW_INDEX

_EXAMPLES = 20
_LOOKED_AT = 100
_Item = TypeVar("_Item")
OnDone = Callable[[Transaction, int], Awaitable[None]]
"""Called with a run's id in the transaction that finishes it."""


class CorrectedDose(NamedTuple):
    """One dose before and after a rule; `dose` is the new content."""

    row: DoseRow
    before: Raw
    after: Raw
    dose: ValidDose


class NextVersion(NamedTuple):
    """The version that a run or its undoing makes of a dose."""

    dose_id: DoseId
    version: int
    dose: ValidDose


@dataclass(slots=True)
class Plan:
    """What a rule would do to a cluster.

    `waiting`: doses looked at. `changed`: those that the rule changes. `examples`: the first of
    them, whole. `token`: stands for all that.
    """

    waiting: int = 0
    changed: list[PlannedDose] = field(default_factory=list)
    examples: list[CorrectedDose] = field(default_factory=list)
    token: str = ""
    facilities: str = ""


def rule_of(cluster: ClusterKey, code: str) -> ClusterRule:
    """The rule of a cluster's reason; ServiceError 422 where it is not the named one."""
    rule = RULES.get(cluster.reason)
    if rule is None or rule.code != code:
        raise errors.rule_not_of_reason(rule.code if rule else None)
    return rule


async def plan(
    context: Context, tx: Transaction, reach: Reach, cluster: ClusterKey, rule: ClusterRule
) -> Plan:
    """What the rule would do now; ServiceError 404 where nothing waits within reach."""
    reason = None if rule.any_reason else cluster.reason
    members = await store.members(tx, reach, cluster.kind, cluster.key, reason)
    if not members:
        raise errors.cluster_not_found()
    facilities = common_beginning({member.facility_code for member in members})
    planned = Plan(waiting=len(members), facilities=facilities)
    digest = blake2b(digest_size=16)
    for part in _parts([member.id for member in members]):
        for corrected in _corrected(context, rule, await store.current(tx, part)):
            row = corrected.row
            planned.changed.append(PlannedDose(row.id, row.version))
            digest.update(b"%d/%d " % (row.id, row.version))
            if len(planned.examples) < _EXAMPLES:
                planned.examples.append(corrected)
    index = PREVIEW_INDEX.of(context.sealer, f"{cluster}|{rule.code}|{digest.hexdigest()}")
    planned.token = f"{index & (1 << 64) - 1:016x}"
    return planned


async def examples(
    context: Context, tx: Transaction, reach: Reach, cluster: ClusterKey, limit: int
) -> list[DoseRow]:
    """The first doses of a cluster that wait within reach.

    A rule for any reason corrects others too: those follow.
    """
    first = [member.id for member in await store.members(tx, reach, *cluster, limit=limit)]
    rule = RULES.get(cluster.reason)
    if rule is None or not rule.any_reason or len(first) == limit:
        return await store.current(tx, first)
    others = await store.members(tx, reach, cluster.kind, cluster.key, None, limit=_LOOKED_AT)
    rows = await store.current(tx, [*first, *(member.id for member in others)])
    fitting = [row for row in rows if row.id in first or rule.mend(raw_row_of(context.sealer, row))]
    return fitting[:limit]


async def apply(
    context: Context,
    reach: Reach,
    cluster: ClusterKey,
    rule: ClusterRule,
    token: str,
    subject: str,
    on_done: OnDone,
) -> int:
    """Corrects what was previewed, chunk by chunk, and answers the run's id.

    ServiceError 409 where it is no longer what was previewed. A dose that somebody corrects
    meanwhile is passed over. A run that breaks off keeps what it did, which can be undone. One that
    is undone meanwhile goes no further.
    """
    async with context.db.begin() as tx:
        planned = await plan(context, tx, reach, cluster, rule)
        if planned.token != token:
            raise errors.preview_stale()
        run_id = await store.open_run(tx, str(cluster), rule.code, planned.facilities, subject)
    left = len(planned.changed)
    for part in _parts(planned.changed) or [[]]:
        left -= len(part)
        async with context.db.begin() as tx:
            if not await store.goes_on(tx, run_id):
                await on_done(tx, run_id)
                break
            made = [
                NextVersion(corrected.row.id, corrected.row.version + 1, corrected.dose)
                for corrected in _corrected(context, rule, await store.lock_unchanged(tx, part))
            ]
            await _add_versions(context, tx, made, subject, f"cluster {rule.code}", run_id)
            changed = [PlannedDose(version.dose_id, version.version) for version in made]
            await store.add_changes(tx, run_id, changed)
            if not left:
                await on_done(tx, run_id)
    return run_id


async def visible(tx: Transaction, reach: Reach, run_id: int, *, lock: bool = False) -> RunRow:
    """A run over facilities within reach; otherwise ServiceError 404."""
    run = await store.run(tx, reach, run_id, lock=lock)
    if run is None:
        raise errors.run_not_found()
    return run


async def undo(context: Context, reach: Reach, run_id: int, subject: str) -> None:
    """Puts back what a run changed and nobody touched since, as new versions.

    Called again, it does what was left.
    """
    async with context.db.begin() as tx:
        run = await visible(tx, reach, run_id, lock=True)
        if run.undone_at is None:
            await store.begin_undo(tx, run_id, subject)
    after = 0
    while True:
        async with context.db.begin() as tx:
            ids = await store.changed_doses(tx, run_id, after, MAX_CHUNK)
            if not ids:
                return
            restorable = await store.to_restore(tx, run_id, ids)
            made = [
                NextVersion(row.id, row.current + 1, dose)
                for row in restorable
                if (dose := _as_before(context, row)) is not None
            ]
            await _add_versions(context, tx, made, subject, f"undo of cluster {run.rule}", run_id)
            await store.count_restored(tx, run_id, len(made))
        after = ids[-1]


def _as_before(context: Context, row: RestorableDose) -> ValidDose | None:
    raw = raw_row_of(context.sealer, row)
    dose = parse_row(raw, today=context.today(), facilities=context.facilities).dose
    return None if dose is None else with_doubts(dose, doubts_of(row))


def _corrected(context: Context, rule: ClusterRule, rows: Sequence[DoseRow]) -> list[CorrectedDose]:
    """The doses that the rule fits, where what it makes of them is valid and new."""
    corrected = []
    for row in rows:
        before = raw_row_of(context.sealer, row)
        if (after := rule.mend(before)) is None:
            continue
        dose = parse_row(after, today=context.today(), facilities=context.facilities).dose
        if dose is None:
            continue
        changed = {change.field for change in changes(before, after)}
        dose = with_doubts(dose, remaining(doubts_of(row), changed))
        if dose.content != row.digest:
            corrected.append(CorrectedDose(row, before, after, dose))
    return corrected


async def _add_versions(
    context: Context,
    tx: Transaction,
    made: Sequence[NextVersion],
    subject: str,
    reason: str,
    run_id: int,
) -> None:
    if not made:
        return
    newer = [
        new_version(context.sealer, next_one.dose_id, next_one.version, NO_BATCH, 0, next_one.dose)
        for next_one in made
    ]
    rows = [version.row for version in newer]
    await doses.add_versions(tx, rows, subject, reason)
    lane = RECORDED.lane(len(newer) <= EXPRESS_ROWS)
    await context.outbox.put(
        tx, lane, f"run/{run_id}/{rows[0].id}", RECORDED.name, recorded_event(NO_BATCH, newer)
    )


def _parts(items: Sequence[_Item]) -> list[Sequence[_Item]]:
    return [items[at : at + MAX_CHUNK] for at in range(0, len(items), MAX_CHUNK)]
