"""What kind of picture some bytes are, by the bytes themselves.

Telephones and mail programs name kinds wrongly.
"""

from enum import StrEnum


class PictureKind(StrEnum):
    """What is read."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    PDF = "PDF"


class UnknownKindError(ValueError):
    """A picture of a kind that is not read here; the message names it, where it is known."""


_PDF_WITHIN = 1_024  # readers of PDF let that many bytes go before
_OTHERS = {b"II*\0": "TIFF", b"MM\0*": "TIFF", b"BM": "BMP"}


def kind_of(data: bytes) -> PictureKind:
    """The kind of `data`; UnknownKindError where it is a picture of another kind, ValueError where
    it is none.
    """
    if data.startswith(b"\xff\xd8"):
        return PictureKind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureKind.PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return PictureKind.GIF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return PictureKind.WEBP
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return PictureKind.PDF
    # HEIC, HEIF and AVIF: the libraries that read the first two may not be given away with this one
    if data[4:8] == b"ftyp":
        raise UnknownKindError("HEIC")
    for start, name in _OTHERS.items():
        if data.startswith(start):
            raise UnknownKindError(name)
    raise ValueError("not a picture that can be read")
