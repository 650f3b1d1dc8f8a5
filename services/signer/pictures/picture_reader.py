"""Reads the codes of pictures that people send, in two processes apart.

A picture costs time and memory by what is in it, and its decoder may be attacked. Every picture
first gets little of both; nearly all need no more. What is left goes to the second process, and
costs the others nothing.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from services.chassis.errors import TransientError
from services.chassis.limits import RateLimits
from services.signer import errors
from services.signer.pictures.arrivals import Arrivals, ArrivingPicture, NoRoomError
from services.signer.pictures.fair_queue import FairQueue, QueueFullError, RecentUse
from services.signer.pictures.picture_process import (
    CostlyPictureError,
    PictureBudget,
    PictureProcess,
)
from services.signer.settings import VerifySettings

QUICK = PictureBudget(cpu_s=0.2, memory=160_000_000, deadline_s=5.0, spare=True)
"""A photo of twelve million dots takes a third of it."""
PATIENT = PictureBudget(cpu_s=2.5, memory=352_000_000, deadline_s=15.0, niceness=10)
"""The costliest picture within the bounds of its kind that is not hostile takes a fifth of it."""
MAX_PICTURE = 30_000_000
"""Bytes of the largest picture."""
_HELD_BYTES = 64_000_000
_PLACES, _PLACES_EACH = 32, 8


class _Lane:
    """One process, and the queue before it."""

    def __init__(self, budget: PictureBudget, use: RecentUse) -> None:
        self.child = PictureProcess(budget)
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._queue = FairQueue(use, _PLACES, _PLACES_EACH)

    async def read(self, picture: ArrivingPicture, *, partly: bool) -> list[str]:
        async with self._queue.turn(picture.who):
            if picture.dropped:
                raise QueueFullError
            # from here on its bytes are in use
            picture.is_read = True
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, partial(self.child.read, picture.content, partly=partly)
            )


class PictureReader:
    """Takes pictures in and reads them; of several people's the one goes first who asked for the
    least lately.
    """

    def __init__(self, cfg: VerifySettings, counters: str) -> None:
        limits = {"pictures": cfg.pictures_per_address}
        self._limits = RateLimits(counters, limits, errors.TOO_MANY_PICTURES)
        use = RecentUse()
        self._quick, self._patient = _Lane(QUICK, use), _Lane(PATIENT, use)
        self.arrivals = Arrivals(_HELD_BYTES)

    @property
    def children(self) -> tuple[PictureProcess, PictureProcess]:
        """Those who read, the quick and the patient."""
        return self._quick.child, self._patient.child

    async def admit(self, who: str) -> None:
        """Counts one picture; ServiceError 429 with Retry-After where `who` sent too many.

        Nobody is refused where the counters do not answer: a passport must be verifiable, and what
        a picture may cost is bounded without them.
        """
        with suppress(TransientError):
            await self._limits.admit("pictures", who)

    def take(self, picture: ArrivingPicture, part: bytes) -> None:
        """Takes a part that has come; ServiceError 413 where the picture is too large, 503 where
        there is no room.
        """
        if len(picture.content) + len(part) > MAX_PICTURE:
            raise errors.body_too_large(MAX_PICTURE)
        try:
            picture.add(part)
        except NoRoomError as error:
            raise errors.too_many_pictures_wait() from error

    async def read(self, picture: ArrivingPicture) -> list[str]:
        """The texts of the QR codes, as of `read_codes`; ServiceError 503 where too many wait.

        ValueError also where it costs more time or memory than a picture may.
        """
        try:
            try:
                return await self._quick.read(picture, partly=False)
            except CostlyPictureError:
                return await self._patient.read(picture, partly=True)
        except QueueFullError as error:
            raise errors.too_many_pictures_wait() from error
