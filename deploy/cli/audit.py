"""`hochieu audit`: does everything add up across the three databases and the bus? Prints what is
off and exits 1; 0 when all is well.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from deploy.audit.addresses import found
from deploy.audit.heads import Head, read_heads
from deploy.audit.report import Report
from deploy.audit.run import audit
from deploy.local.failure import StartError
from deploy.local.home import Home
from services.chassis.bus import open_bus
from services.chassis.errors import TransientError

console = Console()


def command(
    records: Annotated[
        str | None, typer.Option(help="address of records' database", envvar="RECORDS_DATABASE_URL")
    ] = None,
    verifier: Annotated[
        str | None,
        typer.Option(help="address of the verifier's database", envvar="VERIFIER_DATABASE_URL"),
    ] = None,
    signer: Annotated[
        str | None,
        typer.Option(help="address of the signer's database", envvar="SIGNER_DATABASE_URL"),
    ] = None,
    bus_url: Annotated[
        str | None, typer.Option(help="kafka://… or postgresql://…", envvar="BUS_URL")
    ] = None,
    heads: Annotated[
        list[typer.FileText] | None,
        typer.Option(
            help="logs of the workers, or files of AUDIT_HEADS_FILE: the audits must still end in"
            " what these say; - reads standard input"
        ),
    ] = None,
) -> None:
    """Reconcile batches, doses, certificates, outboxes, dead letters, and the chains of the audits.

    Without addresses, those of the embedded system and the heads it copied.
    """
    databases = {"records": records, "verifier": verifier, "signer": signer}
    try:
        copied = read_heads(line for file in heads or _embedded_heads(databases) for line in file)
        report = asyncio.run(_audit(databases, bus_url, copied))
    except FileNotFoundError as error:
        typer.echo(
            f"No system in {error}: give addresses, or HOCHIEU_HOME. / Không có hệ thống ở đó.",
            err=True,
        )
        raise typer.Exit(2) from error
    except (TransientError, OSError, asyncpg.PostgresError, StartError) as error:
        typer.echo(
            f"A database or the bus does not answer ({type(error).__name__}). / Không kết nối"
            " được.",
            err=True,
        )
        raise typer.Exit(2) from error
    show(report)
    raise typer.Exit(0 if report.clean else 1)


def _embedded_heads(databases: dict[str, str | None]) -> list[list[str]]:
    """What the embedded system copied, where it is the one to look at."""
    file = Home.default().audit_heads
    if any(databases.values()) or not file.exists():
        return []
    return [file.read_text().splitlines()]


async def _audit(
    databases: dict[str, str | None], bus_url: str | None, heads: Sequence[Head]
) -> Report:
    async with AsyncExitStack() as held:
        addresses, cfg = await held.enter_async_context(found(databases, bus_url))
        return await audit(addresses, await held.enter_async_context(open_bus(cfg)), heads)


def show(report: Report) -> None:
    """Prints the findings, or that there are none."""
    looked = (
        f"{report.doses:,} mũi tiêm / doses, {report.batches:,} lô / batches,"
        f" {report.audited:,} lượt xem / looks"
    )
    if report.clean:
        console.print(f"[green]Khớp / all adds up[/green]: {looked}")
        return
    table = Table(title=f"Không khớp / off: {looked}")
    table.add_column("mã / code")
    table.add_column("")
    table.add_column("số / count", justify="right")
    table.add_column("ví dụ / examples", overflow="fold")
    for finding in report.findings.values():
        table.add_row(
            finding.code,
            f"{finding.vi} / {finding.en}",
            f"{finding.count:,}",
            ", ".join(finding.examples),
        )
    console.print(table)
