"""`hochieu dlq`: what could not be handled and why, and the way back once the cause is mended."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from deploy.audit import letters
from deploy.audit.addresses import found
from deploy.local.failure import StartError
from services.chassis.bus import Bus, Event, open_bus
from services.chassis.bus.settings import DLQ_SUFFIX
from services.chassis.errors import TransientError

app = typer.Typer(help=__doc__, no_args_is_help=True)
console = Console()
T = TypeVar("T")

BusUrl = Annotated[
    str | None,
    typer.Option(help="kafka://… or postgresql://…; the embedded one by default", envvar="BUS_URL"),
]
OfTopic = Annotated[str | None, typer.Option("--topic", help="only letters of this topic")]
OfError = Annotated[str | None, typer.Option("--error", help="only letters with this error code")]
OfId = Annotated[str | None, typer.Option("--id", help="only the letter with this id")]


@app.command("list")
def list_letters(bus_url: BusUrl = None) -> None:
    """Count dead letters by topic, group and error code."""

    async def count(bus: Bus) -> Counter[tuple[str, str, str]]:
        return Counter(
            [
                (
                    letter.topic.removesuffix(DLQ_SUFFIX),
                    letter.headers.get("dlq_group", ""),
                    letter.headers.get("dlq_error", ""),
                )
                async for letter in letters.waiting(bus, letters.topic_names())
            ]
        )

    counts = _with_bus(bus_url, count)
    if not counts:
        console.print("Không có sự kiện hỏng / no dead letters")
        return
    table = Table("chủ đề / topic", "nhóm / group", "lỗi / error", "số / count")
    for key, number in sorted(counts.items()):
        table.add_row(*key, f"{number:,}")
    console.print(table)


@app.command("show")
def show_letter(
    id: Annotated[str, typer.Argument(help="the letter's id")] = "",
    topic: OfTopic = None,
    bus_url: BusUrl = None,
) -> None:
    """Show letters (one, or the first ten): headers, reason and the ids inside; nobody's data."""

    async def pick(bus: Bus) -> list[dict[str, str]]:
        shown: list[dict[str, str]] = []
        async for letter in letters.waiting(bus, _topics(topic)):
            if not id or letter.id == id:
                shown.append(letters.described(letter))
            if len(shown) == (1 if id else 10):
                break
        return shown

    shown = _with_bus(bus_url, pick)
    for letter in shown:
        table = Table(show_header=False)
        for name, value in letter.items():
            table.add_row(name, value)
        console.print(table)
    if id and not shown:
        typer.echo("no such letter / không có", err=True)
        raise typer.Exit(1)


@app.command("replay")
def replay(
    topic: OfTopic = None, error: OfError = None, id: OfId = None, bus_url: BusUrl = None
) -> None:
    """Put letters back on their topics, to be handled again."""
    outcome = _with_bus(
        bus_url, lambda bus: letters.settle(bus, _topics(topic), _wanted(error, id), replay=True)
    )
    console.print(f"Gửi lại / replayed: {outcome.settled:,}; giữ lại / kept: {outcome.kept:,}")


@app.command("drop")
def drop(
    id: Annotated[str, typer.Argument(help="the letter's id")],
    topic: OfTopic = None,
    bus_url: BusUrl = None,
) -> None:
    """Give one letter up for good: what it said will never be handled."""
    outcome = _with_bus(
        bus_url, lambda bus: letters.settle(bus, _topics(topic), _wanted(None, id), replay=False)
    )
    console.print(f"Bỏ / dropped: {outcome.settled:,}; giữ lại / kept: {outcome.kept:,}")
    raise typer.Exit(0 if outcome.settled else 1)


def _topics(only: str | None) -> list[str]:
    if only is None:
        return letters.topic_names()
    name = only.removesuffix(DLQ_SUFFIX)
    if name not in letters.topic_names():
        raise typer.BadParameter(f"one of {', '.join(letters.topic_names())}")
    return [name]


def _wanted(error: str | None, id: str | None) -> Callable[[Event], bool]:
    return lambda letter: (
        (error is None or letter.headers.get("dlq_error") == error)
        and (id is None or letter.id == id)
    )


def _with_bus(bus_url: str | None, act: Callable[[Bus], Awaitable[T]]) -> T:
    async def run() -> T:
        async with AsyncExitStack() as held:
            _, cfg = await held.enter_async_context(found({}, bus_url))
            return await act(await held.enter_async_context(open_bus(cfg)))

    try:
        return asyncio.run(run())
    except FileNotFoundError as error:
        typer.echo(
            f"No system in {error}: give --bus-url, or HOCHIEU_HOME. / Không có hệ thống ở đó.",
            err=True,
        )
        raise typer.Exit(2) from error
    except (TransientError, OSError, StartError) as error:
        typer.echo(
            f"The bus does not answer ({type(error).__name__}). / Không kết nối được.", err=True
        )
        raise typer.Exit(2) from error
