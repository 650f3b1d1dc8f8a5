"""`hochieu bench`: the pipeline end to end on this machine, PostgreSQL included; medians of several
runs, each on an empty system.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import psutil
import typer
from rich.console import Console
from rich.table import Table

from contracts.words import State
from deploy.cli.client import answer, connect, settled, upload
from deploy.kafka.cluster import Cluster
from deploy.kafka.jars import jars, missing_tools
from deploy.local.failure import StartError
from deploy.local.home import Home
from deploy.local.stack import Options, Stack, running
from deploy.sample import generate

console = Console()
_LOGS, _BROKER = Path("build/bench/logs"), Path("build/bench/kafka")
_SMALL = 20_000
"""Rows of the file that a clinic waits to have answered, after the run."""
_STILL_S = 1.0  # without a certificate: then the end is likely, and worth asking for
_ITEMS = re.compile(r'items_total\{outcome="[^"]*",stage="(?P<stage>[^"]*)"\} (?P<count>\S+)')


@dataclass(slots=True)
class Run:
    """What one run measured; rates in doses a second, CPU in µs a dose by process, peak memory in
    MB by process.

    `answer_20k_rows_s`: None where the run is smaller than that file, as a trial is.
    """

    doses: int
    end_to_end_doses_per_s: float
    ingest_doses_per_s: float
    verify_doses_per_s: float
    sign_certificates_per_s: float
    cpu_us_per_dose: dict[str, float]
    peak_mb: dict[str, float]
    answer_20k_rows_s: float | None


def command(
    doses: Annotated[int, typer.Option(min=1000, help="doses of a run")] = 200_000,
    runs: Annotated[int, typer.Option(min=1, help="runs; the median counts")] = 3,
    registry_people: Annotated[
        int | None, typer.Option(help="also run once against a registry of so many people")
    ] = None,
    bus: Annotated[Literal["postgres", "kafka"], typer.Option(help="which bus")] = "postgres",
    out: Annotated[Path, typer.Option(help="where the figures go")] = Path("build/bench.json"),
) -> None:
    """Measure and print a table; ends with 1 where the system does not start, and says where its
    logs are.
    """
    try:
        _report(doses, runs, registry_people, bus, out)
    except (StartError, RuntimeError, OSError, httpx.TransportError) as error:
        if isinstance(error, typer.Exit):
            raise
        typer.echo(f"{error or type(error).__name__}\nNhật ký / logs: {_LOGS.resolve()}", err=True)
        raise typer.Exit(1) from error


def _report(doses: int, runs: int, registry_people: int | None, bus: str, out: Path) -> None:
    sample, small = _sample(doses // 2, doses), _sample(10_000, _SMALL) if doses >= _SMALL else None
    measured = [_measure(sample, small, bus) for _ in range(runs)]
    middle = sorted(measured, key=lambda run: run.end_to_end_doses_per_s)[len(measured) // 2]
    figures: dict[str, Any] = {
        "bus": bus,
        "cores": os.cpu_count(),
        "runs": [asdict(run) for run in measured],
        **asdict(middle),
    }
    for name in (
        ("end_to_end_doses_per_s", "answer_20k_rows_s") if small else ("end_to_end_doses_per_s",)
    ):
        figures[name] = statistics.median(getattr(run, name) for run in measured)
    if registry_people is not None:
        crowded = _measure(_sample(registry_people, doses), small, bus)
        figures["large_registry"] = {"people": registry_people, **asdict(crowded)}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n")
    console.print(_table(figures))
    console.print(f"Written to {out}")


def _sample(people: int, doses: int) -> Path:
    """The folder of a made-up sample, made where it is not there yet."""
    folder = Path(f"build/bench/{people}-{doses}")
    if not (folder / "truth.csv").exists():
        console.print(f"Making a sample of {people:,} people and {doses:,} doses …")
        generate(people, doses, folder, doses)
    return folder


def _measure(sample: Path, small: Path | None, bus: str) -> Run:
    """One run on a system of its own, of which the logs alone are left."""
    for folder in (_LOGS, _BROKER):
        shutil.rmtree(folder, ignore_errors=True)
    # not below build/: a socket's path may have a hundred letters
    home = Home(Path(tempfile.mkdtemp(prefix="hochieu-bench-")), _LOGS.resolve())
    os.environ["HOCHIEU_HOME"] = str(home.root)
    try:
        return asyncio.run(_on_empty_system(home, sample, small, bus))
    finally:
        shutil.rmtree(home.root, ignore_errors=True)


async def _on_empty_system(home: Home, sample: Path, small: Path | None, bus: str) -> Run:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    people = _joined(
        home.root / "people.csv", *(folder / "people.csv" for folder in (sample, small) if folder)
    )
    with _broker() if bus == "kafka" else nullcontext() as bus_url:
        async with running(home, Options(port=port, people_file=people, bus_url=bus_url)) as stack:
            return await asyncio.to_thread(
                _drive, stack, sample / "doses.csv", small and small / "doses.csv"
            )


@contextmanager
def _broker() -> Iterator[str]:
    """A Kafka broker on this machine; its address."""
    if missing := missing_tools():
        typer.echo(
            f"Cần có / a Kafka broker needs: {', '.join(missing)} (Java 17, Maven)", err=True
        )
        raise typer.Exit(2)
    with Cluster(_BROKER.resolve(), jars(Path("build/kafka"))).running() as cluster:
        yield cluster.url
    # its log is of use only where it failed
    shutil.rmtree(_BROKER, ignore_errors=True)


def _joined(target: Path, *files: Path) -> Path:
    """One population for both files; the same number twice would be two people."""
    seen: set[str] = set()
    with target.open("w", encoding="utf-8") as out:
        for n, file in enumerate(files):
            with file.open(encoding="utf-8") as lines:
                header = next(lines)
                if n == 0:
                    out.write(header)
                for line in lines:
                    number = line.split(",", 1)[0]
                    if number not in seen:
                        seen.add(number)
                        out.write(line)
    return target


def _drive(stack: Stack, file: Path, small: Path | None) -> Run:
    with connect(stack.origin, None) as client, stack.direct("records") as records:
        while client.get("/registry/readyz").status_code != 200:
            time.sleep(0.5)
        before = _cpu(stack)
        started = time.perf_counter()
        batch = upload(client, file)
        ingested = time.perf_counter()
        # the service's own counters say when the end is near: asking for the batch counts its
        # doses, which is work for the database
        doses = batch["accepted"]
        while (counts := _counts(records))["verified"] < doses:
            time.sleep(0.25)
        verified = ended = time.perf_counter()
        while True:
            before_last, counts = counts, _counts(records)
            if counts["issued"] > before_last["issued"]:
                ended = time.perf_counter()
            elif time.perf_counter() - ended > _STILL_S and settled(
                batch := answer(client.get(f"/records/v1/batches/{batch['batch_id']}"))
            ):
                break
            time.sleep(0.1)
        after = _cpu(stack)
        answered = None
        if small:
            began_small = time.perf_counter()
            upload(client, small)
            answered = time.perf_counter() - began_small
        return Run(
            doses=doses,
            end_to_end_doses_per_s=doses / (ended - started),
            ingest_doses_per_s=doses / (ingested - started),
            verify_doses_per_s=doses / (verified - started),
            sign_certificates_per_s=batch["states"][State.ISSUED] / (ended - started),
            cpu_us_per_dose={
                name: (after[name] - before.get(name, 0)) / doses * 1e6 for name in after
            },
            peak_mb=_peaks(stack),
            answer_20k_rows_s=answered,
        )


def _counts(records: httpx.Client) -> Counter[str]:
    """What records has counted so far, by stage."""
    counts: Counter[str] = Counter()
    for line in records.get("/records/metrics").text.splitlines():
        if found := _ITEMS.match(line):
            counts[found["stage"]] += int(float(found["count"]))
    return counts


def _cpu(stack: Stack) -> dict[str, float]:
    """CPU seconds used so far, by part, PostgreSQL's processes together."""
    used = {part.name: _seconds(part.pid) for part in stack.parts}
    used["postgres"] = sum(
        _seconds(process.pid)
        for process in psutil.process_iter(["name"])
        if process.info["name"] == "postgres"
    )
    return used


