"""Pushes files of doses to the running system, one after another, and shows the counts moving."""

import time
from asyncio import Event
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from deploy.cli.client import answer, connect, settled, upload
from deploy.cli.push import file_report, rejected_rows, summary

console = Console()
_UNCHANGED = (
    "{:,} dòng đã có từ trước, giữ kết quả cũ / rows were there before and keep what became of"
    " them; HOCHIEU_HOME=… bắt đầu lại trong thư mục khác / begins anew in another folder\n"
)


@dataclass(slots=True)
class Loaded:
    """What became of the files: the batches that were taken, and how many files were refused
    whole.
    """

    batches: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0


def load(origin: str, files: Sequence[Path], stop: Event) -> Loaded:
    """Pushes each file and follows it to the end; what a file is told is shown after it. `stop`
    ends it early.

    A file that was pushed before is unchanged, and nothing is done twice.
    """
    loaded = Loaded()
    with connect(origin, None) as client:
        for file in files:
            if stop.is_set():
                break
            if len(files) > 1:
                console.print(Text(f"{file}:"), soft_wrap=True)
            _push(client, file, loaded, stop)
    return loaded


def _push(client: httpx.Client, file: Path, loaded: Loaded, stop: Event) -> None:
    started = time.perf_counter()
    try:
        created = upload(client, file)
    except typer.Exit:  # the problem has been told
        typer.echo(f"{file}: bị từ chối / refused", err=True)
        loaded.refused += 1
        return
    if report := file_report(created):
        console.print(Text(report), soft_wrap=True)
    batch = _followed(client, created["batch_id"], started, stop)
    loaded.batches.append(batch)
    console.print(summary(batch))
    if rejected := rejected_rows(client, batch):
        console.print(rejected)
    if settled(batch):
        console.print(
            f"{batch['accepted']:,} doses to their final states in"
            f" {time.perf_counter() - started:.1f} s\n"
        )
    if batch["unchanged"]:
        console.print(_UNCHANGED.format(batch["unchanged"]))


def _followed(client: httpx.Client, batch_id: int, started: float, stop: Event) -> dict[str, Any]:
    """The batch once it is settled, or when `stop` is set."""
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            batch = dict(answer(client.get(f"/records/v1/batches/{batch_id}")))
            if console.is_terminal:
                live.update(summary(batch))
            elif batch["accepted"]:
                counts = ", ".join(
                    f"{name} {count:,}" for name, count in batch["states"].items() if count
                )
                console.print(f"{time.perf_counter() - started:5.1f} s  {counts}")
            if settled(batch) or stop.is_set():
                return batch
            time.sleep(0.3 if console.is_terminal else 1.0)
