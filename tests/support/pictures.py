"""Pictures that are small and cost their reader much."""

import io

from PIL import Image


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    """The picture as a file of that kind."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def finder_patterns(side: int, pitch: int, module: int) -> bytes:
    """A PNG full of the squares by which QR codes are found, one every `pitch` dots."""
    square = Image.new("L", (pitch, pitch), 255)
    for inset, colour in ((0, 0), (module, 255), (2 * module, 0)):
        square.paste(colour, (inset, inset, 7 * module - inset, 7 * module - inset))
    row = Image.new("L", (side, pitch), 255)
    for x in range(0, side, pitch):
        row.paste(square, (x, 0))
    page = Image.new("L", (side, side), 255)
    for y in range(0, side, pitch):
        page.paste(row, (0, y))
    return saved(page.convert("1"), "PNG")


def forms_within_forms(depth: int = 12, each: int = 8) -> bytes:
    """A PDF whose page draws a form eight times, that draws another one eight times, and so on."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</XObject<</F 5 0 R>>>>>>",
        _stream(b"", b"/F Do " * each),
    ]
    for level in range(depth):
        inner = b"/F Do " * each if level < depth - 1 else b"0 0 9 9 re f"
        objects.append(
            _stream(
                b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
                b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level),
                inner,
            )
        )
    body = b"".join(b"%d 0 obj%bendobj\n" % (at, item) for at, item in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>"


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream\n" % (entries, len(content), content)


def many_scans() -> bytes:
    """A progressive JPEG of many dots that goes over them as often as it may."""
    whole = saved(Image.new("L", (9_000, 9_000), 128), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    scans = whole.count(b"\xff\xda")
    return whole[:-2] + last * (32 - scans) + whole[-2:]
