"""The parent's end of a process that reads pictures (`child`): starts it, asks it, and starts
another where one has ended.
"""

import json
import os
import subprocess
import sys
import weakref
from threading import Timer
from typing import Any, NamedTuple

import structlog

from services.signer.pictures.child import LENGTH
from services.signer.pictures.kinds import UnknownKindError

_log = structlog.get_logger()

_PICTURES = 500
"""After so many pictures another process takes its place, so that no decoder's leak lasts."""


class CostlyPictureError(ValueError):
    """A picture took more time or memory than it may."""


class PictureBudget(NamedTuple):
    """What one picture may cost: seconds of CPU, bytes of data, and seconds by the clock.

    `niceness`: how far everything else goes before it where the machine is busy, up to 19. `spare`:
    whether a second process stands by, since starting takes as long as reading a photo.
    """

    cpu_s: float
    memory: int
    deadline_s: float
    niceness: int = 0
    spare: bool = False


class _Child:
    """One process; it ends with this object at the latest."""

    def __init__(self, budget: PictureBudget) -> None:
        command = [sys.executable, "-m", "services.signer.pictures.child"]
        self.process = subprocess.Popen(  # noqa: S603
            [*command, *map(str, (budget.cpu_s, budget.memory, budget.niceness))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # where to find the code, and nothing else of ours: what is in the environment may be
            # secret
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.left = _PICTURES
        self.end = weakref.finalize(self, _stop, self.process)


class PictureProcess:
    """The process, started when the first picture comes and again whenever it was ended."""

    def __init__(self, budget: PictureBudget) -> None:
        self.budget = budget
        self._child: _Child | None = None
        self._spare: _Child | None = None

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The process, where one was started."""
        return self._child.process if self._child else None

    def read(self, picture: bytes | bytearray, *, partly: bool = True) -> list[str]:
        """The texts of the QR codes, as of `read_codes`; CostlyPictureError where the budget is
        spent before any was found.

        `partly`: where it is spent, what was found until then will do.
        """
        child = self._running()
        process = child.process
        texts: list[str] = []
        watch = Timer(self.budget.deadline_s, process.kill)
        watch.start()
        try:
            _send(process, picture)
            while not (answer := _received(process)).get("last"):
                texts = answer["codes"]
        except (OSError, EOFError) as error:
            _log.warning("picture_reader_ended", bytes=len(picture), codes=len(texts))
            self._end()
            if partly and texts:
                return texts
            raise CostlyPictureError("the picture costs too much to read") from error
        finally:
            watch.cancel()
        child.left -= 1
        if not child.left:
            self._end()
        if "codes" in answer:
            return [str(text) for text in answer["codes"]]
        if answer["refused"] == "costly":
            raise CostlyPictureError("the picture costs too much to read")
        if answer["refused"] == "unreadable":
            raise ValueError("not a picture that can be read")
        raise UnknownKindError(answer["refused"])

    def close(self) -> None:
        """Ends what runs of it."""
        for child in (self._child, self._spare):
            if child is not None:
                child.end()
        self._child = self._spare = None

    def _running(self) -> _Child:
        if self._child is None or self._child.process.poll() is not None:
            self._end()
            self._child = self._spare or _Child(self.budget)
            self._spare = _Child(self.budget) if self.budget.spare else None
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
        self._child = None


def _send(process: subprocess.Popen[bytes], picture: bytes | bytearray) -> None:
    assert process.stdin
    process.stdin.write(len(picture).to_bytes(LENGTH, "big"))
    process.stdin.write(picture)
    process.stdin.flush()


def _received(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout
    length = int.from_bytes(_exactly(process.stdout.read(LENGTH), LENGTH), "big")
    answer: dict[str, Any] = json.loads(_exactly(process.stdout.read(length), length))
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
