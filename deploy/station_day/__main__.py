"""`python -m deploy.station_day`: how long one clerk and two officers take for a station's rows.

People's time is reckoned: 2 s a suggestion on a page, 15 s a single case. The system's is measured.
Exits 1 where the day is longer than eight hours, or a dose was let through as somebody else's.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from contracts.access import Role
from deploy.cli.client import settled
from deploy.local import issuer
from deploy.local.home import Home
from deploy.local.stack import Options, Stack, running
from deploy.station_day.people import BULK_S, SINGLE_S, Worker
from deploy.station_day.station import StationFile, make_station

WORKING_DAY_S = 8 * 3600.0
_PATIENCE_S = 1800.0


def main() -> None:
    """Plays the day and prints it."""
    parser = argparse.ArgumentParser(prog="python -m deploy.station_day", description=__doc__)
    parser.add_argument("--wrong", type=int, default=15_000, help="wrong rows of the station")
    parser.add_argument("--seed", type=int, default=1404)
    parser.add_argument("--port", type=int, default=8749)
    given = parser.parse_args()
    console = Console(width=110 if not sys.stdout.isatty() else None, highlight=False)
    with TemporaryDirectory(prefix="hochieu-day-") as folder:
        station = make_station(Path(folder), given.wrong, given.seed)
        console.print(
            f"{len(station.truth):,} rows, {station.wrong:,} of them wrong by the rule of 2022;"
            f" {BULK_S:g} s a suggestion on a page, {SINGLE_S:g} s a single case"
        )
        held = asyncio.run(_day(Path(folder) / "home", station, given.port, console))
    sys.exit(0 if held else 1)


async def _day(home: Path, station: StationFile, port: int, console: Console) -> bool:
    async with running(Home(home), Options(port=port, people_file=station.people)) as stack:
        began = time.monotonic()
        batch = await _push(stack, station)
        console.print(f"worked off by the machine in {time.monotonic() - began:.0f} s:"
                      f" {_states(batch)}")  # fmt: skip
        meant = {
            row["dose_id"]: station.truth[row["source_id"]].true_id
            for row in await _rows(stack, batch["batch_id"])
        }
        began = time.monotonic()
        workers = await _play(stack, station.area, meant)
        took = time.monotonic() - began
        batch = await _settled(stack, batch["batch_id"])
        wrong = await _wrongly_let_through(stack, batch["batch_id"], meant)
        left = await _left(stack, station, batch["batch_id"])
    return _report(console, station, batch, workers, took, left, wrong)


async def _play(stack: Stack, area: str, meant: dict[int, str]) -> list[Worker]:
    async with AsyncExitStack() as opened:
        clerk, one, two = [
            Worker(name, await opened.enter_async_context(_client(stack, role, name, areas=[area])))
            for name, role in (
                ("clerk", Role.STATION),
                ("officer one", Role.POLICE),
                ("officer two", Role.POLICE),
            )
        ]
        kinds = (await clerk.asks("GET", "/bulk/kinds"))["items"]
        for kind in kinds:
            first = clerk if kind["may_be_first"] else one
            await first.confirms_kind(kind["kind"], area)
        await two.confirms_seconds()
        await one.decides_singles(meant, second=False)
        await two.decides_singles(meant, second=True)
        # what was decided or confirmed comes back once more only if something changed meanwhile
        await asyncio.sleep(2)
        await one.decides_singles(meant, second=False)
        await two.decides_singles(meant, second=True)
    return [clerk, one, two]


def _client(stack: Stack, role: Role, subject: str, **claims: Any) -> httpx.AsyncClient:
    token = issuer.token(stack.home, role, subject=subject.replace(" ", "-"), **claims)
    return httpx.AsyncClient(
        base_url=stack.origin, headers={"Authorization": f"Bearer {token}"}, timeout=120
    )


async def _push(stack: Stack, station: StationFile) -> dict[str, Any]:
    async with _client(stack, Role.SERVICE, "station-file") as client:
        created = await client.post(
            "/records/v1/batches",
            content=station.doses.read_bytes(),
            headers={"Content-Type": "text/csv"},
        )
        created.raise_for_status()
    return await _settled(stack, created.json()["batch_id"])


async def _settled(stack: Stack, batch_id: int) -> dict[str, Any]:
    """The batch once every dose is in a final state, and stays so."""
    deadline, before = time.monotonic() + _PATIENCE_S, None
    async with _client(stack, Role.SERVICE, "station-file") as client:
        while time.monotonic() < deadline:
            batch: dict[str, Any] = (await client.get(f"/records/v1/batches/{batch_id}")).json()
            if settled(batch) and batch["states"] == before:
                return batch
            before = batch["states"]
            await asyncio.sleep(3)
    raise SystemExit(f"not settled: {before}")


async def _rows(stack: Stack, batch_id: int) -> list[dict[str, Any]]:
    return await _paged(stack, Role.SERVICE, f"/records/v1/batches/{batch_id}/rows", {})


async def _paged(
    stack: Stack, role: Role, path: str, asked: dict[str, Any], **claims: Any
) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    async with _client(stack, role, f"reads-{role}", **claims) as client:
        while True:
            params = {"limit": 1000, **asked, **({"cursor": cursor} if cursor else {})}
            answer = await client.get(path, params=params)
            answer.raise_for_status()
            page = answer.json()
            items += page["items"]
            if (cursor := page["next"]) is None:
                return items


async def _wrongly_let_through(stack: Stack, batch_id: int, meant: dict[int, str]) -> int:
    """Doses that went on with the registry's data of somebody else than the truth says."""
    found = await _paged(
        stack, Role.POLICE, "/verifier/v1/verifications", {"batch_id": batch_id}, areas=["79"]
    )
    return sum(
        one["used"] is not None
        and meant.get(one["dose_id"], "") != one["used"]["personal_id"]
        and one["grade"] != "exempt"
        for one in found
    )


async def _left(stack: Stack, station: StationFile, batch_id: int) -> Counter[str]:
    """Rows that are neither issued nor withdrawn, by why they are."""
    return Counter(
        station.truth[row["source_id"]].error or row["state"]
        for row in await _rows(stack, batch_id)
        if row["state"] in ("needs_correction", "in_review", "pending")
    )


def _states(batch: dict[str, Any]) -> str:
    return ", ".join(f"{state} {count:,}" for state, count in sorted(batch["states"].items()))


def _report(
    console: Console,
    station: StationFile,
    batch: dict[str, Any],
    workers: list[Worker],
    took: float,
    left: Counter[str],
    wrong: int,
) -> bool:
    table = Table(title=f"A station's day: {station.wrong:,} wrong rows")
    table.add_column("who")
    for heading in ("rows by the page", "single cases", "hours"):
        table.add_column(heading, justify="right")
    for one in workers:
        hours = f"{one.seconds / 3600:.2f}"
        table.add_row(one.name, f"{one.rows:,}", f"{one.cases:,}", hours)
    console.print(table)
    longest = max(one.seconds for one in workers) + took
    held = longest <= WORKING_DAY_S and wrong == 0
    console.print(f"the system took {took:.0f} s besides, for all three together")
    console.print(f"at the end: {_states(batch)}")
    why = ", ".join(f"{error} {count:,}" for error, count in left.most_common())
    console.print(f"rows left: {sum(left.values()):,} ({why})")
    console.print(f"let through as somebody else's: {wrong}")
    word = "held  " if held else "BROKEN"
    console.print(f"{word}  the longest of the three worked {longest / 3600:.2f} h: at most 8")
    return held


if __name__ == "__main__":
    main()
