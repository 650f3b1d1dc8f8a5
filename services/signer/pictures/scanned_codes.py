"""The texts of the QR codes in a picture."""

from collections.abc import Iterator
from typing import NamedTuple

import zxingcpp
from PIL import Image

from services.signer.pictures import pdf_pages, raster
from services.signer.pictures.kinds import PictureKind, kind_of

MAX_CODES = 32
"""At most so many codes of one picture are given."""


def read_codes(picture: bytes) -> list[str]:
    """The texts of the QR codes in a PNG, JPEG, WebP, GIF or PDF, each once; empty where there is
    none.

    In the order in which people read: down the page, then to the right. ValueError where the
    picture cannot be read or is too large. UnknownKindError for a picture of another kind.
    """
    kind = kind_of(picture)
    texts: dict[str, None] = {}
    try:
        for codes in _pages(picture, kind):
            texts |= dict.fromkeys(code.text for code in in_order(codes))
    except ValueError:
        raise
    except Exception as error:
        # hostile pictures make the decoders raise nearly anything: broken chunks, absurd sizes
        raise ValueError("not a picture that can be read") from error
    return list(texts)[:MAX_CODES]


class SeenCode(NamedTuple):
    """A code and its place in the picture: its middle and its height, in dots."""

    text: str
    x: float
    y: float
    height: float


def in_order(codes: list[SeenCode]) -> list[SeenCode]:
    """Row by row from above, each row from the left.

    A code within half a code's height of a row's first is in that row.
    """
    rows: list[list[SeenCode]] = []
    for code in sorted(codes, key=lambda code: code.y):
        if rows and code.y - rows[-1][0].y < rows[-1][0].height / 2:
            rows[-1].append(code)
        else:
            rows.append([code])
    return [code for row in rows for code in sorted(row, key=lambda code: code.x)]


def _pages(picture: bytes, kind: PictureKind) -> Iterator[list[SeenCode]]:
    """The codes of each page; a picture is one page, however often it is looked at."""
    if kind is PictureKind.PDF:
        yield from map(_codes, pdf_pages.views(picture))
    else:
        yield [code for view in raster.views(picture, kind) for code in _codes(view)]


def _codes(grey: Image.Image) -> list[SeenCode]:
    decoded = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    codes = []
    for code in decoded:
        corners = (
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_left,
            code.position.bottom_right,
        )
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        codes.append(SeenCode(code.text, sum(xs) / 4, sum(ys) / 4, max(ys) - min(ys)))
    return codes
