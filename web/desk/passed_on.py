"""A file of a form on its way to a service: never whole in memory."""

from collections.abc import AsyncIterator
from typing import Final

from starlette.datastructures import UploadFile

_PIECE: Final = 256 << 10


class PassedOn:
    """What a client sends piece by piece, from where the form's file was spooled."""

    def __init__(self, file: UploadFile) -> None:
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await self._file.seek(0)
        while piece := await self._file.read(_PIECE):
            yield piece
