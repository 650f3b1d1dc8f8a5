"""Whoever sends a picture has its code read: one picture at a time, because each costs memory by its dots and not by its bytes."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from services.chassis.errors import ServiceError
from services.signer import pictures

_PLACES = 8


class PictureReader:
    """One thread that reads pictures, and a few places for those that are being sent or wait for it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._taken = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Holds a place while a picture is received and read; ServiceError 503 with Retry-After where all are taken."""
        if self._taken >= _PLACES:
            raise ServiceError(
                503, "TRY_AGAIN", "Đang có nhiều ảnh chờ đọc; hãy thử lại sau, hoặc gửi nội dung mã QR thay cho ảnh.",
                "Many pictures are waiting; try again later, or send the code's text instead.", headers={"Retry-After": "5"},
            )  # fmt: skip
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def read(self, picture: bytes) -> list[str]:
        """The texts of the QR codes, as of `pictures.read`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, pictures.read, picture)
