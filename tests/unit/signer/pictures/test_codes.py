"""Codes are read from what telephones send, and no picture costs more than its size allows."""

import io
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from services.signer.documents import qr_code
from services.signer.pictures.kinds import PictureKind, UnknownKindError
from services.signer.pictures.pdf_pages import MAX_PAGES
from services.signer.pictures.raster import MAX_DOTS, views
from services.signer.pictures.scanned_codes import looks, read_codes

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# 560 signs, as a certificate has
_TEXT = "HC1:" + "".join(_LETTERS[at * at * 7 % 45] for at in range(556))
_OTHERS = [
    "HC1:" + "".join(_LETTERS[at * at * prime % 45] for at in range(300)) for prime in (11, 13, 17)
]


def _drawn(text: str = _TEXT, scale: int = 4) -> Image.Image:
    return Image.open(io.BytesIO(qr_code.png(text, scale))).convert("L")


def _saved(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def _jpeg(image: Image.Image, **how: object) -> bytes:
    return _saved(image, "JPEG", quality=85, **how)


def _photo(width: int, height: int, part: int = 3, degrees: int = 7) -> Image.Image:
    """A page held before a camera: the code such a part of the height, turned and blurred by
    enlarging.
    """
    side = height // part
    turned = _drawn().convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
    turned = turned.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="#ccc")
    table = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    table.paste(turned, (width // 2 - side // 2, height // 3))
    return table


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """Twelve million dots."""
    return _photo(4_000, 3_000)


@pytest.fixture(scope="module")
def large_photo() -> Image.Image:
    """Fifty million dots."""
    return _photo(8_160, 6_144)


def _peak(picture: bytes, folder: Path) -> int:
    """By how many MB the reading of a picture raises what a process has ever taken."""
    (folder / "picture").write_bytes(picture)
    measure = (
        "import sys, resource; from services.signer.pictures.scanned_codes import read_codes;"
        " picture = open(sys.argv[1], 'rb').read()\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; before = peak()\n"
        "assert read_codes(picture); print((peak() - before) // 1024)"
    )
    measured = subprocess.run(
        [sys.executable, "-c", measure, folder / "picture"],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(measured.stdout)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_code_is_read_from_a_photo_of_twelve_million_dots(
    photo: Image.Image, *, progressive: bool
) -> None:
    assert read_codes(_jpeg(photo, progressive=progressive)) == [_TEXT]


@pytest.mark.parametrize("part", [2, 4, 7, 10])
def test_a_code_is_read_whether_it_fills_the_photo_or_is_small_in_it(part: int) -> None:
    assert read_codes(_jpeg(_photo(4_000, 3_000, part))) == [_TEXT]


@pytest.mark.parametrize("degrees", [45, 90, 135, 180, 260])
def test_a_code_is_read_however_it_is_turned(degrees: int) -> None:
    assert read_codes(_jpeg(_photo(2_000, 1_500, degrees=degrees))) == [_TEXT]


def test_a_first_look_at_little_finds_the_code_of_most_photos_and_the_last_look_all(
    photo: Image.Image,
) -> None:
    photo = photo.copy()
    photo.paste(_drawn(_OTHERS[0], 2).convert("RGB"), (100, 100))
    first, last = looks(_jpeg(photo))
    assert (first, last) == ([_TEXT], [_OTHERS[0], _TEXT])


def test_a_photo_costs_its_dots_once_and_no_colours(photo: Image.Image, tmp_path: Path) -> None:
    # 12 of them grey, and what the reader of codes takes; decoded in colours it was 96
    assert _peak(_jpeg(photo), tmp_path) < 75


def test_a_photo_of_fifty_million_dots_is_scaled_down_and_costs_no_more_than_one_of_twelve(
    large_photo: Image.Image, tmp_path: Path
) -> None:
    assert _peak(_jpeg(large_photo), tmp_path) < 110


def test_a_progressive_photo_of_fifty_million_dots_costs_its_coefficients_and_no_picture(
    large_photo: Image.Image, tmp_path: Path
) -> None:
    assert _peak(_jpeg(large_photo, progressive=True), tmp_path) < 220


def test_a_png_of_fifty_million_dots_in_colours_stands_in_memory_once(
    large_photo: Image.Image, tmp_path: Path
) -> None:
    assert _peak(_saved(large_photo, "PNG", compress_level=1), tmp_path) < 290


@pytest.mark.parametrize(
    ("kind", "width", "height"),
    [("PNG", 7_300, 7_200), ("GIF", 7_300, 7_200), ("WEBP", 4_100, 4_000)],
)
def test_more_dots_than_a_kind_may_have_are_refused_undecoded(
    kind: str, width: int, height: int
) -> None:
    large = _saved(Image.new("L", (width, height), 255), kind)
    with pytest.raises(ValueError, match="too large"):
        read_codes(large)


def test_a_jpeg_is_refused_by_what_its_header_says_it_will_cost() -> None:
    small = _jpeg(Image.new("RGB", (64, 64), "white"), progressive=True)
    frame = small.index(b"\xff\xc2") + 5
    for width, height in ((13_200, 8_000), (65_000, 65_000)):
        with pytest.raises(ValueError, match="too large"):
            read_codes(
                small[:frame]
                + height.to_bytes(2, "big")
                + width.to_bytes(2, "big")
                + small[frame + 4 :]
            )


def test_a_picture_that_goes_over_its_dots_again_and_again_is_refused() -> None:
    whole = _jpeg(Image.new("RGB", (64, 64), "white"), progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    assert read_codes(whole[:-2] + last * 20 + whole[-2:]) == []
    with pytest.raises(ValueError, match="scans"):
        read_codes(whole[:-2] + last * 40 + whole[-2:])


def test_what_a_camera_hangs_behind_a_picture_does_not_count() -> None:
    assert read_codes(_jpeg(_drawn()) + b"\xff\xda" * 100) == [_TEXT], (
        "a moving picture, whose bytes may be any"
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "JPEG"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "I;16", "CMYK"])
def test_every_kind_is_read_in_every_mode_that_it_has(kind: str, mode: str) -> None:
    code = _drawn()
    image = (
        code.point(lambda dot: dot * 257, "I").convert("I;16")
        if mode == "I;16"
        else code.convert(mode)
    )
    try:
        picture = _saved(image, kind)
    except (OSError, KeyError, ValueError):
        pytest.skip("the kind has no such mode")
    assert read_codes(picture) == [_TEXT]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("colour", ["black", "white"])
@pytest.mark.parametrize("hidden", ["black", "white"])
def test_what_is_transparent_is_read_whatever_stands_behind_it(
    kind: str, colour: str, hidden: str
) -> None:
    code = _drawn()
    image = Image.new("RGBA", code.size, hidden)
    image.putalpha(0)
    image.paste(Image.new("RGBA", code.size, colour), mask=code.point(lambda dot: 255 - dot))
    assert read_codes(
        _saved(image, kind, lossless=True, exact=True) if kind == "WEBP" else _saved(image, kind)
    ) == [_TEXT]


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
@pytest.mark.parametrize("dark", [True, False])
def test_a_transparent_colour_is_read_too(kind: str, *, dark: bool) -> None:
    code = _drawn().point(lambda dot: dot if dark else 255 - dot).convert("P")
    image = code.quantize(2)
    behind = image.getpixel((0, 0))
    assert read_codes(_saved(image, kind, transparency=behind)) == [_TEXT]


@pytest.mark.parametrize("turn", range(1, 9))
def test_codes_are_told_as_people_see_them_however_the_camera_was_held(turn: int) -> None:
    page = _page_of(_OTHERS)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = page.transpose(Image.Transpose(undo[turn])) if turn > 1 else page
    exif = Image.Exif()
    exif[0x0112] = turn
    assert read_codes(_jpeg(image, exif=exif)) == _OTHERS
    assert next(views(_jpeg(image, exif=exif), PictureKind.JPEG)).size == page.size


def _page_of(texts: list[str]) -> Image.Image:
    """The first two codes beside each other, the right one a little higher; the third below."""
    page = Image.new("L", (1_200, 1_100), 255)
    for text, at in zip(texts, [(10, 40), (600, 10), (100, 560)], strict=True):
        page.paste(_drawn(text), at)
    return page


def test_every_code_of_a_picture_is_told_once_and_in_order() -> None:
    assert read_codes(_saved(_page_of(_OTHERS), "PNG")) == _OTHERS
    assert read_codes(_saved(_page_of([_OTHERS[0], _OTHERS[1], _OTHERS[0]]), "PNG")) == _OTHERS[:2]


def _pdf(pages: list[Image.Image]) -> bytes:
    return _saved(pages[0], "PDF", save_all=True, append_images=pages[1:], resolution=200)


def test_the_codes_on_the_pages_of_a_pdf_are_told_page_by_page() -> None:
    pages = [_drawn(text) for text in _OTHERS]
    assert read_codes(_pdf(pages)) == _OTHERS
    assert read_codes(b"\r\n" + _pdf(pages)) == _OTHERS


def test_a_pdf_of_too_many_or_too_large_pages_or_none_is_bounded() -> None:
    assert read_codes(_pdf([Image.new("1", (10, 10))] * MAX_PAGES)) == []
    with pytest.raises(ValueError, match="pages"):
        read_codes(_pdf([Image.new("1", (10, 10))] * (MAX_PAGES + 1)))
    document = pypdfium2.PdfDocument.new()
    document.new_page(14_000, 14_000)
    out = io.BytesIO()
    document.save(out)
    assert read_codes(out.getvalue()) == []
    for broken in (b"%PDF-1.7", _pdf([_drawn()])[:300]):
        with pytest.raises(ValueError, match="can be read"):
            read_codes(broken)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_a_kind_that_is_not_read_is_named(brand: bytes) -> None:
    with pytest.raises(UnknownKindError, match="HEIC"):
        read_codes(b"\0\0\0\x18ftyp" + brand + bytes(64))
    with pytest.raises(UnknownKindError, match="TIFF"):
        read_codes(_saved(_drawn(), "TIFF"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "PDF"])
def test_a_broken_picture_is_refused_and_nothing_else_happens(kind: str) -> None:
    whole = _pdf([_drawn()]) if kind == "PDF" else _saved(_drawn(), kind)
    for cut in (4, 12, 20, 30, 60, len(whole) // 2):
        try:
            read_codes(whole[:cut])
        except ValueError:
            continue
    for place in range(8, min(len(whole), 400), 3):
        try:
            read_codes(whole[:place] + bytes((whole[place] ^ 0xFF,)) + whole[place + 1 :])
        except ValueError:
            continue


def test_a_view_is_never_larger_than_codes_are_sought_in() -> None:
    for size in ((4_001, 4_000), (8_160, 6_144), (51_000_000, 1), (1, 51_000)):
        (view,) = views(_saved(Image.new("1", size), "PNG"), PictureKind.PNG)
        assert view.width * view.height <= MAX_DOTS
