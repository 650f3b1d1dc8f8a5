"""Rate limits in each store, and whose address is counted."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.requests import Request

from services.chassis.errors import ServiceError, TransientError
from services.chassis.limits import (
    AmountLimits,
    GrowingDelays,
    LimitRefusal,
    RateLimits,
    VarietyLimits,
    client_address,
    growing_delay,
)

_REFUSAL = LimitRefusal("TOO_MANY", "Quá nhiều.", "Too many.")
_SERVER = shutil.which("valkey-server") or shutil.which("redis-server")


def _limits(counters: str) -> RateLimits:
    return RateLimits(counters, {"address": "3 per minute"}, _REFUSAL)


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a Redis or Valkey of this test alone."""
    async with _store(tmp_path) as address:
        yield address


@asynccontextmanager
async def _store(tmp_path: Path, *more: str) -> AsyncIterator[str]:
    if _SERVER is None:
        reason = "neither Valkey nor Redis is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    socket = tmp_path / "redis.sock"
    options = (
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(tmp_path),
        *more,
    )
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


async def test_a_store_is_opened_with_the_password_of_a_file(tmp_path: Path) -> None:
    password = "p@ss/word:?%41"
    (tmp_path / "password").write_text(f"{password}\n")
    (tmp_path / "wrong").write_text("another\n")
    async with _store(tmp_path, "--requirepass", password) as address:
        known = _limits(f"{address}?password_file={tmp_path / 'password'}")
        assert await _asks(known) == [True] * 3 + [False] * 2
        for unknown in (_limits(address), _limits(f"{address}?password_file={tmp_path / 'wrong'}")):
            with pytest.raises(TransientError) as refused:
                await unknown.count("address", "somebody")
            assert "another" not in str(refused.value)
    with pytest.raises(FileNotFoundError):
        _limits(f"async+redis://counters:6379?password_file={tmp_path / 'missing'}")


async def test_who_asks_for_more_than_there_is_room_for_uses_up_what_there_is() -> None:
    limits = _limits("async+memory://")
    assert await limits.use_up("address", "somebody", 2)
    assert await limits.use_up("address", "somebody", 0)
    assert not await limits.use_up("address", "somebody", 500)
    assert not await limits.has_room("address", "somebody")


async def test_what_is_tried_again_is_not_counted_again_and_what_was_refused_is_refused_again(
    shared: str,
) -> None:
    await _tries_of_two_doors("async+memory://")
    await _tries_of_two_doors(shared)


async def _tries_of_two_doors(counters: str) -> None:
    limits = VarietyLimits(counters, {"door": "2 per day", "house": "3 per day"}, _REFUSAL)

    async def tries(key: str, door: str = "front") -> str | None:
        return await limits.count("somebody", f"{key} {door}", {"door": door, "house": "ours"})

    assert [await tries(key) for key in "aabba"] == [None] * 5
    assert [await tries(key) for key in "cca"] == ["door", "door", None]
    assert [await tries(key, "back") for key in "ab"] == [None, "house"]
    assert await limits.count("another", "c front", {"door": "front", "house": "ours"}) is None
    refused = await limits.refused("somebody", "door", "front", errors=[{"code": "X"}])
    assert (refused.status, refused.code, refused.members) == (
        429,
        "TOO_MANY",
        {"errors": [{"code": "X"}]},
    )
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400


async def test_a_shared_store_can_be_named_and_one_that_is_away_is_waited_for() -> None:
    away = _limits("async+redis://127.0.0.1:9")
    variety = VarietyLimits("async+redis://127.0.0.1:9", {"door": "2 per day"}, _REFUSAL)
    for ask in (
        away.admit("address", "somebody"),
        away.require_room("address", "somebody"),
        variety.count("somebody", "a", {"door": "front"}),
    ):
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


def test_a_delay_grows_to_an_hour_and_no_further() -> None:
    assert [growing_delay(tries) for tries in (0, 1, 2, 5, 6, 7, 1_000)] == [
        60, 120, 240, 1_920, 3_600, 3_600, 3_600,
    ]  # fmt: skip


async def _admitted(delays: GrowingDelays, subject: str) -> bool:
    try:
        await delays.admit("person", subject)
    except ServiceError as refused:
        assert refused.status == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 3_600
        return False
    return True


async def test_after_the_free_tries_the_next_ones_wait_in_every_process(shared: str) -> None:
    first, second = (GrowingDelays(shared, "3 per day", _REFUSAL) for _ in range(2))
    subject = str(uuid4())
    admitted = [await _admitted(delays, subject) for delays in (first, second) * 4]
    assert admitted == [True] * 4 + [False] * 4
    assert await _admitted(first, str(uuid4()))


async def test_of_many_at_once_no_more_are_let_in() -> None:
    delays = GrowingDelays("async+memory://", "3 per day", _REFUSAL)
    admitted = await asyncio.gather(*(_admitted(delays, "somebody") for _ in range(50)))
    assert sum(admitted) == 4


async def test_whoever_tries_day_and_night_tries_less_than_by_five_an_hour_and_shuts_nobody_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before, five tries an hour were let in: 120 a day from as many addresses."""
    now = [1_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    delays = GrowingDelays("async+memory://", "10 per day", _REFUSAL)
    let_in: list[float] = []
    for _ in range(3 * 24 * 60):
        if await _admitted(delays, "somebody"):
            let_in.append(now[0])
        now[0] += 60
    most = max(sum(at <= other < at + 86_400 for other in let_in) for at in let_in)
    assert 24 <= most <= 50
    # somebody comes through at least once an hour
    assert max(later - at for at, later in pairwise(let_in)) <= 3_660


async def test_amounts_are_counted_in_each_store_and_refused_with_a_time(shared: str) -> None:
    for counters in ("async+memory://", shared):
        amounts = AmountLimits(counters, {"rows": "10 per day", "bytes": "5 per day"}, _REFUSAL)
        await amounts.require_left("rows", "a")
        assert await amounts.take("rows", "a", 7) == (3, 10)
        assert await amounts.take("rows", "b", 10) == (0, 10)
        for ask in (amounts.take("rows", "a", 4), amounts.require_left("rows", "b")):
            with pytest.raises(ServiceError) as refused:
                await ask
            assert refused.value.status == 429
            assert 0 < int(refused.value.headers["Retry-After"]) <= 86_400
        # what was refused is not given in small parts afterwards
        with pytest.raises(ServiceError):
            await amounts.take("rows", "a", 1)
        assert await amounts.take("bytes", "a", 5) == (0, 5)
