"""A running system to break, and the load that must come through it unharmed."""

import asyncio
import csv
import io
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
from pydantic import SecretStr

from deploy.audit.run import audit
from deploy.kafka.cluster import Cluster
from deploy.local.processes import Part
from services.chassis.bus import Bus, BusSettings, open_bus
from services.chassis.errors import TransientError
from tests.support.stack import System, system
from vietnamese.dates import read_written

Standing = dict[str, tuple[int, str, str | None]]
"""(version, state, grade) by source id"""

_STANDING = """
SELECT substr(source_id, length($1) + 1) AS source_id, dose.version, coalesce(state,
  'pending') AS state, grade FROM dose
LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
WHERE starts_with(source_id, $1)
"""


@dataclass(frozen=True, slots=True)
class Load:
    """A dose file, cut into uploads; `pace_s` lies between them, so that a fault finds work going
    on.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    upload_rows: int
    pace_s: float

    @classmethod
    def of(cls, file: Path, upload_rows: int, pace_s: float) -> "Load":
        """The rows of a dose file of the sample."""
        with file.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        return cls(header, rows, upload_rows, pace_s)

    def uploads(self, prefix: str, later: int) -> list[bytes]:
        """Bodies whose record codes start with `prefix`; the last two are a walk-in and a
        correction of every tenth row.

        Everything was given so many days `later`: the same injection under another code would be a
        duplicate.
        """
        record, lot, given = (
            self.header.index(name) for name in ("Mã bản ghi", "Số lô", "Ngày tiêm")
        )
        rows = [
            [prefix + value if at == record else value for at, value in enumerate(row)]
            for row in self.rows
        ]
        for row in rows:
            row[given] = _days_later(row[given], later)
        corrected = [
            [value + "X" if at == lot else value for at, value in enumerate(row)]
            for row in rows[::10]
        ]
        walk_in, rows = rows[:20], rows[20:]
        parts = [rows[at : at + self.upload_rows] for at in range(0, len(rows), self.upload_rows)]
        return [self._body(part) for part in (*parts, walk_in, corrected)]

    def _body(self, rows: Sequence[Sequence[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([self.header, *rows])
        return out.getvalue().encode()


def _days_later(text: str, days: int) -> str:
    written = read_written(text)
    day = written.real() if written else None
    return f"{day + timedelta(days=days):%d/%m/%Y}" if day else text


@dataclass(slots=True)
class Arena:
    """The system under test; `undisturbed` is what the load comes to when nothing goes wrong."""

    system: System
    bus: Bus
    load: Load
    cluster: Cluster | None
    patience_s: float
    undisturbed: Standing = field(default_factory=dict)
    pushed: int = 0

    def part(self, name: str) -> Part:
        """One child of the system."""
        return next(part for part in self.system.stack.parts if part.name == name)

    async def push(self, prefix: str) -> None:
        """Uploads the load as a patient client does: what got no good answer is sent again."""
        async with self.system.client() as client:
            bodies = self.load.uploads(prefix, self.pushed)
            self.pushed += 1
            for body in bodies:
                await self._upload(client, body)
                await asyncio.sleep(self.load.pace_s)

    async def _upload(self, client: httpx.AsyncClient, body: bytes) -> None:
        deadline = time.monotonic() + self.patience_s
        while True:
            try:
                answer = await client.post(
                    "/records/v1/batches", content=body, headers={"Content-Type": "text/csv"}
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                return
            # the service is allowed to be away, but never to answer as if it did not know what had
            # happened
            assert answer is None or answer.status_code in (
                502,
                503,
            ), f"{answer.status_code} {answer.text}"
            assert time.monotonic() < deadline, "the upload never got through"
            await asyncio.sleep(0.3)

    async def rest(self, expected: Mapping[str, int] | None = None) -> None:
        """Waits until the audit finds nothing, or exactly the `expected` counts by code."""
        deadline = time.monotonic() + self.patience_s
        while True:
            found: dict[str, str | int] = {}
            try:
                report = await audit(self.system.stack.databases, self.bus)
                found = {code: finding.count for code, finding in report.findings.items()}
                examples = {code: finding.examples for code, finding in report.findings.items()}
            except (
                TransientError,
                OSError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
            ) as error:
                found, examples = {"AWAY": 1}, {"AWAY": [type(error).__name__]}
            if found == dict(expected or {}):
                return
            assert time.monotonic() < deadline, f"did not catch up: {found} {examples}"
            await asyncio.sleep(0.3)

    async def standing(self, prefix: str) -> Standing:
        """Where the doses of one load stand."""
        connection = await asyncpg.connect(self.system.stack.databases["records"])
        try:
            rows = await connection.fetch(_STANDING, prefix)
        finally:
            await connection.close()
        return {row["source_id"]: (row["version"], row["state"], row["grade"]) for row in rows}

    async def up(self, name: str, but: int | None = None) -> None:
        """Returns once that child listens, in a process other than `but`."""
        part = self.part(name)
        assert part.socket is not None
        deadline = time.monotonic() + self.patience_s
        while True:
            try:
                _, writer = await asyncio.open_unix_connection(str(part.socket))
            except OSError:
                assert time.monotonic() < deadline, f"{name} did not come back"
                await asyncio.sleep(0.05)
                continue
            writer.close()
            if part.pid != but:
                return
            await asyncio.sleep(0.05)

    async def registry(self, **behaviour: object) -> None:
        """Tells the registry's stub how to behave; without arguments, well."""
        with self.system.stack.direct("registry") as client:
            answer = client.post("/registry/v1/control", json={"behaviour": behaviour})
            assert answer.is_success, answer.text


@asynccontextmanager
async def opened(
    folder: Path, sample: Path, load: Load, cluster: Cluster | None, patience_s: float
) -> AsyncIterator[Arena]:
    """Starts a system on the embedded bus or on `cluster`, and lets the load through once
    undisturbed.
    """
    async with AsyncExitStack() as held:
        options: dict[str, object] = {"people_file": sample / "people.csv"}
        if cluster is not None:
            options |= {
                "bus_url": cluster.url,
                "environment": {"BUS_REPLICATION": str(len(cluster.nodes))},
            }
        running = await held.enter_async_context(system(folder, **options))
        settings = BusSettings(
            url=SecretStr(cluster.url if cluster else running.stack.databases["bus"]),
            replication=len(cluster.nodes) if cluster else 1,
        )
        bus = await held.enter_async_context(open_bus(settings))
        arena = Arena(running, bus, load, cluster, patience_s)
        await arena.push("calm/")
        await arena.rest()
        arena.undisturbed = await arena.standing("calm/")
        yield arena
