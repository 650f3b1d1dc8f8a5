"""`hochieu verify`: tells whether a code, or the codes in a picture or PDF, are valid passports."""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from deploy.cli.client import answer
from services.signer.hcert.verify import is_certificate
from services.signer.pictures.kinds import UnknownKindError
from services.signer.pictures.scanned_codes import read_codes

_TEXT = 64_000


def command(
    code: Annotated[
        str,
        typer.Argument(
            help=(
                '"HC1:…", or the path of a picture (PNG, JPEG, WebP, GIF), a PDF or a text with the'
                " code"
            )
        ),
    ],
    origin: Annotated[
        str, typer.Option(help="where the system answers", envvar="HOCHIEU_ORIGIN")
    ] = "http://127.0.0.1:8000",
) -> None:
    """Verify a code, or each code in a picture; exits with 0 where all are valid."""
    texts = [code] if is_certificate(code) else _codes_in(Path(code))
    try:
        results: list[dict[str, Any]] = [
            answer(httpx.post(f"{origin}/signer/v1/verify", json={"qr": text}, timeout=30))
            for text in texts
        ]
    except httpx.TransportError as error:
        typer.echo(f"Nothing answers at {origin}: start it with `make run`.", err=True)
        raise typer.Exit(2) from error
    for result in results:
        Console().print_json(data=result)
    raise typer.Exit(0 if all(result.get("valid") for result in results) else 1)


def _codes_in(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
        texts = [text] if (text := _typed(content)) else read_codes(content)
    except UnknownKindError as error:
        typer.echo(f"{path}: {error} pictures are not read; make it a PNG or JPEG", err=True)
        raise typer.Exit(2) from error
    except (OSError, ValueError) as error:
        typer.echo(f"{path}: neither an HC1 code nor a picture or PDF that can be read", err=True)
        raise typer.Exit(2) from error
    certificates = [text for text in texts if is_certificate(text)]
    if not certificates:
        typer.echo(f"{path}: no health certificate's QR code in it", err=True)
        raise typer.Exit(1)
    return certificates


def _typed(content: bytes) -> str:
    """The code that a short file of text holds; empty where it holds none."""
    try:
        text = content.decode("utf-8-sig") if len(content) <= _TEXT else ""
    except UnicodeDecodeError:
        return ""
    return text if is_certificate(text) else ""
