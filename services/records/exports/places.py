"""How many files are given at a time, and how their rows are read.

Rows are read page by page, each page in a short transaction of its own: nothing is held while a
client takes its time. A page shows its rows as they are when it is read, and none comes twice.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends

from contracts.access import sender_of
from services.chassis.auth import Allow, Principal
from services.chassis.context import held_context
from services.chassis.db import Database, Transaction
from services.records.exports.errors import too_many_exports
from services.records.settings import ExportSettings

Row = TypeVar("Row")
PAGE: Final = 1000
"""Rows that are read at a time, so that memory stays flat."""


class ExportPlaces:
    """The places of files that are being given in this process."""

    def __init__(self, cfg: ExportSettings) -> None:
        self._cfg = cfg
        self._taken: Counter[str] = Counter()
        self._reading = asyncio.Semaphore(cfg.pages_at_once)

    @contextmanager
    def hold(self, who: str) -> Iterator[None]:
        """Takes a place for the block; ServiceError 429 where the caller, or everybody, has too
        many.
        """
        if self._taken[who] >= self._cfg.per_caller or self._taken.total() >= self._cfg.at_once:
            raise too_many_exports(self._cfg.per_caller)
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]

    async def rows(
        self,
        db: Database,
        read: Callable[[Transaction, int], Awaitable[Sequence[Row]]],
        key: Callable[[Row], int],
    ) -> AsyncIterator[Row]:
        """All rows in the order of `key`; `read` answers the page after a key, and an empty one at
        the end.

        Files take a few connections at a time, so that other requests always find some.
        """
        after = 0
        while True:
            async with self._reading, db.begin() as tx:
                page = await read(tx, after)
            if not page:
                return
            for row in page:
                yield row
            after = key(page[-1])


def exporting(guard: Allow) -> Callable[..., AsyncIterator[Principal]]:
    """The dependency of a route that gives a file: its caller, let in by `guard`.

    It holds a place until the last byte has left, or the client has.
    """

    async def placed(
        context: Annotated[Any, Depends(held_context)], caller: Annotated[Principal, Depends(guard)]
    ) -> AsyncIterator[Principal]:
        with context.exports.hold(sender_of(caller)):
            yield caller

    return placed
