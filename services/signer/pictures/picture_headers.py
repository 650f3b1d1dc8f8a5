"""What a picture will cost, by its first bytes; the decoder would tell only after it has taken the
memory.
"""

import re
from dataclasses import dataclass

_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_AFTER_DATA = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ROW_BY_ROW = frozenset({0xC0, 0xC1, 0xC9})
_START, _END, _SCAN, _ALONE = 0xD8, 0xD9, 0xDA, frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """A JPEG: its size, its scans, and the bytes of coefficients that its decoder keeps beside the
    picture.
    """

    width: int
    height: int
    scans: int
    coefficients: int


def jpeg(data: bytes) -> JpegHeader:
    """Read from the markers of the first picture in `data`; what cameras hang behind it is not
    looked at. ValueError: it has none.
    """
    at, scans, width, height, parts, whole = 2, 0, 0, 0, b"", False
    while match := _MARKER.search(data, at):
        marker, at = match[1][0], match.end()
        if marker == _END:
            break
        if marker in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        segment, at = data[at + 2 : at + length], at + max(length, 2)
        if marker in _FRAMES and not parts:
            height, width, parts = (
                int.from_bytes(segment[1:3], "big"),
                int.from_bytes(segment[3:5], "big"),
                segment[6 : 6 + 3 * segment[5]],
            )
            whole = marker not in _ROW_BY_ROW
        elif marker == _SCAN:
            scans += 1
            # a scan of some colours alone makes the decoder keep the whole picture until the others
            # have come
            whole = whole or 3 * segment[0] < len(parts)
            after = _AFTER_DATA.search(data, at)
            at = after.start() if after else len(data)
    if not parts or not width or not height or not scans:
        raise ValueError("not a picture that can be read")
    return JpegHeader(
        width, height, scans, 2 * _coefficients(width * height, parts) if whole else 0
    )


def _coefficients(dots: int, parts: bytes) -> int:
    areas = [(sampling >> 4) * (sampling & 15) for sampling in parts[1::3]]
    most = max(
        1,
        max(sampling >> 4 for sampling in parts[1::3])
        * max(sampling & 15 for sampling in parts[1::3]),
    )
    return dots * sum(areas) // most


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP; ValueError where its first part is of no known kind."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise ValueError("not a picture that can be read")
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(
            body[8:10], "little"
        ) & 0x3FFF
    raise ValueError("not a picture that can be read")
