"""How a service process lives: it serves HTTP and runs its loops until a signal, then finishes what
it has in hand.
"""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import uvicorn
from fastapi import FastAPI

from services.chassis.connection import BoundedConfig
from services.chassis.settings import HttpSettings

MIGRATE: Final = "migrate"
"""The argument of a process that migrates the database, and ends."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What a process does: answer requests, work off events, or both."""

    api: bool
    worker: bool


def read_duty(arguments: Sequence[str]) -> Duty:
    """The duty named by a service's only argument; SystemExit 2 with the usage where it is none."""
    duties = {"api": Duty(True, False), "worker": Duty(False, True), "all": Duty(True, True)}
    if len(arguments) != 2 or arguments[1] not in duties:
        sys.stderr.write("usage: python -m services.<name> migrate|api|worker|all\n")
        raise SystemExit(2)
    return duties[arguments[1]]


@asynccontextmanager
async def stop_on_signal() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the process's own stop event is told by signals; two listeners would race


def settle_memory() -> None:
    """Spares the garbage collector what lives for ever, and lets a chunk of rows, which dies by its
    reference counts, pass unseen.

    The threshold counts objects that are alive: a few thousand rows in hand stay below it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 10, 10)


async def serve(app: FastAPI, http: HttpSettings, stop: asyncio.Event) -> None:
    """Serves `app` until `stop` is set; requests in hand get ten seconds to finish."""
    settle_memory()
    app.state.stopping = stop  # streams end by it; nobody could wait for them
    server = _Server(
        BoundedConfig(
            app,
            http,
            host=http.host,
            port=http.port,
            uds=http.uds,
            log_config=None,
            timeout_graceful_shutdown=10,
        )
    )
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
    if not stop.is_set():
        raise RuntimeError("the HTTP server stopped by itself")
