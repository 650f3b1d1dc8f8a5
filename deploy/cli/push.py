"""`hochieu push FILE`: send a file, watch its rows being verified and signed, and take the file
back with its errors.
"""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from contracts.words import State
from deploy.cli.client import answer, connect, upload, watch

console = Console()
_ROWS_SHOWN = 20


def command(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="CSV, TSV, XLSX, XLS, ODS, JSON, NDJSON or .fhir.json",
        ),
    ],
    origin: Annotated[
        str, typer.Option(help="where the system answers", envvar="HOCHIEU_ORIGIN")
    ] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None,
        typer.Option(
            help="the facility's token; without one, the embedded issuer's", envvar="HOCHIEU_TOKEN"
        ),
    ] = None,
    back: Annotated[
        Path | None, typer.Option(help="where to write the file with its errors, .xlsx or .csv")
    ] = None,
) -> None:
    """Push a dose file and follow it to the end."""
    with connect(origin, token) as client:
        try:
            batch = push(client, file)
        except httpx.TransportError as error:
            raise typer.Exit(_away(origin)) from error
        console.print(summary(batch))
        if rejected := rejected_rows(client, batch):
            console.print(rejected)
        if batch["rejected"] or any(
            batch["states"].get(state) for state in (State.NEEDS_CORRECTION, State.IN_REVIEW)
        ):
            target = back or file.with_name(f"{file.stem}.rows{_ending(batch)}")
            path = batch["links"]["rows_csv" if target.suffix.lower() == ".csv" else "rows_xlsx"]
            if path is None:
                raise typer.BadParameter(
                    "too many rows for a workbook, name a .csv / quá nhiều dòng cho XLSX, hãy ghi"
                    " tên .csv"
                )
            with client.stream("GET", path, params={"wrong": "true"}) as response:
                if response.is_error:
                    response.read()
                    answer(response)
                with target.open("wb") as stream:
                    for part in response.iter_bytes():
                        stream.write(part)
            console.print(
                f"Các dòng cần sửa / rows to correct: [bold]{target}[/bold]; sửa rồi gửi lại chính"
                " tệp đó / edit and push that file again."
            )


def _ending(batch: dict[str, Any]) -> str:
    """A workbook comes back from a spreadsheet as it went; a list that is too long for one goes out
    as CSV.
    """
    return ".xlsx" if batch["links"].get("rows_xlsx") else ".csv"


def push(client: httpx.Client, file: Path) -> dict[str, Any]:
    """Uploads and follows one file with progress bars; answers the settled batch."""
    with Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        console=console,
    ) as bars:
        sending = bars.add_task("Gửi / sending", total=file.stat().st_size, count="")
        created = upload(client, file, lambda size: bars.advance(sending, size))
        bars.update(sending, count=f"{created['accepted']:,} / {created['received']:,} rows")
        if report := file_report(created):
            bars.console.print(Text(report))
        verified = bars.add_task("Xác minh / verified", total=created["accepted"] or 1, count="")
        signed = bars.add_task("Đã ký / signed", total=created["accepted"] or 1, count="")

        def show(batch: dict[str, Any]) -> None:
            states, accepted = batch["states"], batch["accepted"]
            done = accepted - states.get(State.PENDING, 0)
            issued = states.get(State.ISSUED, 0)
            bars.update(verified, completed=done, count=f"{done:,}")
            bars.update(signed, completed=issued, count=f"{issued:,}")

        return watch(client, created["batch_id"], show)


def summary(batch: dict[str, Any]) -> Table:
    """The table of a batch: rows by state, by grade and by reason."""
    table = Table(title=f"Lô / batch {batch['batch_id']}: {batch['received']:,} dòng / rows")
    table.add_column("")
    table.add_column("số dòng / rows", justify="right")
    table.add_row("nhận / accepted", f"{batch['accepted']:,}")
    table.add_row("có cảnh báo / warned", f"{batch['warnings']:,}")
    table.add_row("từ chối / rejected", f"{batch['rejected']:,}", end_section=True)
    for section in ("states", "grades", "reasons"):
        for name, count in sorted(batch.get(section, {}).items(), key=lambda item: -item[1]):
            if count:
                table.add_row(f"{section[:-1]}: {name}", f"{count:,}")
        table.add_section()
    return table


def rejected_rows(client: httpx.Client, batch: dict[str, Any]) -> Table | None:
    """The first rows of a batch that were not taken, with each of their errors; None where all were
    taken.
    """
    if not batch["rejected"]:
        return None
    asked: dict[str, str | int] = {"state": "rejected", "limit": _ROWS_SHOWN}
    rows = answer(client.get(f"/records/v1/batches/{batch['batch_id']}/rows", params=asked))[
        "items"
    ]
    table = Table(title=f"Dòng bị từ chối / rejected rows: {batch['rejected']:,}")
    table.add_column("dòng / row", justify="right")
    table.add_column("trường / field", overflow="fold")
    table.add_column("lỗi, việc cần làm / error, what to do", overflow="fold")
    for row in rows:
        place = "\n".join(filter(None, (row.get("sheet"), f"{row['row']:,}")))
        for error in row["errors"]:
            words = "\n".join(filter(None, (error["message"], error.get("message_en"))))
            table.add_row(Text(place), Text(error["field"]), Text(words))
            place = ""
        table.add_section()
    if batch["rejected"] > len(rows):
        table.caption = (
            f"{len(rows)} dòng đầu / the first {len(rows)}; tất cả / all:"
            f" {batch['links']['rows']}?state=rejected"
        )
    return table


def file_report(created: dict[str, Any]) -> str:
    """Which sheets of a file were read, and what in it was not, in one line each; empty where there
    is nothing to say.
    """
    sheets, ignored = created.get("sheets") or (), created.get("ignored") or {}
    lines = [f"Trang tính / sheets: {', '.join(sheets)}"] if len(sheets) > 1 else []
    if ignored:
        lines.append(
            "Không đọc / not read: "
            + ", ".join(f"{name} ({count:,})" for name, count in ignored.items())
        )
    return "\n".join(lines)


def _away(origin: str) -> int:
    typer.echo(
        f"Nothing answers at {origin}: start it with `make run`. / Chưa có hệ thống tại {origin}.",
        err=True,
    )
    return 1
