"""Reads the codes of pictures that people send: one at a time, in a process apart.

A picture costs memory by its dots, and its decoder may be attacked.
"""

import asyncio
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Timer

import structlog

from services.signer import errors
from services.signer.pictures.child import LENGTH
from services.signer.pictures.kinds import UnknownKindError

_log = structlog.get_logger()

_PLACES = 8
_HELD_BYTES = 96_000_000
"""Most bytes of pictures that are being sent or wait, all together."""
_DEADLINE_S = 10.0
_PICTURES = 500
"""After so many pictures another process takes its place, so that no decoder's leak lasts."""


class PicturePlace:
    """Room for one picture that is being received."""

    def __init__(self, reader: "PictureReader") -> None:
        self._reader = reader
        self.held_bytes = 0

    def hold(self, size: int) -> None:
        """Makes room for `size` bytes more; ServiceError 503 where the others fill it."""
        if self._reader.held_bytes + size > _HELD_BYTES:
            raise errors.too_many_pictures_wait()
        self._reader.held_bytes += size
        self.held_bytes += size


class PictureReader:
    """One process that reads pictures, and a few places for those that are being sent or wait for
    it.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "pictures")
        self.child = PictureProcess(_DEADLINE_S)
        self._taken = 0
        self.held_bytes = 0

    @contextmanager
    def place(self) -> Iterator[PicturePlace]:
        """Holds a place while a picture is received and read; ServiceError 503 with Retry-After
        where all are taken.
        """
        if self._taken >= _PLACES:
            raise errors.too_many_pictures_wait()
        self._taken += 1
        place = PicturePlace(self)
        try:
            yield place
        finally:
            self._taken -= 1
            self.held_bytes -= place.held_bytes

    async def read(self, picture: bytes) -> list[str]:
        """The texts of the QR codes, as of `pictures.read`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self.child.read, picture
        )


class PictureProcess:
    """The process, started when the first picture comes and again whenever it was ended."""

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self.process: subprocess.Popen[bytes] | None = None
        self._left = 0
        self._at_exit: weakref.finalize | None = None  # type: ignore[type-arg]

    def read(self, picture: bytes) -> list[str]:
        """The texts in `picture`; ValueError also where it costs more time or memory than a picture
        may.
        """
        process = self._running()
        watch = Timer(self.deadline_s, process.kill)
        watch.start()
        try:
            answer = _ask(process, picture)
        except (OSError, EOFError) as error:
            _log.warning("picture_reader_ended", bytes=len(picture))
            self._end()
            raise ValueError("the picture costs too much to read") from error
        finally:
            watch.cancel()
        self._left -= 1
        if not self._left:
            self._end()
        if "codes" in answer:
            return [str(text) for text in answer["codes"]]
        raise (
            ValueError("not a picture that can be read")
            if answer["refused"] == "unreadable"
            else UnknownKindError(answer["refused"])
        )

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self._end()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.signer.pictures.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                # where to find the code, and nothing else of ours: what is in the environment may
                # be secret
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
            self._at_exit = weakref.finalize(self, _stop, self.process)
            self._left = _PICTURES
        return self.process

    def _end(self) -> None:
        if self._at_exit is not None:
            self._at_exit()
        self.process = self._at_exit = None


def _ask(process: subprocess.Popen[bytes], picture: bytes) -> dict[str, list[str] | str]:
    assert process.stdin and process.stdout
    process.stdin.write(len(picture).to_bytes(LENGTH, "big"))
    process.stdin.write(picture)
    process.stdin.flush()
    length = int.from_bytes(_exactly(process.stdout.read(LENGTH), LENGTH), "big")
    answer: dict[str, list[str] | str] = json.loads(_exactly(process.stdout.read(length), length))
    return answer


def _exactly(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise EOFError("the process ended")
    return content


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe:
                pipe.close()
        except OSError:
            # what was written last did not go out
            continue
    process.wait()
