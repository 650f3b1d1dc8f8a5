"""Clusters: searched for, looked at before and after a rule, mended as new versions, and put back.

Only doses that wait for people are mended: what was repaired by itself has its certificate, which a
new version would end.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

from contracts.access import Reach
from contracts.events import MAX_CHUNK
from contracts.topics import EXPRESS_ROWS, RECORDED
from contracts.words import Doubt, Reason
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.records.clusters import store
from services.records.clusters.rules import (
    RULES,
    ClusterRule,
    Group,
    common_beginning,
    elsewhere,
    is_cluster,
    score,
)
from services.records.clusters.store import ClusterRow
from services.records.context import Context
from services.records.domain.dose import Raw, ValidDose
from services.records.domain.doubts import remaining, with_doubts
from services.records.domain.field_changes import changes
from services.records.domain.parse_row import parse_row
from services.records.doses import store as doses
from services.records.doses.versions import (
    NO_BATCH,
    doubts_of,
    new_version,
    raw_row_of,
    recorded_event,
)

ID = rf"^(facility-\d{{5}}|batch-[1-9]\d{{0,17}})-({'|'.join([*Reason, *Doubt])})$"
_FRESH = timedelta(minutes=30)
_EXAMPLES = 20
_LOOKED_AT = 100
_Item = TypeVar("_Item")
Done = Callable[[Transaction, int], Awaitable[None]]
"""Told of a run's id."""


class ClusterKey(NamedTuple):
    """Doses of one facility or batch with one reason."""

    kind: str
    key: str
    reason: str

    @classmethod
    def of(cls, cluster_id: str) -> "ClusterKey":
        """From an id that matches `ID`."""
        kind, key, reason = cluster_id.split("-", 2)
        return cls(kind, key, reason)

    def __str__(self) -> str:
        return "-".join(self)


class Mended(NamedTuple):
    """One dose before and after a rule; `dose` is the new content."""

    row: Any
    before: Raw
    after: Raw
    dose: ValidDose


@dataclass(slots=True)
class Plan:
    """What a rule would do to a cluster.

    `waiting`: doses looked at. `changed`: of these (id, version). `examples`: the first of them
    whole. `token`: stands for all that.
    """

    waiting: int = 0
    changed: list[tuple[int, int]] = field(default_factory=list)
    examples: list[Mended] = field(default_factory=list)
    token: str = ""
    facilities: str = ""


async def search_if_stale(context: Context, _now: datetime) -> None:
    """Searches, unless another process just did."""
    async with context.db.begin() as tx:
        if not await store.found_within(tx, _FRESH):
            await search(tx)


async def search(tx: Transaction) -> None:
    """Finds the clusters of today, unless another search is under way."""
    if not await store.try_lock(tx):
        return
    counted = await store.groups(tx)
    totals = {row.facility_code: row.doses for row in counted if row.reason is None}
    groups = [row for row in counted if row.reason is not None and row.batch_id != NO_BATCH]
    by_batch = await store.batch_totals(
        tx, {group.batch_id for group in groups if group.batch_id is not None}
    )
    country = sum(totals.values())
    usual = {
        group.reason: group.doses
        for group in groups
        if group.facility_code is None and group.batch_id is None
    }
    found: dict[tuple[str, str], ClusterRow] = {}
    # facilities first: a batch that holds all of its facility's cluster is the same doses again
    for row in sorted(groups, key=lambda group: group.facility_code is None):
        kind, key = (
            ("facility", row.facility_code)
            if row.facility_code is not None
            else ("batch", str(row.batch_id))
        )
        total = totals.get(key, 0) if kind == "facility" else by_batch.get(row.batch_id, 0)
        group = Group(row.doses, total, usual[row.reason], country)
        same = (
            found.get((row.first, row.reason))
            if kind == "batch" and row.first == row.last
            else None
        )
        if not total or (same is not None and same.wrong == row.doses) or not is_cluster(group):
            continue
        cluster = ClusterKey(kind, key, row.reason)
        found[key, row.reason] = ClusterRow(
            str(cluster),
            *cluster,
            common_beginning([row.first, row.last]),
            row.doses,
            row.waiting,
            total,
            elsewhere(group),
            score(group),
        )
    await store.replace(tx, list(found.values()))


def rule_of(cluster: ClusterKey, code: str) -> ClusterRule:
    """The rule of a cluster's reason; ServiceError 422 where it is not the named one."""
    rule = RULES.get(cluster.reason)
    if rule is None or rule.code != code:
        raise ServiceError(
            422, "RULE_NOT_OF_REASON", "Quy tắc này không dùng cho lỗi này.",
            "This rule is not for this reason.",
            rule=rule.code if rule else None,
        )  # fmt: skip
    return rule


