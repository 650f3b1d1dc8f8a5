"""`hochieu verify`: tells whether a code, or the code in a picture, is a valid passport."""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import zxingcpp
from PIL import Image, UnidentifiedImageError
from rich.console import Console

from deploy.cli.client import answer


def command(
    code: Annotated[str, typer.Argument(help='"HC1:…", or the path of a picture with the QR code')],
    origin: Annotated[str, typer.Option(help="where the system answers", envvar="HOCHIEU_ORIGIN")] = "http://127.0.0.1:8000",
) -> None:
    """Verify a code or a picture; exits with 0 where it is valid."""
    text = code if code.startswith("HC1:") else _read_picture(Path(code))
    try:
        result: dict[str, Any] = answer(httpx.post(f"{origin}/signer/v1/verify", json={"qr": text}, timeout=30))
    except httpx.TransportError as error:
        typer.echo(f"Nothing answers at {origin}: start it with `make run`.", err=True)
        raise typer.Exit(2) from error
    Console().print_json(data=result)
    raise typer.Exit(0 if result.get("valid") else 1)


def _read_picture(path: Path) -> str:
    try:
        found = zxingcpp.read_barcodes(Image.open(path))
    except (OSError, UnidentifiedImageError) as error:
        typer.echo(f"{path}: neither an HC1 code nor a picture that can be read", err=True)
        raise typer.Exit(2) from error
    texts = [result.text for result in found if result.text.startswith("HC1:")]
    if not texts:
        typer.echo(f"{path}: no health certificate's QR code in this picture", err=True)
        raise typer.Exit(1)
    return texts[0]
