"""Rate limits in each store, and whose address is counted."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.requests import Request

from services.chassis.errors import ServiceError, TransientError
from services.chassis.limits import RateLimits, Refusal, client_address

_REFUSAL = Refusal("TOO_MANY", "Quá nhiều.", "Too many.")
_SERVER = shutil.which("valkey-server") or shutil.which("redis-server")


def _limits(counters: str) -> RateLimits:
    return RateLimits(counters, {"address": "3 per minute"}, _REFUSAL)


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a Redis or Valkey of this test alone."""
    if _SERVER is None:
        reason = "neither Valkey nor Redis is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    socket = tmp_path / "redis.sock"
    options = ("--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path))
    server = subprocess.Popen([_SERVER, *options], stdout=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(20):
            while not socket.exists():
                assert server.poll() is None, "the server does not start"
                await asyncio.sleep(0.01)
        yield f"async+redis+unix://{socket}"
    finally:
        server.terminate()
        server.wait()


async def _asks(*processes: RateLimits) -> list[bool]:
    who = str(uuid4())
    return [await processes[turn % len(processes)].count("address", who) for turn in range(5)]


async def test_each_process_counts_for_itself_in_memory() -> None:
    assert await _asks(_limits("async+memory://")) == [True] * 3 + [False] * 2
    assert await _asks(_limits("async+memory://"), _limits("async+memory://")) == [True] * 5


async def test_processes_that_name_one_store_count_together(shared: str) -> None:
    first, second = _limits(shared), _limits(shared)
    assert await _asks(first, second) == [True] * 3 + [False] * 2
    with pytest.raises(ServiceError) as refused:
        for _ in range(4):
            await first.admit("address", "somebody")
    assert refused.value.status == 429
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
    with pytest.raises(ServiceError):
        await second.require_room("address", "somebody")


async def test_a_shared_store_can_be_named_and_one_that_is_away_is_waited_for() -> None:
    away = _limits("async+redis://127.0.0.1:9")
    for ask in (away.admit("address", "somebody"), away.require_room("address", "somebody")):
        with pytest.raises(TransientError):
            await ask


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ([], "192.0.2.1"),
        (["203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1", "203.0.113.7"], "203.0.113.7"),  # a proxy that adds a line of its own
    ],
)
def test_the_address_is_what_the_nearest_proxy_wrote(sent: list[str], address: str) -> None:
    headers = [(b"x-forwarded-for", one.encode()) for one in sent]
    request = Request({"type": "http", "headers": headers, "client": ("192.0.2.1", 4711)})
    assert client_address(request, "X-Forwarded-For") == address
    assert client_address(request, None) == "192.0.2.1"
