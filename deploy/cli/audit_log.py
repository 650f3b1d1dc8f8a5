"""`hochieu audit-log`: who looked at a dose, its case and its certificates, or at a complaint; what
a caller looked at; newest first.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from contracts.purposes import MEANINGS
from deploy.audit.addresses import found_databases
from deploy.audit.looks import Look, Wanted, looks
from deploy.local.failure import StartError

console = Console()
_MOST_NAMED = 5


def command(
    dose: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="looks at this dose, its case, its certificates, and at files of its batches",
        ),
    ] = None,
    complaint: Annotated[int | None, typer.Option(min=1, help="looks at this complaint")] = None,
    caller: Annotated[
        str | None, typer.Option(help="looks of this caller: the subject of the tokens")
    ] = None,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d"], help="older ones (UTC): the next page"
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="looks on a page")] = 50,
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
) -> None:
    """List who looked at what, in which roles and why. A worklist's file is listed by its filter
    and caller, not by the doses in it.
    """
    if dose is None and complaint is None and caller is None:
        raise typer.BadParameter("--dose, --complaint or --caller")
    wanted = Wanted(caller, dose, complaint, before.replace(tzinfo=UTC) if before else None)
    try:
        found = asyncio.run(
            _looks({"records": records, "verifier": verifier, "signer": signer}, wanted, limit)
        )
    except FileNotFoundError as error:
        typer.echo(
            f"No system in {error}: give addresses, or HOCHIEU_HOME. / Không có hệ thống ở đó.",
            err=True,
        )
        raise typer.Exit(2) from error
    except (OSError, asyncpg.PostgresError, StartError) as error:
        typer.echo(
            f"A database does not answer ({type(error).__name__}). / Không kết nối được.", err=True
        )
        raise typer.Exit(2) from error
    show(found)
    if len(found) >= limit:
        console.print(
            f"--before {found[-1].at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}: trang tiếp theo / the"
            " next page"
        )


async def _looks(databases: dict[str, str | None], wanted: Wanted, limit: int) -> list[Look]:
    async with found_databases(databases) as addresses:
        return await looks(addresses, wanted, limit)


def show(found: Sequence[Look]) -> None:
    """Prints looks, or that there are none."""
    if not found:
        console.print("Không có lượt xem nào / nobody looked")
        return
    # few columns, so that the words of a look stay whole on a terminal of 80
    table = Table("lúc / at (UTC)", "ai / who", "việc / act", Column("về / of", overflow="fold"))
    for look in found:
        table.add_row(
            f"{look.at.astimezone(UTC):%Y-%m-%d\n%H:%M:%S}",
            escape(f"{look.caller}\n[{', '.join(look.roles)}]"),
            f"{look.service}: {look.act}\n{_purpose(look)}",
            "\n".join(filter(None, (_subjects(look), look.scope, f"số / count {look.shown:,}"))),
        )
    console.print(table)
    if codes := [purpose for purpose in MEANINGS if any(look.purpose == purpose for look in found)]:
        console.print(
            "; ".join(f"{code}: {MEANINGS[code][0]} / {MEANINGS[code][1]}" for code in codes),
            highlight=False,
        )


def _purpose(look: Look) -> str:
    """One that followed from the act stands in brackets."""
    return look.purpose if look.stated else f"({look.purpose})"


def _subjects(look: Look) -> str:
    # a blind index says nothing to people
    if look.kind == "person" or not look.subjects:
        return look.kind
    named = ", ".join(map(str, look.subjects[:_MOST_NAMED]))
    return f"{look.kind} {named}{', …' if len(look.subjects) > _MOST_NAMED else ''}"
