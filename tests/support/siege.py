"""Whether an attack hurts: beside it an honest client asks once a second, and the memory of every
part is watched.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import psutil

from contracts.access import Role
from deploy.local import issuer
from tests.support.stack import System

MEMORY_LIMIT: Final = 768 << 20
"""Bytes that a container of ours may take; `tests/unit/deploy` compares it with the manifests."""
ANSWERED_S: Final = 1.0
MOST_CONNECTIONS: Final = 200
"""How many connections an attack of ours may hold."""
_SAMPLE_S = 0.1
_OURS = frozenset({"records", "verifier", "signer", "gateway"})
HONEST_PATHS = (
    "/records/v1/worklist?limit=1",
    "/verifier/v1/cases?limit=1",
    "/signer/v1/trust-list",
)


@dataclass
class Siege:
    """What was seen while an attack went on.

    `peaks`: the most bytes of each part with its children, by its name. `seconds`: of each honest
    answer.
    """

    peaks: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    slowness: float = 1.0

    def assert_held(self) -> None:
        """Every part stayed below its container's limit, and every honest request was answered in
        good time.

        Where other work on this machine slows a plain sum down, the time allowed grows with it.
        """
        assert not self.failures, self.failures
        assert self.seconds, "nobody asked: the attack was over too soon"
        allowed = ANSWERED_S * max(1.0, self.slowness)
        assert max(self.seconds) < allowed, (sorted(self.seconds)[-5:], self.slowness)
        too_large = {name: peak for name, peak in self.peaks.items() if peak >= MEMORY_LIMIT}
        assert not too_large, too_large


@asynccontextmanager
async def besieged(
    system: System, paths: tuple[str, ...] = HONEST_PATHS, least_s: float = 3.0
) -> AsyncIterator[Siege]:
    """Watches the system while the block attacks it, for `least_s` seconds at least; the block is
    followed by `assert_held`.
    """
    siege = Siege()
    token = issuer.token(system.stack.home, Role.POLICE, areas=["79"])
    honest = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.honest", system.stack.origin, token, *paths,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert honest.stdout is not None
    await honest.stdout.readline()
    watching = asyncio.create_task(_watch(system, siege))
    started = asyncio.get_running_loop().time()
    try:
        yield siege
        await asyncio.sleep(least_s - (asyncio.get_running_loop().time() - started))
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        out, _ = await honest.communicate(b"")
    told = json.loads(out)
    siege.seconds, siege.failures = told["seconds"], told["failures"]
    siege.slowness = max(told["slowness"], default=1.0)
    siege.assert_held()


async def _watch(system: System, siege: Siege) -> None:
    while True:
        for part in system.stack.parts:
            if part.name in _OURS and part.pid is not None:
                with suppress(psutil.Error):
                    process = psutil.Process(part.pid)
                    used = sum(
                        member.memory_info().rss
                        for member in (process, *process.children(recursive=True))
                    )
                    siege.peaks[part.name] = max(siege.peaks.get(part.name, 0), used)
        await asyncio.sleep(_SAMPLE_S)
