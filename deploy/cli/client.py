"""What the commands share of talking to a running system: where it is, who is asking, and how a
problem document is told.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import typer

from contracts.access import Role
from contracts.words import State
from deploy.local import issuer
from deploy.local.home import Home

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".txt": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".fhir.json": "application/fhir+json",
    ".fhir.ndjson": "application/fhir+ndjson",
}
_UNKNOWN = "application/octet-stream"
_MOST_ERRORS = 20


def connect(origin: str, token: str | None) -> httpx.Client:
    """A client of `origin`; without a token, one of the embedded issuer with a service's rights."""
    bearer = token or issuer.token(Home.default(), Role.SERVICE, subject="command-line")
    return httpx.Client(
        base_url=origin,
        headers={"Authorization": f"Bearer {bearer}"},
        timeout=httpx.Timeout(600, connect=5),
    )


def answer(response: httpx.Response) -> Any:
    """The JSON of a success; a problem is told in both languages, with what is wrong where, and
    ends the command with 1.
    """
    if response.is_success:
        return response.json()
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    typer.echo(
        f"{response.status_code} {problem.get('code', '')}: {problem.get('detail_vi', '')} /"
        f" {problem.get('detail', '')}",
        err=True,
    )
    for error in (problem.get("errors") or ())[:_MOST_ERRORS]:
        words = " / ".join(filter(None, (error.get("message"), error.get("message_en"))))
        typer.echo(f"  {error.get('field', '')}: {words}", err=True)
    raise typer.Exit(1)


def media_type_of(file: Path) -> str | None:
    """What the end of a file's name says that it is; None where it says nothing."""
    return MEDIA_TYPES.get("".join(file.suffixes[-2:]).lower()) or MEDIA_TYPES.get(
        file.suffix.lower()
    )


def upload(
    client: httpx.Client, file: Path, on_sent: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Posts one file as a batch, streamed; `on_sent` is told the bytes of each part."""

    def parts() -> Any:
        with file.open("rb") as stream:
            while part := stream.read(1 << 18):
                on_sent(len(part))
                yield part

    headers = {
        "Content-Type": media_type_of(file) or _UNKNOWN,
        "Content-Length": str(file.stat().st_size),
    }
    return dict(answer(client.post("/records/v1/batches", content=parts(), headers=headers)))


def settled(batch: Mapping[str, Any]) -> bool:
    """Whether every dose of a batch has reached a final state: none pending, and none eligible for
    which a certificate is still due.
    """
    states = batch["states"]
    return bool(
        states.get(State.PENDING, 0) == 0
        and states.get(State.ELIGIBLE, 0) == batch.get("not_due", 0)
    )


def watch(
    client: httpx.Client,
    batch_id: int,
    show: Callable[[dict[str, Any]], None],
    *,
    every_s: float = 0.5,
) -> dict[str, Any]:
    """Asks for a batch until it is settled, telling `show` each time; answers its last form."""
    while True:
        batch = dict(answer(client.get(f"/records/v1/batches/{batch_id}")))
        show(batch)
        if settled(batch):
            return batch
        time.sleep(every_s)
