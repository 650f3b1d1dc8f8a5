"""`python -m deploy.kafka start | certificates | acls`: a broker to try the services on, and the
users of a real one.
"""

import asyncio
import shutil
import signal
from pathlib import Path
from typing import Annotated

import typer

from deploy.kafka.acls import acls, apply, commands
from deploy.kafka.cluster import Cluster
from deploy.kafka.jars import jars, missing_tools
from deploy.kafka.secured import BROKER, certificate_files
from services.chassis.bus import BusSettings
from services.chassis.environment import FromEnvironment

app = typer.Typer(no_args_is_help=True, add_completion=False)


class _Settings(FromEnvironment):
    """`BUS_URL`, `BUS_TLS` and the like, as the services read them."""

    bus: BusSettings


@app.callback()
def main() -> None:
    """Apache Kafka: one on loopback, and the users of a real one."""


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


@app.command()
def certificates(
    folder: Annotated[Path, typer.Argument(help="where they go, and the authority's key is kept")],
    host: Annotated[
        list[str] | None, typer.Option(help="a broker's name or address; may be given again")
    ] = None,
) -> None:
    """Makes an authority, and a certificate for the brokers and for each user, where missing."""
    files = certificate_files(folder, [*(host or [BROKER]), "localhost", "127.0.0.1"])
    for file in files.values():
        # mounted one by one, and read by a user without rights; the folder is its owner's alone
        file.chmod(0o444)
    folder.chmod(0o700)
    typer.echo(f"{folder}: {', '.join(files)}")


@app.command("acls")
def show_acls(
    set_them: Annotated[
        bool, typer.Option("--apply", help="set them, as the administrator that BUS_… names")
    ] = False,
    servers: Annotated[str, typer.Option(help="of the commands")] = "kafka:9092",
    config: Annotated[str, typer.Option(help="of the commands")] = "admin.properties",
) -> None:
    """Prints the commands that let each user do what the contracts say; or does it."""
    if set_them:
        added, taken = asyncio.run(apply(_Settings().bus))
        typer.echo(f"{added} ACLs added, {taken} taken")
        return
    for command in commands(acls(), servers, config):
        typer.echo(command)


app()
