"""Pictures of dots in grey, at a size that the reader of codes can take.

Memory is bounded: what a picture will cost is known before it is decoded.
"""

import io
import math
import warnings
from collections.abc import Iterator

from PIL import Image

from services.signer.pictures import picture_headers
from services.signer.pictures.kinds import PictureKind

MAX_DOTS = 16_000_000
"""Largest picture that codes are sought in; larger ones are scaled down to it. A code needs a few
thousand dots.
"""
MAX_PHOTO_DOTS = 128_000_000
"""Largest JPEG: it is scaled down while it is decoded, row by row, and is never in memory whole."""
MAX_WHOLE_DOTS = 52_000_000
"""Largest picture of the kinds that are decoded whole, of up to four bytes a dot."""
MAX_COEFFICIENTS = 4 * MAX_WHOLE_DOTS
"""Most bytes of coefficients that a progressive JPEG may need while it is decoded; 69 million dots
as cameras sample them.
"""
_MAX_SCANS = 32
_BAND_DOTS = 1_000_000
_WHITE, _BLACK = 255, 0
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def views(data: bytes, kind: PictureKind) -> Iterator[Image.Image]:
    """The picture in grey as it is meant to be looked at; what is transparent on white, then on
    black. ValueError: it cannot be read.
    """
    with warnings.catch_warnings():
        # the bounds here are narrower, and differ by kind
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        jpeg = _check_before(data, kind)
        with Image.open(io.BytesIO(data), formats=(kind,)) as image:
            if jpeg:
                factor = 1 << (_factor(image.width, image.height) - 1).bit_length()
                # colours of a JPEG are not decoded at all
                image.draft("L", (image.width // factor, image.height // factor))
            elif image.width * image.height > MAX_WHOLE_DOTS:
                raise ValueError("the picture is too large")
            image.load()
            for ground in (_WHITE, _BLACK) if image.has_transparency_data else (_WHITE,):
                yield _upright(_grey(image, ground), image)


def _check_before(data: bytes, kind: PictureKind) -> picture_headers.JpegHeader | None:
    """The bounds that hold before the decoder sees the picture."""
    if kind is PictureKind.JPEG:
        jpeg = picture_headers.jpeg(data)
        # each scan goes over the whole picture and may be 30 bytes long; cameras write one,
        # progressive pictures about ten
        if jpeg.scans > _MAX_SCANS:
            raise ValueError("the picture has too many scans")
        if jpeg.width * jpeg.height > MAX_PHOTO_DOTS or jpeg.coefficients > MAX_COEFFICIENTS:
            raise ValueError("the picture is too large")
        return jpeg
    if kind is PictureKind.WEBP and math.prod(picture_headers.webp_size(data)) > MAX_DOTS:
        raise ValueError("the picture is too large")
    return None


def _factor(width: int, height: int) -> int:
    """By how much each side is divided so that not more than `MAX_DOTS` remain."""
    factor = max(1, math.ceil(math.sqrt(width * height / MAX_DOTS)))
    while _smaller(width, factor) * _smaller(height, factor) > MAX_DOTS:
        factor += 1
    return factor


def _smaller(side: int, factor: int) -> int:
    return -(-side // factor)


def _grey(image: Image.Image, ground: int) -> Image.Image:
    """`image` in grey, made smaller where it is large: band by band, so that no second copy of it
    is made.
    """
    factor = _factor(image.width, image.height)
    grey = Image.new("L", (_smaller(image.width, factor), _smaller(image.height, factor)))
    rows = max(1, _BAND_DOTS // image.width // factor) * factor
    for top in range(0, image.height, rows):
        band = _flat(image.crop((0, top, image.width, min(top + rows, image.height))), ground)
        grey.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return grey


def _flat(band: Image.Image, ground: int) -> Image.Image:
    if not band.has_transparency_data or band.mode.startswith("I"):
        return band.convert("L")
    colours = band.convert("RGBA")
    return Image.composite(
        colours.convert("L"), Image.new("L", band.size, ground), colours.getchannel("A")
    )


def _upright(grey: Image.Image, image: Image.Image) -> Image.Image:
    """Turned as the camera was turned, so that codes come in the order that people see."""
    try:
        turn = image.getexif().get(_ORIENTATION)
    except Exception:
        # what a camera says of its picture may be broken where the picture is not
        return grey
    return grey.transpose(_TURNS[turn]) if turn in _TURNS else grey
