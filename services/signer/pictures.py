"""QR codes as pictures, made when they are asked for, and read from pictures.

Alphanumeric mode and error correction Q (eu-dcc-hcert-spec 1.0.8): an ES256 certificate is then
version 19 (93 modules a side).
"""

import io
from collections.abc import Iterator
from typing import NamedTuple

import segno
import zxingcpp
from PIL import Image

from services.signer.sight import pages, raster
from services.signer.sight.kinds import Kind, kind_of

PNG_SCALE = 8
"""Dots a module: version 19 with its margin is 808 dots."""
MARGIN = 4
SIDE_MM = 42.0
"""Printed width of a code without its margin: 59 mm from corner to corner, of the 35 to 60 that the
specification recommends.
"""
MAX_CODES = 32
"""Codes of one picture that are told."""
_MM = 25.4

# the standard lets the maker choose among eight masks; weighing them costs four fifths of the time,
# and dense codes hardly differ
_MASK = 3


def png(text: str, scale: int = PNG_SCALE) -> bytes:
    """The QR code of `text` as PNG, `scale` dots a module; who prints it as it is gets it `SIDE_MM`
    wide.
    """
    out = io.BytesIO()
    code = _code(text)
    code.save(
        out,
        kind="png",
        scale=scale,
        border=MARGIN,
        dpi=round(_modules(code) * scale / (SIDE_MM / _MM)),
    )
    return out.getvalue()


def svg(text: str) -> bytes:
    """The QR code of `text` as SVG that fits where it is put: one unit a module, on white."""
    return to_print(text)[0]


def to_print(text: str) -> tuple[bytes, float]:
    """The same, and how many mm wide it is printed, with its margin, so that the code itself is
    `SIDE_MM` wide.
    """
    out = io.BytesIO()
    code = _code(text)
    code.save(
        out, kind="svg", border=MARGIN, light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    modules = _modules(code)
    return out.getvalue(), SIDE_MM * (modules + 2 * MARGIN) / modules


def read(picture: bytes) -> list[str]:
    """The texts of the QR codes in a PNG, JPEG, WebP, GIF or PDF, each once, as people read: down
    the page, then to the right.

    Empty where there is none. ValueError where it cannot be read or is too large; UnknownKindError
    for a picture of another kind.
    """
    kind = kind_of(picture)
    texts: dict[str, None] = {}
    try:
        for seen in _pages(picture, kind):
            texts |= dict.fromkeys(code.text for code in in_order(seen))
    except ValueError:
        raise
    except Exception as error:
        # hostile pictures make the decoders raise nearly anything: broken chunks, absurd sizes
        raise ValueError("not a picture that can be read") from error
    return list(texts)[:MAX_CODES]


class Seen(NamedTuple):
    """A code and where it stands: its middle and its height, in dots."""

    text: str
    x: float
    y: float
    height: float


def in_order(codes: list[Seen]) -> list[Seen]:
    """Row by row from above, each row from the left; who stands within half a code's height of a
    row's first is in it.
    """
    rows: list[list[Seen]] = []
    for code in sorted(codes, key=lambda each: each.y):
        if rows and code.y - rows[-1][0].y < rows[-1][0].height / 2:
            rows[-1].append(code)
        else:
            rows.append([code])
    return [code for row in rows for code in sorted(row, key=lambda each: each.x)]


def _pages(picture: bytes, kind: Kind) -> Iterator[list[Seen]]:
    """The codes of each page; a picture is one page, however often it is looked at."""
    if kind is Kind.PDF:
        yield from map(_codes, pages.views(picture))
    else:
        yield [code for view in raster.views(picture, kind) for code in _codes(view)]


def _codes(grey: Image.Image) -> list[Seen]:
    found = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    codes = []
    for code in found:
        corners = (
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_left,
            code.position.bottom_right,
        )
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        codes.append(Seen(code.text, sum(xs) / 4, sum(ys) / 4, max(ys) - min(ys)))
    return codes


def _modules(code: segno.QRCode) -> int:
    return int(code.symbol_size(border=0)[0])


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="q", mode="alphanumeric", boost_error=False, mask=_MASK)
