"""`python -m deploy.accuracy`: decides every dose of a sample in this process, prints what came out, exits 1 if a promise does not hold."""

import argparse
import gc
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.accuracy.measure import Count, Measured, measure
from deploy.accuracy.promises import PROMISES
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import read_doses, read_people
from services.verifier.domain.decide import ALGORITHM

_RIGHT = ("accept", "exempt")


def _row(count: Count) -> tuple[str, ...]:
    return tuple(
        f"{number:,}" if number else "·"
        for number in (count.doses, count.eligible, count.wrong_person, count.doses - count.eligible, count.suggested, count.first_right,
                       count.sure_but_wrong)
    )  # fmt: skip


def _table(measured: Measured) -> Table:
    table = Table(title=f"Matching {ALGORITHM}, by error")
    for heading in ("expected", "class", "error"):
        table.add_column(heading)
    for heading in ("rows", "eligible", "wrong person", "for people", "suggested", "first right", "sure but wrong"):
        table.add_column(heading, justify="right")
    for (expect, kind, error), count in measured.ordered():
        table.add_row(expect, kind, error or "(none)", *_row(count))
    table.add_section()
    table.add_row("", "", "all", *_row(measured.total()))
    return table


def main() -> None:
    """Measures one folder."""
    parser = argparse.ArgumentParser(prog="python -m deploy.accuracy", description=__doc__)
    parser.add_argument("--sample", type=Path, default=Path("../shared/data/sample"), help="folder of people.csv, doses.csv and truth.csv")
    folder = parser.parse_args().sample
    if not (folder / "truth.csv").is_file():
        parser.error(f"there is no sample in {folder}; `hochieu sample --out DIR` makes one")
    registry = Registry(read_people(folder))
    doses = list(read_doses(folder))
    # what was read stays: the collector need not walk it again and again while decisions are timed
    gc.freeze()
    measured = measure(doses, registry)

    console = Console(width=160 if not sys.stdout.isatty() else None)
    console.print(_table(measured))
    held = True
    for promise in PROMISES:
        value, holds = promise.check(measured)
        held &= holds
        console.print(f"  {'held  ' if holds else 'BROKEN'}  {promise.text}: {value}", highlight=False)
    wrong = measured.total("repair", "either", "suggest", "people")
    left = wrong.doses - wrong.eligible
    console.print(
        f"  left for people: {left:,} of {wrong.doses:,} wrong rows, {left / max(wrong.doses, 1):.1%} (in 2022: 100%)", highlight=False
    )
    console.print(
        f"  {len(registry):,} people; {measured.decisions:,} decisions in {measured.seconds:.2f} s, "
        f"{measured.decisions / measured.seconds:,.0f}/s a core; {measured.searches:,} searches",
        highlight=False,
    )
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
