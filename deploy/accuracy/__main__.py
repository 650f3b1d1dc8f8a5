"""`python -m deploy.accuracy`: decides every dose of a sample in this process, prints what came
out, exits 1 if a promise does not hold.
"""

import argparse
import gc
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from contracts.identity.policy import ALGORITHM
from deploy.accuracy.linkage import INSTALL, Linked, compare
from deploy.accuracy.measure import Count, Measured, measure
from deploy.accuracy.promises import PROMISES
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import read_doses, read_people
from deploy.sample import generate


def _row(count: Count) -> tuple[str, ...]:
    return tuple(
        f"{number:,}" if number else "·"
        for number in (count.doses, count.eligible, count.wrong_person,
        count.doses - count.eligible, count.suggested, count.first_right,
                       count.sure_but_wrong)
    )  # fmt: skip


def _table(measured: Measured) -> Table:
    table = Table(title=f"Matching {ALGORITHM}, by error")
    for heading in ("expected", "class", "error"):
        table.add_column(heading)
    for heading in (
        "rows",
        "eligible",
        "wrong person",
        "for people",
        "suggested",
        "first right",
        "sure but wrong",
    ):
        table.add_column(heading, justify="right")
    for (expect, kind, error), count in measured.ordered():
        table.add_row(expect, kind, error or "(none)", *_row(count))
    table.add_section()
    table.add_row("", "", "all", *_row(measured.total()))
    return table


def _kinds(measured: Measured) -> Table:
    table = Table(title="Suggestions that are certain, by kind")
    table.add_column("kind")
    for heading in ("rows", "wrong"):
        table.add_column(heading, justify="right")
    for kind, rows in measured.kinds.most_common():
        table.add_row(kind, f"{rows:,}", f"{measured.wrong_by_kind[kind]:,}")
    return table


def main() -> None:
    """Measures one folder."""
    parser = argparse.ArgumentParser(prog="python -m deploy.accuracy", description=__doc__)
    parser.add_argument(
        "--sample",
        type=Path,
        default=Path("../shared/data/sample"),
        help="folder of people.csv, doses.csv and truth.csv",
    )
    parser.add_argument(
        "--make",
        type=int,
        metavar="DOSES",
        help="make up a sample of so many doses instead, in a folder that is deleted",
    )
    parser.add_argument(
        "--seed", type=int, default=2021, help="the same seed makes up the same sample"
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="show beside it what other ways of matching make of the same rows",
    )
    given = parser.parse_args()
    with ExitStack() as held:
        folder = given.sample
        if given.make:
            folder = Path(held.enter_context(TemporaryDirectory(prefix="sample-")))
            generate(max(given.make // 2, 1), given.seed, folder, given.make)
        if not (folder / "truth.csv").is_file():
            parser.error(f"there is no sample in {folder}; `hochieu sample --out DIR` makes one")
        people, doses = list(read_people(folder)), list(read_doses(folder))
    registry = Registry(people)
    # as in the services: what was read stays, and what is decided is short-lived
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    measured = measure(doses, registry)

    console = Console(width=160 if not sys.stdout.isatty() else None)
    held_all = _report(console, measured, len(registry))
    if given.compare:
        _print_comparison(console, compare(doses, people, registry))
    sys.exit(0 if held_all else 1)


def _report(console: Console, measured: Measured, people: int) -> bool:
    """Prints the table, the promises and the speed; whether every promise holds."""
    console.print(_table(measured))
    console.print(_kinds(measured))
    held = True
    for promise in PROMISES:
        value, holds = promise.check(measured)
        held &= holds
        console.print(
            f"  {'held  ' if holds else 'BROKEN'}  {promise.text}: {value}", highlight=False
        )
    wrong = measured.total("repair", "either", "suggest", "people")
    left = wrong.doses - wrong.eligible
    console.print(
        f"  left for people: {left:,} of {wrong.doses:,} wrong rows,"
        f" {left / max(wrong.doses, 1):.1%} (in 2022: 100%)",
        highlight=False,
    )
    console.print(
        f"  {people:,} people; {measured.decisions:,} decisions in {measured.seconds:.2f} s, "
        f"{measured.decisions / measured.seconds:,.0f}/s a core; {measured.searches:,} searches",
        highlight=False,
    )
    return held


def _print_comparison(console: Console, ways: Sequence[Linked]) -> None:
    table = Table(title="The residents' rows by other means")
    table.add_column("way")
    for heading in (
        "eligible, right",
        "eligible, wrong person",
        "eligible, though for people",
        "left for people",
        "rows/s a core",
    ):
        table.add_column(heading, justify="right")
    for one in ways:
        rows = one.right + one.wrong_person + one.left
        table.add_row(
            one.way,
            *(f"{number:,}" for number in (one.right, one.wrong_person, one.unheld, one.left)),
            f"{rows / one.seconds:,.0f}",
        )
    console.print(table)
    if not any(one.way.startswith("Splink") for one in ways):
        console.print(f"  {INSTALL}", highlight=False, markup=False)


if __name__ == "__main__":
    main()
