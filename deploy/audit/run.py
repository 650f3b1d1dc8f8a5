"""The audit itself: batches, doses across the three databases, outboxes, the chains of who looked,
and what lies on the bus.

It is meant for a system at rest. While doses are on their way it names them as pending, and rightly
so.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from contracts.topics import TOPICS
from deploy.audit import store
from deploy.audit.chains import check_chain
from deploy.audit.heads import Head
from deploy.audit.letters import topic_names
from deploy.audit.merge import side_by_side
from deploy.audit.report import Report
from deploy.audit.rules import Found, broken_rules
from services.chassis.bus import Bus
from services.chassis.bus.settings import DLQ_GROUP, DLQ_SUFFIX
from services.chassis.subscriptions import express_group

SERVICES = ("records", "verifier", "signer")


async def audit(
    databases: Mapping[str, str], bus: Bus | None, heads: Sequence[Head] = ()
) -> Report:
    """Looks at everything; `databases` has the address of each of `SERVICES`, and without a bus its
    part is left out. `heads`: of the audits' chains, as they were copied outside.
    """
    report = Report()
    async with AsyncExitStack() as held:
        snapshots = {
            name: await held.enter_async_context(store.Snapshot.of(databases[name]))
            for name in SERVICES
        }
        await _batches(report, snapshots["records"])
        await _doses(report, snapshots)
        for name, snapshot in snapshots.items():
            if left := await snapshot.count("outbox"):
                report.add(
                    "OUTBOX",
                    "sự kiện chưa gửi đi",
                    "events that have not left their outbox",
                    f"{name}: {left}",
                    left,
                )
            await check_chain(report, name, snapshot, heads)
    if bus is not None:
        await _bus(report, bus)
    return report


async def _batches(report: Report, records: store.Snapshot) -> None:
    report.batches = await records.count("batch")
    async for row in records.rows(store.OFF_BATCHES):
        if row["received"] != row["accepted"] + row["rejected"]:
            said = f"{row['id']}: {row['received']} ≠ {row['accepted']} + {row['rejected']}"
            report.add(
                "RECEIVED",
                "lô: nhận ≠ chấp nhận + từ chối",
                "batch: received ≠ accepted + rejected",
                said,
            )
        if row["accepted"] != row["standing"]:
            said = f"{row['id']}: {row['accepted']} ≠ {row['standing']}"
            report.add(
                "ACCEPTED",
                "lô: chấp nhận ≠ tổng các trạng thái",
                "batch: accepted ≠ sum over states",
                said,
            )
        if row["rejected"] != row["told"]:
            said = f"{row['id']}: {row['rejected']} ≠ {row['told']}"
            report.add(
                "REJECTED",
                "lô: dòng bị từ chối không được trả lời",
                "batch: rejected rows that were not answered for",
                said,
            )


async def _doses(report: Report, snapshots: Mapping[str, store.Snapshot]) -> None:
    streams = (
        store.doses(snapshots["records"]),
        store.verifications(snapshots["verifier"]),
        store.certificates(snapshots["signer"]),
    )
    async for dose_id, (doses, verifications, certificates) in side_by_side(*streams):
        report.doses += len(doses)
        for rule in broken_rules(Found(doses[0] if doses else None, verifications, certificates)):
            report.add(rule.code, rule.vi, rule.en, str(dose_id))


async def _bus(report: Report, bus: Bus) -> None:
    lanes = [(topic.name, reader) for topic in TOPICS for reader in topic.readers]
    lanes += [
        (topic.express, express_group(reader))
        for topic in TOPICS
        if topic.express
        for reader in topic.readers
    ]
    for group in sorted({group for _, group in lanes}):
        for topic, left in (
            await bus.lag([topic for topic, reader in lanes if reader == group], group)
        ).items():
            if left:
                report.add(
                    "UNREAD",
                    "sự kiện chưa được xử lý",
                    "events that were not worked off",
                    f"{group} ← {topic}: {left}",
                    left,
                )
    for topic, left in (
        await bus.lag([topic + DLQ_SUFFIX for topic in topic_names()], DLQ_GROUP)
    ).items():
        if left:
            report.add(
                "DEAD_LETTERS",
                "sự kiện hỏng đang chờ người xử lý",
                "dead letters that wait for people",
                f"{topic}: {left}",
                left,
            )
