"""`hochieu verify` takes what the service takes, and tells of each code."""

import io
import json
from pathlib import Path

import pytest
import respx
from httpx import Request, Response
from PIL import Image
from typer.testing import CliRunner

from deploy.cli.main import program
from services.signer.documents import qr_code

CODES = ["HC1:" + "6BFOXN%TSMAHN-H9Q" * 12, "HC1:" + "NCFOXN%TS3DH-RC8I" * 12]


def run(argument: str, *valid: bool) -> tuple[int, list[str], str]:
    """The exit code, what was asked of the service, and what was told; the service finds the codes
    `valid` in turn.
    """
    asked: list[str] = []

    def judge(request: Request) -> Response:
        asked.append(json.loads(request.content)["qr"])
        return Response(200, json={"valid": valid[len(asked) - 1]})

    with respx.mock(assert_all_called=False) as service:
        service.post("http://127.0.0.1:8000/signer/v1/verify").mock(side_effect=judge)
        result = CliRunner().invoke(program(), ["verify", argument])
    return result.exit_code, asked, result.output


def page(*codes: str) -> Image.Image:
    drawn = [Image.open(io.BytesIO(qr_code.png(code, 4))).convert("L") for code in codes]
    sheet = Image.new("L", (sum(code.width for code in drawn) + 40, drawn[0].height), 255)
    for at, code in enumerate(drawn):
        sheet.paste(code, (at * (code.width + 40), 0))
    return sheet


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "PDF"])
def test_each_code_of_a_file_is_verified_and_all_must_be_valid(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "sheet"
    page(*CODES).save(file, kind, **({"resolution": 150} if kind == "PDF" else {}))
    assert run(str(file), True, True)[:2] == (0, CODES)
    assert run(str(file), True, False)[:2] == (1, CODES)


def test_a_code_is_typed_or_stands_in_a_text(tmp_path: Path) -> None:
    assert run(f"\ufeff {CODES[0][:40]}\r\n{CODES[0][40:]}", True)[0] == 0
    file = tmp_path / "mail.txt"
    file.write_text(f"\ufeff{CODES[0][:40]}\r\n{CODES[0][40:]}\n")
    assert run(str(file), True)[0] == 0


@pytest.mark.parametrize(
    ("content", "exits", "told"),
    [
        (b"\0\0\0\x18ftypheic" + bytes(64), 2, "HEIC"),
        (b"hello", 2, "neither"),
        (None, 2, "neither"),
        (qr_code.png("HTTPS://EXAMPLE.VN"), 1, "no health certificate"),
    ],
)
def test_what_holds_no_certificate_is_told_and_nothing_is_asked(
    content: bytes | None, exits: int, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    code, asked, output = run(str(file))
    assert (code, asked) == (exits, [])
    assert told in output
