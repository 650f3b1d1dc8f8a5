"""`hochieu run`: everything on this machine with a sample loaded, until Ctrl-C; `--demo` ends when every dose is in a final state."""

import asyncio
import errno
import io
import signal
import time
from pathlib import Path
from typing import Annotated, Any

import httpx
import segno
import typer
from rich.console import Console
from rich.live import Live

from contracts.access import Role
from contracts.words import State
from deploy.cli.client import answer, connect, settled, upload
from deploy.cli.push import summary
from deploy.local import issuer
from deploy.local.home import Home
from deploy.local.stack import Options, Stack, running
from deploy.sample import generate

console = Console()
_SEED = 2021


def command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="the one origin at which everything answers")] = 8000,
    people: Annotated[int | None, typer.Option(min=10, help="people in the registry; half as many as doses by default")] = None,
    doses: Annotated[int, typer.Option(min=1, help="doses of the sample")] = 10_000,
    demo: Annotated[bool, typer.Option("--demo", help="end when every dose has reached a final state")] = False,
    database_url: Annotated[
        str | None, typer.Option(help="administrator's address of a PostgreSQL server, instead of the embedded one")
    ] = None,
    bus_url: Annotated[str | None, typer.Option(help="kafka://host:port, instead of the embedded event log")] = None,
) -> None:
    """Run the system."""
    home = Home.default()
    home.prepare()
    folder = home.sample / f"{people or doses // 2}-{doses}"
    if not (folder / "truth.csv").exists():
        console.print(f"Making a sample of {doses:,} doses …")
        generate(people or max(10, doses // 2), _SEED, folder, doses)
    options = Options(port=port, people_file=folder / "people.csv", database_url=database_url, bus_url=bus_url)
    try:
        raise typer.Exit(asyncio.run(_run(home, options, folder / "doses.csv", demo)))
    except OSError as error:
        console.print(why(error, port))
        raise typer.Exit(1) from error


def why(error: OSError, port: int) -> str:
    """Why the system did not start, in words."""
    if error.errno in (errno.EADDRINUSE, errno.EACCES) and error.filename is None:
        return f"Port {port} cannot be used ({error.strerror}): choose another with PORT=…"
    return f"The system did not start: {error}"


async def _run(home: Home, options: Options, doses: Path, demo: bool) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    started = time.perf_counter()
    console.print("Starting …")
    async with running(home, options) as stack:
        console.print(f"Up after {time.perf_counter() - started:.1f} s at [bold]{stack.origin}[/bold]\n")
        following = asyncio.create_task(asyncio.to_thread(_load, stack, doses, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            batch, took = following.result()
            console.print(summary(batch))
            console.print(f"{batch['accepted']:,} doses to their final states in {took:.1f} s\n")
            await asyncio.to_thread(_addresses, stack)
            await asyncio.to_thread(_one_code, stack, batch["batch_id"])
        if not demo and not stop.is_set():
            console.print("\nCtrl-C stops everything; started again, it finds its data.")
            await stop.wait()
        await asyncio.wait({following, stopping}, timeout=0.1)
        stopping.cancel()
        console.print("Stopping …")
    return 0


def _load(stack: Stack, doses: Path, stop: asyncio.Event) -> tuple[dict[str, Any], float]:
    """Pushes the sample and shows the counts moving; pushed again after a restart, its rows are unchanged and nothing is done twice."""
    started = time.perf_counter()
    with connect(stack.origin, None) as client:
        batch_id = upload(client, doses)["batch_id"]
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            while True:
                batch = dict(answer(client.get(f"/records/v1/batches/{batch_id}")))
                if console.is_terminal:
                    live.update(summary(batch))
                else:
                    counts = ", ".join(f"{name} {count:,}" for name, count in batch["states"].items() if count)
                    console.print(f"{time.perf_counter() - started:5.1f} s  {counts}")
                if settled(batch) or stop.is_set():
                    return batch, time.perf_counter() - started
                time.sleep(0.3 if console.is_terminal else 1.0)


def _addresses(stack: Stack) -> None:
    for what, path in (
        ("records", "/records/docs"),
        ("verifier", "/verifier/docs"),
        ("signer", "/signer/docs"),
        ("registry stub", "/registry/docs"),
        ("mail sink", "/mail"),
    ):
        console.print(f"  {what:<14} {stack.origin}{path}")
    console.print(f"  {'logs':<14} {stack.home.logs}")
    console.print("\nA token for a request: [bold].venv/bin/hochieu token --role ministry[/bold]")


def _one_code(stack: Stack, batch_id: int) -> None:
    """Prints one passport's QR code, scannable from the screen."""
    token = issuer.token(stack.home, Role.MINISTRY)
    with httpx.Client(base_url=stack.origin, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        rows = answer(client.get(f"/records/v1/batches/{batch_id}/rows", params={"state": State.ISSUED, "limit": 1}))["items"]
        if not rows:
            return
        dose = answer(client.get(f"/records/v1/doses/{rows[0]['dose_id']}"))
        certificate = answer(client.get("/signer/v1/certificates/" + dose["uvci"].replace("#", "%23")))
    console.print("\nOne passport's QR code (certificate " + dose["uvci"] + "):\n")
    console.print(_terminal_code(certificate["qr"]), highlight=False)


def _terminal_code(text: str) -> str:
    """In half blocks, with the least error correction: so it fits 80 columns."""
    out = io.StringIO()
    segno.make_qr(text, error="l", mode="alphanumeric").terminal(out=out, compact=True, border=2)
    return out.getvalue()
