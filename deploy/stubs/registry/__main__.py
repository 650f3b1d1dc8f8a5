"""`python -m deploy.stubs.registry`: one process that answers as the population registry does."""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop

from deploy.stubs.registry.app import Desk, create_app
from deploy.stubs.registry.behaviour import Behaviour, Conduct
from deploy.stubs.registry.build import AbandonedError, folder_of, open_archive
from deploy.stubs.registry.register import Register
from deploy.stubs.registry.sources import PeopleFile, PeopleFileError, Source, Synthetic
from services.chassis.run import serve, stop_on_signal
from services.chassis.settings import HttpSettings

_LISTEN_AFTER_S = 5.0


def arguments() -> argparse.ArgumentParser:
    """What the program takes."""
    parser = argparse.ArgumentParser(prog="python -m deploy.stubs.registry", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--port", type=int)
    where.add_argument("--uds", help="Unix socket to listen on, instead of a port")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--people", type=Path, help="CSV file of the people")
    who.add_argument("--synthesise", type=int, metavar="N", help="make up N people")
    parser.add_argument(
        "--seed", type=int, default=2021, help="the same seed makes up the same people"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--cache", type=Path, help="folder in which the people stay stored between starts"
    )
    parser.add_argument(
        "--token-file", type=Path, help="file with the bearer token that callers must send"
    )
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--rate", type=float, help="requests a second; more are answered 429")
    parser.add_argument("--outage", action="store_true", help="answer everything 503")
    parser.add_argument("--wrong", choices=["malformed", "fewer"], help="answer wrongly")
    parser.add_argument(
        "--wrong-every", type=int, default=1, help="only every so-many-th answer is wrong"
    )
    return parser


def load(cache: Path, source: Source, stop: threading.Event) -> Register:
    """The people of `source` from the cache, or into it; PeopleFileError, OSError or AbandonedError
    where that fails.
    """
    folder = folder_of(cache, source)
    return Register(
        open_archive(folder, source, lambda: not stop.is_set()), folder / "changes.jsonl"
    )


async def run(desk: Desk, cache: Path, source: Source, http: HttpSettings) -> None:
    """Loads and serves until a signal. A few people are there before it listens; while many are
    loaded it answers 503.
    """
    abandon = threading.Event()
    async with stop_on_signal() as stop:

        async def fill() -> None:
            try:
                desk.register = await asyncio.to_thread(load, cache, source, abandon)
            finally:
                if desk.register is None:
                    stop.set()

        filling = asyncio.create_task(fill())
        await asyncio.wait({filling}, timeout=_LISTEN_AFTER_S)
        if not stop.is_set():
            await serve(create_app(desk), http, stop)
        abandon.set()
        await filling


def main(argv: Sequence[str] | None = None) -> None:
    """Serves until SIGTERM or SIGINT."""
    given = arguments().parse_args(argv)
    source: Source = (
        PeopleFile(given.people) if given.people else Synthetic(given.synthesise, given.seed)
    )
    behaviour = Behaviour(
        latency_ms=given.latency_ms,
        requests_per_s=given.rate,
        outage=given.outage,
        wrong=given.wrong,
        wrong_every=given.wrong_every,
    )
    desk = Desk(
        Conduct(behaviour, time.monotonic),
        token=given.token_file.read_text().strip() if given.token_file else None,
    )
    http = HttpSettings(host=given.host, port=given.port or 0, uds=given.uds)
    with ExitStack() as held:
        cache = given.cache or Path(
            held.enter_context(tempfile.TemporaryDirectory(prefix="registry-"))
        )
        try:
            uvloop.run(run(desk, cache, source, http))
        except (PeopleFileError, OSError) as error:
            sys.exit(f"The people cannot be loaded: {error}")
        except AbandonedError:
            return


if __name__ == "__main__":
    main()
