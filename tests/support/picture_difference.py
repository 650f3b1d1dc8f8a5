"""How much two screenshots differ to the eye, and where."""

from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

_SEEN = 24
"""Of 255: a smaller difference in brightness is that of how letters were drawn."""
_SCALE = 2


def share_that_differs(before: Path, after: Path) -> float:
    """The share of the picture, 0 to 1, that the eye sees to differ; 1 where sizes differ."""
    with Image.open(before) as one, Image.open(after) as other:
        if one.size != other.size:
            return 1.0
        mask = _mask(one, other)
    return mask.histogram()[255] / (mask.width * mask.height)


def marked(before: Path, after: Path) -> Image.Image:
    """The later picture, pale, with what differs in crimson."""
    with Image.open(before) as one, Image.open(after) as other:
        new = other.convert("RGB")
        pale = Image.blend(new, Image.new("RGB", new.size, "white"), 0.6)
        if one.size != other.size:
            return pale
        mask = _mask(one, other).resize(new.size).filter(ImageFilter.MaxFilter(5))
    pale.paste((165, 28, 36), mask=mask)
    return pale


def _mask(one: Image.Image, other: Image.Image) -> Image.Image:
    """White where both differ: of half the size and blurred, so that no single dot counts."""
    small = (max(1, one.width // _SCALE), max(1, one.height // _SCALE))
    first, second = (
        picture.convert("RGB").resize(small).filter(ImageFilter.BoxBlur(1))
        for picture in (one, other)
    )
    return (
        ImageChops.difference(first, second)
        .convert("L")
        .point([255 if value > _SEEN else 0 for value in range(256)])
    )
