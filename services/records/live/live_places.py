"""How many batches are watched at a time."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.errors import ServiceError
from services.records.settings import LiveSettings


class LivePlaces:
    """The streams that this process tells, and how many of them look at a time."""

    def __init__(self, cfg: LiveSettings) -> None:
        self.cfg = cfg
        self._taken: Counter[str] = Counter()
        self.looking = asyncio.Semaphore(cfg.looks_at_once)

    @contextmanager
    def hold(self, who: str) -> Iterator[None]:
        """Takes a place for the block; ServiceError 429 where the caller, or everybody, has too
        many.
        """
        if self._taken[who] >= self.cfg.per_caller or self._taken.total() >= self.cfg.at_once:
            raise _too_many_streams(self.cfg.per_caller)
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]


def _too_many_streams(per_caller: int) -> ServiceError:
    return ServiceError(
        429,
        "TOO_MANY_STREAMS",
        f"Đang theo dõi quá nhiều lô cùng lúc (mỗi bên tối đa {per_caller}); hãy đóng bớt.",
        f"Too many batches are watched at the same time (at most {per_caller} a caller); close"
        " some.",
        headers={"Retry-After": "10"},
    )
