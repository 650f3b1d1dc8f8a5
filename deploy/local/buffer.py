"""Bytes on their way through the gateway: a few in memory, more in a file without a name.

So a slow sender holds no part of the system, nor does a slow reader.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, Final

IN_MEMORY: Final = 1 << 16
"""Bytes of one body that stay in memory."""
_PART = 1 << 18


class BufferFullError(Exception):
    """There is no room for more bytes just now."""


@dataclass(slots=True)
class BufferSpace:
    """How many bytes and files all buffers may have on disk together."""

    bytes_left: int
    files_left: int

    def take(self, size: int, files: int) -> None:
        """Takes room; BufferFullError where there is not enough."""
        if size > self.bytes_left or files > self.files_left:
            raise BufferFullError
        self.bytes_left -= size
        self.files_left -= files

    def give(self, size: int, files: int) -> None:
        """Gives room back."""
        self.bytes_left += size
        self.files_left += files


class Buffer:
    """One body; whoever reads may begin before it is whole.

    Files are written and read within the loop: the machine's page cache takes such small parts at
    once.
    """

    def __init__(self, space: BufferSpace) -> None:
        self._space = space
        self._file: IO[bytes] | None = None
        # of the file: how much is taken of the space, is filled, and was read
        self._taken = self._filled = self._read = 0
        # what comes behind the file's bytes
        self._tail = bytearray()
        self._more, self._drained = asyncio.Event(), asyncio.Event()
        self._is_whole = False
        self._error: Exception | None = None
        self.size = 0

    def write(self, part: bytes) -> None:
        """Adds bytes; BufferFullError where there is no room, and then they are not added."""
        if self._tail and len(self._tail) + len(part) > IN_MEMORY:
            self._spill()
        self._tail += part
        self.size += len(part)
        self._more.set()

    def end(self, error: Exception | None = None) -> None:
        """Says that nothing more comes, or why not; the reader meets the error at that place."""
        self._is_whole, self._error = True, error
        self._more.set()

    async def drained(self) -> None:
        """Returns once the reader has taken what is in memory."""
        while self._tail:
            self._drained.clear()
            await self._drained.wait()

    async def parts(self) -> AsyncIterator[bytes]:
        """The bytes, as they come; each is given once."""
        while True:
            if self._read < self._filled:
                assert self._file is not None
                size = min(_PART, self._filled - self._read)
                part = os.pread(self._file.fileno(), size, self._read)
                self._read += len(part)
                yield part
            elif self._tail:
                part, self._tail = bytes(self._tail), bytearray()
                self._drained.set()
                yield part
            elif self._is_whole:
                if self._error is not None:
                    raise self._error
                return
            else:
                self._more.clear()
                await self._more.wait()

    def close(self) -> None:
        """Forgets the bytes, and gives their room back."""
        if self._file is not None:
            self._file.close()
            self._space.give(self._taken, 1)
            self._file, self._taken = None, 0
        self._tail = bytearray()

    def _spill(self) -> None:
        """Moves what is in memory to the file, over what was read where all of it was."""
        if self._read == self._filled:
            self._read = self._filled = 0
        end = self._filled + len(self._tail)
        if self._file is None:
            self._space.take(end, 1)
            self._file, self._taken = tempfile.TemporaryFile(), end  # noqa: SIM115
        elif end > self._taken:
            self._space.take(end - self._taken, 0)
            self._taken = end
        try:
            written = os.pwrite(self._file.fileno(), self._tail, self._filled)
        except OSError as error:
            raise BufferFullError from error
        if written < len(self._tail):
            raise BufferFullError
        self._filled, self._tail = end, bytearray()
