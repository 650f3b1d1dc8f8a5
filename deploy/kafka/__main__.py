"""`python -m deploy.kafka start`: a broker to try the services on; Ctrl-C ends it and leaves
nothing running.
"""

import shutil
import signal
from pathlib import Path
from typing import Annotated

import typer

from deploy.kafka.cluster import Cluster
from deploy.kafka.jars import jars, missing_tools

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """Apache Kafka on loopback."""


@app.command()
def start(
    nodes: Annotated[
        int, typer.Option(min=1, max=3, help="Brokers; 2 makes no quorum that survives anything")
    ] = 1,
    port: Annotated[
        int, typer.Option(help="The first broker's port; each broker takes two")
    ] = 9092,
    dir: Annotated[Path, typer.Option(help="Where archives and data go")] = Path("build/kafka"),
    fresh: Annotated[bool, typer.Option(help="Forget what earlier runs stored")] = False,
) -> None:
    """Starts a cluster, prints its address, and stays until Ctrl-C."""
    if missing := missing_tools():
        typer.echo(
            f"Not on this machine: {', '.join(missing)} (Java 17 or later and Maven are needed)",
            err=True,
        )
        raise typer.Exit(1)
    folder = dir.resolve()
    data = folder / f"nodes-{nodes}"
    if fresh:
        shutil.rmtree(data, ignore_errors=True)
    try:
        with Cluster(data, jars(folder), nodes, port).running() as cluster:
            typer.echo(f"BUS_URL={cluster.url}")
            typer.echo("Ctrl-C ends it.")
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except (RuntimeError, TimeoutError) as error:
        typer.echo(f"{error}\nNhật ký / logs: {data}/node-*/broker.log", err=True)
        raise typer.Exit(1) from None


app()
