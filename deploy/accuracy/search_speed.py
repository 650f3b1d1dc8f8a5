"""`python -m deploy.accuracy.search_speed`: how long the registry's stand-in takes to find one
typed person among millions.

Starts the stub over made-up people, types doses of theirs with the sample's errors, and searches
for each by its keys, one at a time: over HTTP on a Unix socket, and in this process. Exits 1 where
the slowest twentieth of any error takes longer than it may.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from contracts.registry import Key, Query, SearchAnswer, SearchRequest
from deploy.accuracy.sample import read_typed
from deploy.sample.doses import COLUMNS, typed_doses
from deploy.sample.population import synthesise
from deploy.stubs.registry.build import folder_of, open_archive
from deploy.stubs.registry.register import Register
from deploy.stubs.registry.sources import Synthetic
from services.verifier.domain.decision import SUGGESTED_FROM
from services.verifier.domain.match_person import blocking_keys

P95_MS = 20.0
_EACH = 250  # searches of one error
_READY_S = 900.0


class Search(NamedTuple):
    """One typed person: keys to search by, and who is meant (empty: nobody)."""

    keys: tuple[Key, ...]
    true_id: str


class Timed(NamedTuple):
    """Searches of one error: milliseconds each, how many people were found, how often the right one
    was among them.
    """

    ms: Sequence[float]
    found: int
    right: int


def searches(people: int, seed: int) -> dict[str, list[Search]]:
    """Typed people by error, some of each."""
    everyone = synthesise(people, seed)
    by_error: dict[str, list[Search]] = defaultdict(list)
    for row, truth in typed_doses(everyone, seed, min(2 * people, 60_000)):
        if truth.error_class != "foreign" and len(by_error[truth.error]) < _EACH:
            keys = blocking_keys(read_typed(dict(zip(COLUMNS, row, strict=True))))
            if keys:
                by_error[truth.error].append(Search(keys, truth.true_personal_id))
    return dict(sorted(by_error.items()))


def timed(asked: Iterable[Search], search: Callable[[Search], bytes]) -> Timed:
    """Searches one after another; reading the answers is not timed."""
    ms, found, right = [], 0, 0
    for one in asked:
        before = time.perf_counter()
        answer = search(one)
        ms.append((time.perf_counter() - before) * 1e3)
        (result,) = SearchAnswer.model_validate_json(answer).results
        found += len(result.people)
        right += any(person.personal_id == one.true_id for person in result.people)
    return Timed(ms, found, right)


@contextmanager
def stub(people: int, seed: int, cache: Path) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """The stub as a process of its own, ready."""
    with tempfile.TemporaryDirectory(prefix="registry-") as folder:
        socket = f"{folder}/socket"
        command = [
            sys.executable,
            "-m",
            "deploy.stubs.registry",
            "--uds",
            socket,
            "--cache",
            str(cache),
        ]
        process = subprocess.Popen(
            [*command, "--synthesise", str(people), "--seed", str(seed)], stdout=subprocess.DEVNULL
        )
        try:
            with httpx.Client(
                transport=httpx.HTTPTransport(uds=socket), base_url="http://registry", timeout=30
            ) as client:
                _wait(client, process)
                yield client, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get("/registry/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("The registry did not become ready.")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.accuracy.search_speed", description=__doc__
    )
    parser.add_argument("--people", type=int, default=4_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--cache",
        type=Path,
        required=True,
        help="folder in which the people stay stored between runs",
    )
    given = parser.parse_args()

    source = Synthetic(given.people, given.seed)
    folder = folder_of(given.cache, source)
    asked = searches(given.people, given.seed)
    with stub(given.people, given.seed, given.cache) as (client, process):
        register = Register(open_archive(folder, source, lambda: True), folder / "none.jsonl")

        def over_http(one: Search) -> bytes:
            body = (
                SearchRequest(queries=[Query(keys=list(one.keys))], limit=SUGGESTED_FROM)
                .model_dump_json()
                .encode()
            )
            return client.post(
                "/registry/v1/people:search",
                content=body,
                headers={"Content-Type": "application/json"},
            ).content

        def here(one: Search) -> bytes:
            ((people, more),) = register.search([one.keys], SUGGESTED_FROM)
            more_json = b"true" if more else b"false"
            return b'{"as_of":"2021-01-01T00:00:00Z","results":[{"people":[%b],"more":%b}]}' % (
                b",".join(people),
                more_json,
            )

        rows = {error: (timed(some, here), timed(some, over_http)) for error, some in asked.items()}
        memory = process.memory_full_info()

    table = Table(title=f"Searching one person among {given.people:,}: milliseconds")
    for heading in (
        "error",
        "searches",
        "found",
        "right among them",
        "here p50",
        "p95",
        "p99",
        "HTTP p50",
        "p95",
        "p99",
    ):
        table.add_column(heading, justify="left" if heading == "error" else "right")
    for error, (own, http) in rows.items():
        table.add_row(error or "(none)", *_cells(own, http))
    both = [_together(column) for column in zip(*rows.values(), strict=True)]
    table.add_section()
    table.add_row("all", *_cells(*both))
    Console(width=160 if not sys.stdout.isatty() else None).print(table)
    print(
        f"  memory of the registry's process: {memory.uss / 1e6:,.0f} MB its own,"
        f" {memory.rss / 1e6:,.0f} MB with mapped files"
    )
    slow = [error for error, (_, http) in rows.items() if np.percentile(http.ms, 95) > P95_MS]
    print(
        f"  p95 over HTTP at most {P95_MS:.0f} ms for every error:"
        f" {'held' if not slow else 'BROKEN for ' + ', '.join(slow)}"
    )
    sys.exit(1 if slow else 0)


def _together(timings: Iterable[Timed]) -> Timed:
    some = list(timings)
    return Timed(
        [ms for one in some for ms in one.ms],
        sum(one.found for one in some),
        sum(one.right for one in some),
    )


def _cells(own: Timed, http: Timed) -> tuple[str, ...]:
    milliseconds = [
        f"{np.percentile(one.ms, share):.2f}" for one in (own, http) for share in (50, 95, 99)
    ]
    count = len(http.ms)
    return (f"{count:,}", f"{http.found / count:.1f}", f"{http.right / count:.1%}", *milliseconds)


if __name__ == "__main__":
    main()
