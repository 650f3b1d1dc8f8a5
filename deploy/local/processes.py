"""Child processes: started with their own environment and log file, started again when they die,
and stopped together.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from deploy.local.failure import failed
from deploy.local.surroundings import of_the_machine

_GRACE_S = 15.0
_FIRST_PAUSE_S, _SETTLED_S = 0.5, 30.0
_HOPELESS = 3
"""How often a part may end before it has answered once; what passes by itself, the parts wait for
without ending.
"""


@dataclass
class Part:
    """One child: a Python module with its arguments, and the socket that it answers on once it is
    up.

    `niceness`: above 0 for what gives way, so that who waits for an answer does not wait behind it.
    `ended`: how often it has ended by itself. `log_start`: the byte of its log at which this run
    begins.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    socket: Path | None = None
    niceness: int = 0
    process: asyncio.subprocess.Process | None = None
    ended: int = 0
    log_start: int = 0

    @property
    def pid(self) -> int | None:
        """Process id, where it runs."""
        return self.process.pid if self.process and self.process.returncode is None else None


class Parts:
    """The children of one run; a child that dies is started again after a growing pause.

    `machine`: the variables that every child gets beside its own.
    """

    def __init__(self, logs: Path, machine: Mapping[str, str] | None = None) -> None:
        self._logs = logs
        self._machine = of_the_machine() if machine is None else machine
        self._parts: list[Part] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._stopping = False

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts)

    async def start(self, part: Part) -> None:
        """Starts one child and keeps it alive."""
        self._parts.append(part)
        log = self.log(part)
        part.log_start = log.stat().st_size if log.exists() else 0
        await self._spawn(part)
        self._watchers.append(asyncio.create_task(self._watch(part)))

    def log(self, part: Part) -> Path:
        """Where a child writes."""
        return self._logs / f"{part.name}.log"

    async def _spawn(self, part: Part) -> None:
        if part.socket:
            part.socket.unlink(missing_ok=True)
        environment = {**self._machine, **part.environment, "PYTHONUNBUFFERED": "1"}
        with _opened(self.log(part)) as log:
            # a session of its own: Ctrl-C in the terminal reaches the parent alone, which stops its
            # children in order
            part.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                part.module,
                *part.arguments,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
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
            part.ended += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)
            await self._spawn(part)

    async def ready(self, timeout_s: float = 60) -> None:
        """Returns once every child listens; StartError with the last words of one that keeps
        ending, or does not listen in time.
        """
        waiting = [part for part in self._parts if part.socket]
        deadline = asyncio.get_running_loop().time() + timeout_s
        while waiting := [
            part
            for part in waiting
            if not await _accepts(asyncio.open_unix_connection(str(part.socket)))
        ]:
            self._despair(waiting[0], deadline)
            await asyncio.sleep(0.05)

    async def answering(self, name: str, *addresses: str, timeout_s: float = 30) -> None:
        """Returns once the child of that name answers all addresses with 200; StartError as of
        `ready`.
        """
        part = next(part for part in self._parts if part.name == name)
        deadline = asyncio.get_running_loop().time() + timeout_s
        async with httpx.AsyncClient(timeout=timeout_s, trust_env=False) as client:
            for address in addresses:
                while not await _is_answered(client, address):
                    self._despair(part, deadline)
                    await asyncio.sleep(0.05)

    def _despair(self, waited_for: Part, deadline: float) -> None:
        """StartError of a part that keeps ending: it is the cause, others may only wait for it;
        past the deadline of `waited_for`.
        """
        late = asyncio.get_running_loop().time() > deadline
        if culprit := next(
            (part for part in self._parts if part.ended >= _HOPELESS), waited_for if late else None
        ):
            raise failed(culprit.name, self.log(culprit), culprit.log_start)

    async def stop(self) -> None:
        """Stops the children, the last started first; what does not stop in time is killed."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.cancel()
        running = [
            part.process
            for part in reversed(self._parts)
            if part.process and part.process.returncode is None
        ]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(
                asyncio.gather(*(process.wait() for process in running)), _GRACE_S
            )
        except TimeoutError:
            for process in running:
                if process.returncode is None:
                    process.kill()
                    await process.wait()


def _opened(log: Path) -> IO[bytes]:
    """A log, to be added to and read by its owner alone."""
    file = os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    os.fchmod(file.fileno(), 0o600)
    return file


async def _is_answered(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == 200
    except httpx.HTTPError:
        return False


async def _accepts(
    connecting: Coroutine[Any, Any, tuple[asyncio.StreamReader, asyncio.StreamWriter]],
) -> bool:
    try:
        _, writer = await connecting
    except OSError:
        return False
    writer.close()
    return True
