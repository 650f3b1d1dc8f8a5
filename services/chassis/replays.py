"""Tells who asks that an answer is no news: it was given before for the same `Idempotency-Key`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

HEADER: Final = "Idempotency-Replayed"
_noticed: ContextVar[list[bool] | None] = ContextVar("noticed", default=None)


@contextmanager
def noticing() -> Iterator[list[bool]]:
    """Gathers, within the block, whether the request is answered as an earlier one was."""
    noticed: list[bool] = []
    token = _noticed.set(noticed)
    try:
        yield noticed
    finally:
        _noticed.reset(token)


def notice() -> None:
    """What the request asks for was done before, and nothing is done again."""
    if (noticed := _noticed.get()) is not None:
        noticed.append(True)


def headers(noticed: list[bool], status: int) -> tuple[tuple[bytes, bytes], ...]:
    """The header; none where the answer is news, or a refusal."""
    return ((HEADER.lower().encode(), b"true"),) if noticed and status < 400 else ()