async def plan(
    context: Context, tx: Transaction, reach: Reach, cluster: ClusterKey, rule: ClusterRule
) -> Plan:
    """What the rule would do now; ServiceError 404 where nothing of the cluster waits within
    reach.
    """
    members = await store.members(
        tx, reach, cluster.kind, cluster.key, None if rule.any_reason else cluster.reason
    )
    if not members:
        raise ServiceError(
            404,
            "CLUSTER_NOT_FOUND",
            "Không còn mũi tiêm nào chờ trong cụm này.",
            "No dose of this cluster waits.",
        )
    planned = Plan(
        waiting=len(members), facilities=common_beginning({row.facility_code for row in members})
    )
    digest = blake2b(digest_size=16)
    for part in _parts([row.id for row in members]):
        for one in _mended(context, rule, await store.current(tx, part)):
            planned.changed.append((one.row.id, one.row.version))
            digest.update(b"%d/%d " % (one.row.id, one.row.version))
            if len(planned.examples) < _EXAMPLES:
                planned.examples.append(one)
    blind = context.sealer.blind(f"{cluster}|{rule.code}|{digest.hexdigest()}")
    planned.token = f"{blind & (1 << 64) - 1:016x}"
    return planned


async def examples(
    context: Context, tx: Transaction, reach: Reach, cluster: ClusterKey, limit: int
) -> list[Any]:
    """The first doses of a cluster that wait within reach, and with a rule for any reason of the
    others those that it mends.
    """
    first = [row.id for row in await store.members(tx, reach, *cluster, limit=limit)]
    rule = RULES.get(cluster.reason)
    if rule is None or not rule.any_reason or len(first) == limit:
        return await store.current(tx, first)
    others = [
        row.id
        for row in await store.members(tx, reach, cluster.kind, cluster.key, None, limit=_LOOKED_AT)
    ]
    rows = await store.current(tx, [*first, *others])
    return [row for row in rows if row.id in first or rule.mend(raw_row_of(context.sealer, row))][
        :limit
    ]


async def apply(
    context: Context,
    reach: Reach,
    cluster: ClusterKey,
    rule: ClusterRule,
    token: str,
    subject: str,
    done: Done,
) -> int:
    """Mends what was previewed, chunk by chunk, and answers the run's id; ServiceError 409 where it
    is no longer what was previewed.

    A dose that somebody corrects meanwhile is passed over. A run that breaks off keeps what it did,
    which can be undone; one that is undone meanwhile goes no further. `done` is called in the
    transaction that finishes it.
    """
    async with context.db.begin() as tx:
        planned = await plan(context, tx, reach, cluster, rule)
        if planned.token != token:
            raise ServiceError(
                409,
                "PREVIEW_STALE",
                "Dữ liệu đã thay đổi sau khi xem trước; hãy xem lại.",
                "The doses changed; preview again.",
            )
        run_id = await store.open_run(tx, str(cluster), rule.code, planned.facilities, subject)
    left = len(planned.changed)
    for part in _parts(planned.changed) or [[]]:
        left -= len(part)
        async with context.db.begin() as tx:
            if not await store.goes_on(tx, run_id):
                await done(tx, run_id)
                break
            made = [
                (one.row, one.row.version + 1, one.dose)
                for one in _mended(context, rule, await store.still(tx, part))
            ]
            await _record(context, tx, made, subject, f"cluster {rule.code}", run_id)
            await store.add_changes(tx, run_id, [(row.id, version) for row, version, _ in made])
            if not left:
                await done(tx, run_id)
    return run_id


async def visible(tx: Transaction, reach: Reach, run_id: int, *, lock: bool = False) -> Any:
    """A run over facilities within reach; otherwise ServiceError 404."""
    run = await store.run(tx, reach, run_id, lock=lock)
    if run is None:
        raise ServiceError(
            404,
            "RUN_NOT_FOUND",
            "Không có lần chạy này trong phạm vi của bạn.",
            "No such run within your reach.",
        )
    return run


async def undo(context: Context, reach: Reach, run_id: int, subject: str) -> None:
    """Puts back what a run changed and nobody touched since, as new versions; asked again, it does
    what was left.
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
            rows = await store.to_restore(tx, run_id, ids)
            read = [
                (
                    row,
                    parse_row(
                        raw_row_of(context.sealer, row),
                        today=context.today(),
                        facilities=context.facilities,
                    ),
                )
                for row in rows
            ]
            made = [
                (row, row.current + 1, with_doubts(found.dose, doubts_of(row)))
                for row, found in read
                if found.dose is not None
            ]
            await _record(context, tx, made, subject, f"undo of cluster {run.rule}", run_id)
            await store.count_restored(tx, run_id, len(made))
        after = ids[-1]


def _mended(context: Context, rule: ClusterRule, rows: Sequence[Any]) -> list[Mended]:
    """Of these doses the ones that the rule fits, and whose outcome keeps the dose rules."""
    made = []
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
            made.append(Mended(row, before, after, dose))
    return made


async def _record(
    context: Context,
    tx: Transaction,
    made: Sequence[tuple[Any, int, ValidDose]],
    subject: str,
    reason: str,
    run_id: int,
) -> None:
    if not made:
        return
    newer = [
        new_version(context.sealer, row.id, version, NO_BATCH, 0, dose)
        for row, version, dose in made
    ]
    rows = [version.row for version in newer]
    await doses.add_versions(tx, rows, subject, reason)
    lane = RECORDED.lane(len(newer) <= EXPRESS_ROWS)
    await context.outbox.put(
        tx, lane, f"run/{run_id}/{rows[0].id}", RECORDED.name, recorded_event(NO_BATCH, newer)
    )


def _parts(all_of_them: Sequence[_Item]) -> list[Sequence[_Item]]:
    return [all_of_them[at : at + MAX_CHUNK] for at in range(0, len(all_of_them), MAX_CHUNK)]
