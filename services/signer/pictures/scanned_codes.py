"""The texts of the QR codes in a picture."""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import zxingcpp
from PIL import Image

from services.signer.pictures import pdf_pages, raster
from services.signer.pictures.kinds import PictureKind, kind_of

MAX_CODES = 32
"""At most so many codes of one picture are given."""
_COARSE_DOTS = 1_000_000
"""Of a photo, the first look is at so many dots. A certificate's code that fills a quarter of its
height is read there, in a twentieth of the time.
"""


def read_codes(picture: bytes) -> list[str]:
    """The texts of the QR codes in a PNG, JPEG, WebP, GIF or PDF, each once; empty where there is
    none.

    In the order in which people read: down the page, then to the right. ValueError where the
    picture cannot be read or is too large. UnknownKindError for a picture of another kind.
    """
    texts: list[str] = []
    for texts in looks(picture):  # noqa: B007
        pass
    return texts


def looks(picture: bytes) -> Iterator[list[str]]:
    """The texts that are known after each look, cheap looks first; the last are those of
    `read_codes`.

    Whoever may not look to the end has what was found until then.
    """
    kind = kind_of(picture)
    earlier_pages: dict[str, None] = {}
    try:
        for views in _pages(picture, kind):
            page: list[SeenCode] = []
            for view in views:
                earlier_views = page
                for codes in _looks_at(view):
                    page = [*earlier_views, *codes]
                    yield _texts(earlier_pages, page)
            earlier_pages |= dict.fromkeys(_texts({}, page))
    except (ValueError, MemoryError):
        raise
    except Exception as error:
        # hostile pictures make the decoders raise nearly anything: broken chunks, absurd sizes
        raise ValueError("not a picture that can be read") from error


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


def _texts(earlier: dict[str, None], page: list[SeenCode]) -> list[str]:
    texts = dict.fromkeys(code.text for code in in_order(page))
    return list(earlier | texts)[:MAX_CODES]


def _pages(picture: bytes, kind: PictureKind) -> Iterator[Iterable[Image.Image]]:
    """The views of each page; a picture is one page, however often it is looked at."""
    if kind is PictureKind.PDF:
        yield from ((view,) for view in pdf_pages.views(picture))
    else:
        yield raster.views(picture, kind)


def _looks_at(view: Image.Image) -> Iterator[list[SeenCode]]:
    """The codes of a view: first of what is left of it when it is made small, then of all its dots.

    What is seen by the first look alone is kept.
    """
    coarse: list[SeenCode] = []
    factor = math.ceil(math.sqrt(view.width * view.height / _COARSE_DOTS))
    if factor > 1:
        coarse = _codes(view.reduce(factor), factor)
        yield coarse
    fine = _codes(view, 1)
    texts = {code.text for code in fine}
    yield [*fine, *(code for code in coarse if code.text not in texts)]


def _codes(grey: Image.Image, factor: int) -> list[SeenCode]:
    # codes are found however they are turned; `try_rotate` is for other kinds of codes
    decoded = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), try_rotate=False
    )
    codes = []
    for code in decoded:
        corners = (
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_left,
            code.position.bottom_right,
        )
        xs = [corner.x * factor for corner in corners]
        ys = [corner.y * factor for corner in corners]
        codes.append(SeenCode(code.text, sum(xs) / 4, sum(ys) / 4, max(ys) - min(ys)))
    return codes
