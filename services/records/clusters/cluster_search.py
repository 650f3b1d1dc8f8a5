"""Searches for clusters: a reason that one facility or one batch has far too often."""

from datetime import datetime, timedelta

from services.chassis.db import Transaction
from services.records.clusters import store
from services.records.clusters.key import ClusterKey
from services.records.clusters.rules import Group, common_beginning, elsewhere, is_cluster, score
from services.records.clusters.store import ClusterRow, GroupCount
from services.records.context import Context
from services.records.doses.versions import NO_BATCH

_FRESH = timedelta(minutes=30)


async def search_if_stale(context: Context, _now: datetime) -> None:
    """Searches, unless another process just did."""
    async with context.db.begin() as tx:
        if not await store.found_within(tx, _FRESH):
            await search(tx)


async def search(tx: Transaction) -> None:
    """Finds the clusters of today, unless another search is under way."""
    if not await store.try_lock(tx):
        return
    counts = await store.count_groups(tx)
    facility_totals = {count.facility_code: count.doses for count in counts if not count.reason}
    groups = [count for count in counts if count.reason and count.batch_id != NO_BATCH]
    batch_ids = {group.batch_id for group in groups if group.batch_id is not None}
    batch_totals = await store.batch_totals(tx, batch_ids)
    country_total = sum(facility_totals.values())
    by_reason = {
        group.reason: group.doses
        for group in groups
        if group.facility_code is None and group.batch_id is None
    }
    clusters: dict[tuple[str, str], ClusterRow] = {}
    # facilities first: a batch that holds all of its facility's cluster is the same doses again
    for group in sorted(groups, key=lambda group: group.facility_code is None):
        assert group.reason is not None
        key = _key_of(group, group.reason)
        if key.kind == "facility":
            total = facility_totals.get(key.key, 0)
        else:
            total = batch_totals.get(group.batch_id or 0, 0)
            same = clusters.get((group.first, key.reason)) if group.first == group.last else None
            if same is not None and same.wrong == group.doses:
                continue
        counted = Group(group.doses, total, by_reason[key.reason], country_total)
        if total and is_cluster(counted):
            clusters[key.key, key.reason] = _cluster(key, group, counted)
    await store.replace(tx, list(clusters.values()))


def _key_of(group: GroupCount, reason: str) -> ClusterKey:
    if group.facility_code is not None:
        return ClusterKey("facility", group.facility_code, reason)
    return ClusterKey("batch", str(group.batch_id), reason)


def _cluster(key: ClusterKey, group: GroupCount, counted: Group) -> ClusterRow:
    return ClusterRow(
        id=str(key),
        kind=key.kind,
        key=key.key,
        reason=key.reason,
        facilities=common_beginning([group.first, group.last]),
        wrong=group.doses,
        waiting=group.waiting,
        total=counted.total,
        elsewhere=elsewhere(counted),
        score=score(counted),
    )
