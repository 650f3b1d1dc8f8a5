"""A camera that films one picture, for Chromium's `--use-file-for-fake-video-capture`."""

from io import BytesIO
from pathlib import Path

import segno
from PIL import Image

_WIDTH, _HEIGHT = 640, 480


def film(code: str, file: Path) -> Path:
    """Writes a Y4M film of one frame: the code in the middle of a grey picture."""
    picture = Image.new("L", (_WIDTH, _HEIGHT), 190)
    drawn_as = BytesIO()
    segno.make_qr(code, error="m").save(drawn_as, kind="png", scale=8)
    with Image.open(drawn_as) as drawn:
        side = _HEIGHT - 20
        picture.paste(drawn.convert("L").resize((side, side)), ((_WIDTH - side) // 2, 10))
    grey = bytes([128]) * (_WIDTH * _HEIGHT // 4)
    head = f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F30:1 Ip A1:1 C420jpeg\n".encode()
    file.write_bytes(head + b"FRAME\n" + picture.tobytes() + grey + grey)
    return file


def arguments(film: Path) -> list[str]:
    """Chromium's arguments for a camera that shows the film and needs no permission."""
    return [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
