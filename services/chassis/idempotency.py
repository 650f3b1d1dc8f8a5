"""`Idempotency-Key`: the same write sent twice is done once, and its first answer is given again.

A session-level advisory lock holds the key while the write runs, so a crash frees it at once. The
transaction that finishes the write stores the answer. Given again it says so by a header. The same
key with another body is refused (422), and while the first is running (409). Where a lock was lost
with its connection and two writes run at once, the transaction that would store the second answer
fails.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    delete,
    func,
    insert,
    select,
)

from services.chassis import replays
from services.chassis.bus.codec import number
from services.chassis.db import Database, Transaction
from services.chassis.errors import ServiceError

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=8, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+$"),
]


def idempotency_table(metadata: MetaData) -> Table:
    """The table of answers given, by (caller, route, key) as one hash."""
    return Table(
        "idempotency",
        metadata,
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("fingerprint", LargeBinary, nullable=False),
        # told nothing that the route does not; a process of an older release still writes it
        Column("status", Integer),
        Column("body", JSON, nullable=False),
        Column(
            "at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True
        ),
    )


@dataclass(slots=True)
class Claim:
    """A key held for one write; `answer` is what an earlier write with it was told, behind the
    fingerprint of that write's body.
    """

    key: int
    table: Table
    answer: tuple[bytes, Any] | None

    def replay(self, fingerprint: bytes) -> Any:
        """The earlier answer; ServiceError 422 if this body is not the one it was given for."""
        assert self.answer is not None
        of, body = self.answer
        if fingerprint != of:
            raise ServiceError(
                422, "IDEMPOTENCY_KEY_REUSED",
                "Idempotency-Key đã dùng cho nội dung khác; hãy dùng khóa mới.",
                "This Idempotency-Key was used with another body; take a new key.",
            )  # fmt: skip
        replays.notice()
        return body

    async def store(self, tx: Transaction, fingerprint: bytes, body: Any) -> None:
        """Keeps the answer, in the transaction that finishes the write."""
        await tx.execute(
            insert(self.table).values(key=self.key, fingerprint=fingerprint, body=body)
        )


class Idempotency:
    """Hands out claims on keys."""

    def __init__(self, db: Database, table: Table) -> None:
        self._db = db
        self._table = table

    @asynccontextmanager
    async def claim(self, caller: str, route: str, key: str | None) -> AsyncIterator[Claim | None]:
        """Holds `key` for the block; None where the caller sent none; ServiceError 409 while
        another request holds it.
        """
        if key is None:
            yield None
            return
        hashed = number(caller, route, key)
        async with self._db.lock(hashed) as held:
            if not held:
                raise ServiceError(
                    409, "REQUEST_IN_PROGRESS", "Yêu cầu này đang được xử lý, hãy chờ.",
                    "This request is still being worked on; wait and ask again.",
                    headers={"Retry-After": "2"},
                )  # fmt: skip
            async with self._db.begin() as tx:
                row = (
                    await tx.execute(select(self._table).where(self._table.c.key == hashed))
                ).one_or_none()
            yield Claim(hashed, self._table, (row.fingerprint, row.body) if row else None)

    async def purge(self, now: datetime, keep: timedelta = timedelta(days=7)) -> None:
        """Forgets answers older than `keep`."""
        async with self._db.begin() as tx:
            await tx.execute(delete(self._table).where(self._table.c.at < now - keep))
