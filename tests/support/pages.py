"""Pages to print, read back by tools that did not make them."""

import math
from dataclasses import dataclass

import pypdfium2
import zxingcpp
from PIL import Image

DPI = 300
_MM = 25.4


@dataclass(frozen=True)
class Page:
    """What stands on the only page of a PDF: its words, its size in mm, how it looks, and where
    each character stands in pixels.
    """

    words: str
    size_mm: tuple[int, int]
    image: Image.Image
    boxes: tuple[tuple[str, tuple[int, int, int, int]], ...]

    @property
    def lines(self) -> list[str]:
        """The words, line by line."""
        return self.words.split("\n")

    def code(self) -> tuple[str, str, float]:
        """The one QR code: its text, its level of error correction, and its diagonal in mm."""
        (read,) = read_qr_codes(self.image)
        begin, end = read.position.top_left, read.position.bottom_right
        return read.text, read.ec_level, math.hypot(end.x - begin.x, end.y - begin.y) / DPI * _MM


def read_qr_codes(image: Image.Image) -> list[zxingcpp.Barcode]:
    """The QR codes of a picture; part of a code's dots may pass for a bar code of another kind."""
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return list(zxingcpp.read_barcodes(image, formats=kinds))


def read_page(pdf: bytes) -> Page:
    """Reads a PDF of one page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        (page,) = document
        image = page.render(scale=DPI / 72).to_pil().convert("L")
        found = page.get_textpage()
        words = found.get_text_range().replace("\r\n", "\n")
        size = (round(page.get_width() / 72 * _MM), round(page.get_height() / 72 * _MM))
        boxes = tuple(
            (found.get_text_range(at, 1), _pixels(found.get_charbox(at), image.height))
            for at in range(found.count_chars())
        )
        return Page(words, size, image, boxes)
    finally:
        document.close()


def _pixels(box: tuple[float, float, float, float], height: int) -> tuple[int, int, int, int]:
    left, bottom, right, top = (edge * DPI / 72 for edge in box)
    return round(left), round(height - top), round(right), round(height - bottom)
