"""`python -m deploy.audit.watch [PORT]`: the audit by itself, once an hour, on a system at work.

It looks at the doses of the last hours, and at one of 24 parts of all the others: each hour of the
day has its own, so that a day sees them all. What a dose's way from service to service explains is
no finding. What is found is looked at again a little later, and counts if it is still so.

The chains of who looked are followed from where they were left, and once a day from the beginning.

Findings are log lines and metrics. Settings: `<SERVICE>_DATABASE_URL` of the three services, and
`AUDIT_HEADS_FILE`, a file of copied heads, where there is one.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from deploy.audit import store
from deploy.audit.chain import Link
from deploy.audit.chains import check_chain
from deploy.audit.heads import Head, read_heads
from deploy.audit.merge import side_by_side
from deploy.audit.report import Report
from deploy.audit.rules import RULES, Found, Rule, rules_broken_in_motion
from deploy.audit.run import SERVICES
from deploy.audit.store import Span
from services.chassis.periodic import UnknownError, periodic, rest
from services.chassis.run import stop_on_signal
from services.chassis.telemetry import configure_logging

HOUR_S = 3600.0
_PARTS = 24
_WHOLE_CHAINS_AT = 0
"""The hour of the day, in UTC."""
_RECENT = timedelta(hours=2)
_MOST_RECENT = 5_000_000
_AGAIN_S = 60.0
_MOST_SUSPECTS = 1000
_log = logging.getLogger(__name__)


async def look(
    databases: Mapping[str, str],
    hour: int,
    again_s: float = _AGAIN_S,
    heads: Sequence[Head] = (),
    verified: dict[str, Link] | None = None,
) -> Report:
    """One hour's look; `hour` of the day says which part of the older doses it takes.

    `verified`: the last link of each chain that an earlier look saw, which this one moves on.
    """
    report = Report()
    suspects: set[int] = set()
    async with _snapshots(databases) as snapshots:
        records = snapshots["records"]
        recent = await records.recent(_RECENT, _MOST_RECENT)
        for span in (part_of(hour, await records.last_dose()), Span(first=recent)):
            async for dose_id, _ in _broken(snapshots, span, report):
                if len(suspects) < _MOST_SUSPECTS:
                    suspects.add(dose_id)
        seen = verified if verified is not None and hour != _WHOLE_CHAINS_AT else {}
        for name, snapshot in snapshots.items():
            last = await check_chain(report, name, snapshot, heads, seen.get(name))
            if verified is not None and last is not None:
                verified[name] = last
    if suspects:
        await asyncio.sleep(again_s)
        async with _snapshots(databases) as snapshots:
            for suspect in sorted(suspects):
                async for dose_id, rules in _broken(snapshots, Span(suspect, suspect), Report()):
                    for rule in rules:
                        report.add(rule.code, rule.vi, rule.en, str(dose_id))
    return report


def part_of(hour: int, last: int) -> Span:
    """The ids of this hour; the first and the last part reach as far as ids do."""
    size = last // _PARTS + 1
    everything = Span()
    return Span(
        everything.first if hour == 0 else hour * size,
        everything.last if hour == _PARTS - 1 else (hour + 1) * size - 1,
    )


@asynccontextmanager
async def _snapshots(databases: Mapping[str, str]) -> AsyncIterator[dict[str, store.Snapshot]]:
    """The three databases, each as it stands when the block begins."""
    async with AsyncExitStack() as held:
        yield {
            name: await held.enter_async_context(store.Snapshot.of(databases[name]))
            for name in SERVICES
        }


async def _broken(
    snapshots: Mapping[str, store.Snapshot], span: Span, report: Report
) -> AsyncIterator[tuple[int, list[Rule]]]:
    """The doses of a span that break a rule, and which; all are counted."""
    streams = (
        store.doses(snapshots["records"], span),
        store.verifications(snapshots["verifier"], span),
        store.certificates(snapshots["signer"], span),
    )
    async for dose_id, (doses, verifications, certificates) in side_by_side(*streams):
        report.doses += len(doses)
        found = Found(doses[0] if doses else None, verifications, certificates)
        if rules := rules_broken_in_motion(found):
            yield dose_id, rules


class AuditGauges:
    """What Prometheus learns of the looks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._looked = time.monotonic()
        self._codes = {rule.code for rule in RULES}
        self._findings = Gauge(
            "audit_findings", "Doses that break a rule of the audit", ["code"], registry=registry
        )
        age = Gauge("audit_age_seconds", "Since the audit last ended", registry=registry)
        age.set_function(lambda: time.monotonic() - self._looked)

    def take(self, report: Report) -> None:
        """Shows what one look has found, and logs it."""
        self._looked = time.monotonic()
        self._codes |= report.findings.keys()
        for code in self._codes:
            finding = report.findings.get(code)
            self._findings.labels(code).set(finding.count if finding else 0)
        for finding in report.findings.values():
            _log.error(
                "audit: %s %s: %d, as %s",
                finding.code, finding.en, finding.count, ", ".join(finding.examples),
            )  # fmt: skip
        _log.info("audit: %d doses, %d kinds off", report.doses, len(report.findings))


def copied_heads(file: Path | None) -> list[Head]:
    """The heads in that file, where there is one."""
    if file is None or not file.exists():
        return []
    return read_heads(file.read_text().splitlines())


async def main(
    databases: Mapping[str, str],
    port: int | None,
    heads_file: Path | None = None,
    every_s: float = HOUR_S,
) -> None:
    """Looks every hour, the first time after an hour, until a signal; metrics are on `port`."""
    registry = CollectorRegistry()
    gauges = AuditGauges(registry)
    if port is not None:
        start_http_server(port, registry=registry)

    verified: dict[str, Link] = {}

    async def look_now() -> None:
        heads = copied_heads(heads_file)
        gauges.take(await look(databases, datetime.now(UTC).hour, heads=heads, verified=verified))

    async with stop_on_signal() as stop:
        await rest(stop, every_s)
        await periodic("audit", look_now, stop, every_s, UnknownError.IS_LOGGED)


def run(port: int | None) -> None:
    """With the addresses of the environment."""
    configure_logging("auditor", "info")
    databases = {name: os.environ[f"{name.upper()}_DATABASE_URL"] for name in SERVICES}
    heads_file = os.environ.get("AUDIT_HEADS_FILE")
    asyncio.run(main(databases, port, Path(heads_file) if heads_file else None))


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else None)
