"""The pages of a PDF in grey, fine enough for a code of 35 mm across."""

import math
from collections.abc import Iterator

import pypdfium2
from PIL import Image

MAX_PAGES = 10
_DPI, _POINTS = 300, 72
_MAX_DOTS = 9_000_000
"""A page of A4 at 300 dots an inch; larger pages are drawn coarser."""


def views(data: bytes) -> Iterator[Image.Image]:
    """Each page, drawn. ValueError: it is no PDF, is locked, or has more than `MAX_PAGES` pages."""
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            if len(document) > MAX_PAGES:
                raise ValueError("the document has too many pages")
            for page in document:
                yield _drawn(page)
                page.close()
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise ValueError("not a document that can be read") from error


def _drawn(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    scale = min(_DPI / _POINTS, math.sqrt(_MAX_DOTS / max(1.0, width * height)))
    image: Image.Image = page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil()
    return image.convert("L")
