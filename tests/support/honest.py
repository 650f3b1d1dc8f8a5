"""An honest client beside an attack, as a process of its own.

`python -m tests.support.honest ORIGIN TOKEN PATH…`

It asks each path once a second, every time on a new connection, until its input ends. Out: a line
before it begins to ask; at its end one of JSON with the seconds of each answer, what went wrong,
and how much slower than alone this machine computed meanwhile.
"""

import json
import sys
import time
from threading import Event, Thread

import httpx

_EVERY_S = 1.0


def main(origin: str, token: str, *paths: str) -> None:
    """Asks until told to stop."""
    stop = Event()
    Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    alone = min(_work() for _ in range(5))
    seconds: list[float] = []
    failures: list[str] = []
    slowness: list[float] = []
    sys.stdout.write("asking\n")
    sys.stdout.flush()
    while not stop.wait(_EVERY_S):
        slowness.append(_work() / alone)
        for path in paths:
            started = time.monotonic()
            try:
                answer = httpx.get(
                    origin + path, headers={"Authorization": f"Bearer {token}"}, timeout=30
                )
                if answer.status_code != 200:
                    failures.append(f"{path}: {answer.status_code}")
            except httpx.HTTPError as error:
                failures.append(f"{path}: {type(error).__name__}")
            seconds.append(time.monotonic() - started)
    told = {"seconds": seconds, "failures": failures, "slowness": slowness}
    sys.stdout.write(json.dumps(told) + "\n")


def _wait_for_end(stop: Event) -> None:
    sys.stdin.read()
    stop.set()


def _work() -> float:
    """Seconds of a piece of work that is always the same."""
    started = time.perf_counter()
    sum(number * number for number in range(100_000))
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*sys.argv[1:])
