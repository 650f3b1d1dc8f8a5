"""Child processes: started with their own environment and log file, started again when they die, and stopped together."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_GRACE_S = 15.0
_FIRST_PAUSE_S, _SETTLED_S = 0.5, 30.0


@dataclass
class Part:
    """One child: a Python module with its arguments, and the socket that it answers on once it is up.

    `niceness`: above 0 for what gives way, so that who waits for an answer does not wait behind it.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    socket: Path | None = None
    niceness: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id, where it runs."""
        return self.process.pid if self.process and self.process.returncode is None else None


class Parts:
    """The children of one run; a child that dies is started again after a growing pause."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._parts: list[Part] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._stopping = False

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts)

    async def start(self, part: Part) -> None:
        """Starts one child and keeps it alive."""
        self._parts.append(part)
        await self._spawn(part)
        self._watchers.append(asyncio.create_task(self._watch(part)))

    async def _spawn(self, part: Part) -> None:
        if part.socket:
            part.socket.unlink(missing_ok=True)
        environment = {**os.environ, **part.environment, "PYTHONUNBUFFERED": "1"}
        with (self._logs / f"{part.name}.log").open("ab") as log:
            # a session of its own: Ctrl-C in the terminal reaches the parent alone, which stops its children in order
            part.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", part.module, *part.arguments, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        if part.niceness:
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, part.process.pid, part.niceness)

    async def _watch(self, part: Part) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            assert part.process is not None
            started = time.monotonic()
            await part.process.wait()
            if time.monotonic() - started > _SETTLED_S:
                pause = _FIRST_PAUSE_S
            if self._stopping:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)
            await self._spawn(part)

    async def ready(self, timeout_s: float = 60) -> None:
        """Returns once every child listens; TimeoutError names the ones that do not."""
        waiting = [part for part in self._parts if part.socket]
        deadline = asyncio.get_running_loop().time() + timeout_s
        while waiting := [part for part in waiting if not await _listens(part.socket)]:
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"not started: {', '.join(part.name for part in waiting)}; see {self._logs}")
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stops the children, the last started first; what does not stop in time is killed."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.cancel()
        running = [part.process for part in reversed(self._parts) if part.process and part.process.returncode is None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.gather(*(process.wait() for process in running)), _GRACE_S)
        except TimeoutError:
            for process in running:
                if process.returncode is None:
                    process.kill()
                    await process.wait()


async def _listens(socket: Path | None) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return False
    writer.close()
    return True
