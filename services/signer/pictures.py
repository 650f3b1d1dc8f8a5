"""QR codes as pictures, made when they are asked for, and read from pictures.

Alphanumeric mode and error correction Q (eu-dcc-hcert-spec 1.0.8): an ES256 certificate is then version 19 (93 modules a side).
"""

import io
import warnings

import segno
import zxingcpp
from PIL import Image

PNG_SCALE = 8
"""Dots a module: version 19 with its margin is 808 dots, which is 60 mm at 342 dots an inch."""
MARGIN = 4
MAX_DOTS = 16_000_000
"""Largest picture that is read; a telephone gives 12 million dots, and only on demand more, and the code needs a few thousand of them.

Of this size a PNG takes up to 130 MB while it is read, and the costliest of all, a progressive JPEG in four colours, 190 MB.
"""
_MAX_SCANS = 32
_SCAN = b"\xff\xda"

# the standard lets the maker choose among eight masks; weighing them costs four fifths of the time, and dense codes hardly differ
_MASK = 3


def png(text: str, scale: int = PNG_SCALE) -> bytes:
    """The QR code of `text` as PNG, `scale` dots a module."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=scale, border=MARGIN)
    return out.getvalue()


def svg(text: str) -> bytes:
    """The QR code of `text` as SVG that fits where it is put: one unit a module, on white."""
    out = io.BytesIO()
    _code(text).save(out, kind="svg", border=MARGIN, light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return out.getvalue()


def read(picture: bytes) -> list[str]:
    """The texts of all QR codes in a PNG or JPEG; empty where there is none. ValueError where it is no picture, or too large a one."""
    # each scan of a JPEG goes over the whole picture and may be 30 bytes long; cameras write one, progressive pictures about ten
    if picture.startswith(b"\xff\xd8") and picture.count(_SCAN) > _MAX_SCANS:
        raise ValueError("the picture has too many scans")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as image:
                if image.width * image.height > MAX_DOTS:
                    raise ValueError("the picture is too large")
                # colours of a JPEG are not decoded at all
                image.draft("L", image.size)
                grey = image.convert("L")
    except Exception as error:
        # hostile pictures make the decoders raise nearly anything: broken chunks, absurd sizes, bombs
        raise ValueError("not a picture that can be read") from error
    return [code.text for code in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))]


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="q", mode="alphanumeric", boost_error=False, mask=_MASK)