def _seconds(pid: int | None) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _peaks(stack: Stack) -> dict[str, float]:
    peaks = {}
    for part in stack.parts:
        status = Path(f"/proc/{part.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        peaks[part.name] = next(
            (int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0
        )
    return peaks


def _table(figures: dict[str, Any]) -> Table:
    table = Table(
        title=(
            f"{figures['doses']:,} doses, bus {figures['bus']}, {figures['cores']} cores, medians"
            f" of {len(figures['runs'])}"
        )
    )
    table.add_column("")
    table.add_column("", justify="right")
    for name in (
        "end_to_end_doses_per_s",
        "ingest_doses_per_s",
        "verify_doses_per_s",
        "sign_certificates_per_s",
    ):
        table.add_row(name.replace("_per_s", "/s").replace("_", " "), f"{figures[name]:,.0f}")
    if (answered := figures["answer_20k_rows_s"]) is not None:
        table.add_row("20,000 rows answered in", f"{answered:.2f} s")
    if large := figures.get("large_registry"):
        table.add_row(
            f"doses/s with {large['people']:,} people registered",
            f"{large['end_to_end_doses_per_s']:,.0f}",
        )
    table.add_section()
    for name, microseconds in sorted(figures["cpu_us_per_dose"].items(), key=lambda item: -item[1]):
        table.add_row(f"CPU {name}", f"{microseconds:.1f} µs a dose")
    table.add_section()
    for name, megabytes in figures["peak_mb"].items():
        table.add_row(f"peak memory {name}", f"{megabytes:,.0f} MB")
    return table
