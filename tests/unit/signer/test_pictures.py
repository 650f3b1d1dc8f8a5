"""Codes are read from what telephones send, and no picture costs more than its size allows."""

import asyncio
import io
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from services.chassis.errors import ServiceError
from services.signer import pictures
from services.signer.reader import PictureReader

# 560 signs, as a certificate has
_TEXT = "HC1:" + "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[at * at * 7 % 45] for at in range(556))


def _jpeg(image: Image.Image, **how: bool) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, **how)
    return out.getvalue()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A page held before a camera of 12 million dots: the code a third of its height, a little turned and blurred by enlarging."""
    code = Image.open(io.BytesIO(pictures.png(_TEXT, 4))).convert("RGB")
    turned = code.resize((1_000, 1_000), Image.Resampling.BICUBIC).rotate(7, Image.Resampling.BICUBIC, expand=True, fillcolor="#ccc")
    table = Image.linear_gradient("L").resize((4_000, 3_000)).convert("RGB")
    table.paste(turned, (1_700, 900))
    return table


@pytest.mark.parametrize("progressive", [False, True])
def test_a_code_is_read_from_a_photo_of_twelve_million_dots(photo: Image.Image, *, progressive: bool) -> None:
    assert pictures.read(_jpeg(photo, progressive=progressive)) == [_TEXT]


def test_a_photo_costs_its_dots_once_and_no_colours(photo: Image.Image, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(_jpeg(photo))
    measure = (
        "import sys, resource; from services.signer import pictures; picture = open(sys.argv[1], 'rb').read()\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; before = peak()\n"
        "assert pictures.read(picture); print((peak() - before) // 1024)"
    )
    told = subprocess.run([sys.executable, "-c", measure, tmp_path / "photo.jpg"], check=True, capture_output=True, text=True)
    # 12 of them grey, and what the reader of codes takes; decoded in colours it was 96
    assert int(told.stdout) < 75


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_more_than_sixteen_million_dots_are_refused_unread(kind: str) -> None:
    large = io.BytesIO()
    Image.new("L", (4_100, 4_000), 255).save(large, kind)
    with pytest.raises(ValueError, match="can be read"):
        pictures.read(large.getvalue())


def test_a_picture_that_goes_over_its_dots_again_and_again_is_refused() -> None:
    whole = _jpeg(Image.new("RGB", (64, 64), "white"), progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    assert pictures.read(whole[:-2] + last * 20 + whole[-2:]) == []
    with pytest.raises(ValueError, match="scans"):
        pictures.read(whole[:-2] + last * 40 + whole[-2:])


async def test_one_picture_is_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, most = threading.Semaphore(1), []

    def read(picture: bytes) -> list[str]:
        alone = reading.acquire(blocking=False)
        most.append(alone)
        threading.Event().wait(0.02)
        if alone:
            reading.release()
        return [picture.decode()]

    monkeypatch.setattr(pictures, "read", read)
    reader = PictureReader()
    told = await asyncio.gather(*(reader.read(b"%d" % at) for at in range(5)))
    assert told == [[str(at)] for at in range(5)]
    assert most == [True] * 5


def test_who_finds_no_place_is_asked_to_come_again() -> None:
    reader = PictureReader()
    places = [reader.place() for _ in range(9)]
    for place in places[:8]:
        place.__enter__()
    with pytest.raises(ServiceError) as refused, places[8]:
        pass
    assert (refused.value.status, refused.value.code) == (503, "TRY_AGAIN")
    assert int(refused.value.headers["Retry-After"]) > 0
    places[0].__exit__(None, None, None)
    with reader.place():
        pass
