"""How much a caller may still ask, told with the answer: the headers `RateLimit` and
`RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).

Told is what is counted of the caller or its address alone. What is counted of somebody else, whom
it asks about, would tell whether others ask as well.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Allowance(NamedTuple):
    """A limit's name, its amount within so many seconds, what is left, and when it begins anew."""

    name: str
    quota: int
    window_s: int
    left: int
    again_at: float


_told: ContextVar[list[Allowance] | None] = ContextVar("allowances", default=None)


@contextmanager
def telling() -> Iterator[list[Allowance]]:
    """Gathers the allowances of one request, within the block."""
    told: list[Allowance] = []
    token = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(token)


def tell(allowance: Allowance) -> None:
    """Tells one; the last word on a limit counts."""
    if (told := _told.get()) is not None:
        told.append(allowance)


def headers(told: list[Allowance]) -> tuple[tuple[bytes, bytes], ...]:
    """The two headers; none where no limit applied."""
    last = {one.name: one for one in told}.values()
    if not last:
        return ()
    now = time.time()
    policy = ", ".join(f'"{one.name}";q={one.quota};w={one.window_s}' for one in last)
    state = ", ".join(
        f'"{one.name}";r={max(0, one.left)};t={max(0, math.ceil(one.again_at - now))}'
        for one in last
    )
    return (b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())
