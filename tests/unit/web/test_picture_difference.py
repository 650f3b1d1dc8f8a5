"""Screenshots are compared as eyes do."""

from pathlib import Path

from PIL import Image, ImageDraw

from tests.support.picture_difference import marked, share_that_differs


def page(file: Path, words: str = "Hộ chiếu", shift: int = 0) -> Path:
    picture = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(picture).text((20 + shift, 40), words.encode("ascii", "replace"), fill="#1b2540")
    picture.save(file)
    return file


def test_the_same_page_does_not_differ(tmp_path: Path) -> None:
    before, after = page(tmp_path / "a.png"), page(tmp_path / "b.png")
    assert share_that_differs(before, after) == 0


def test_another_word_differs_and_is_marked_where_it_stands(tmp_path: Path) -> None:
    before, after = page(tmp_path / "a.png"), page(tmp_path / "b.png", "another word of the page")
    assert 0.0005 < share_that_differs(before, after) < 0.1
    picture = marked(before, after)
    crimson = [
        (x, y) for x in range(400) for y in range(300) if picture.getpixel((x, y)) == (165, 28, 36)
    ]
    assert crimson and max(y for _, y in crimson) < 80


def test_a_shade_that_nobody_sees_does_not_differ(tmp_path: Path) -> None:
    before = page(tmp_path / "a.png")
    after = tmp_path / "b.png"
    Image.open(before).point([max(0, value - 6) for value in range(256)] * 3).save(after)
    assert share_that_differs(before, after) == 0


def test_another_height_differs_wholly(tmp_path: Path) -> None:
    before = page(tmp_path / "a.png")
    after = tmp_path / "b.png"
    Image.open(before).resize((400, 310)).save(after)
    assert share_that_differs(before, after) == 1
