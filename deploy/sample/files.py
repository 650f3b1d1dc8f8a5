"""The three files of a sample: people.csv (what the registry holds), doses.csv (what facilities
typed), truth.csv (what is expected).
"""

import csv
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from deploy.sample.doses import COLUMNS, Truth, typed_doses
from deploy.sample.population import Population, Registered, synthesise

_TRUTH_COLUMNS = ("source_id", "class", *Truth._fields[2:])


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written."""

    people: int
    doses: int


def generate(people: int, seed: int, out: Path, doses: int | None = None) -> Summary:
    """Writes the files into `out`; two doses a person where `doses` is not given; the same
    arguments give the same bytes.

    truth.csv takes its name last: where it is there, the sample is whole.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "truth.csv").unlink(missing_ok=True)
    everyone = synthesise(people, seed)
    _write_people(out / "people.csv", everyone)
    unfinished = out / "truth.csv.part"
    with ExitStack() as files:
        typed = csv.writer(
            files.enter_context((out / "doses.csv").open("w", encoding="utf-8", newline=""))
        )
        truths = csv.writer(files.enter_context(unfinished.open("w", encoding="utf-8", newline="")))
        typed.writerow(COLUMNS)
        truths.writerow(_TRUTH_COLUMNS)
        written = 0
        for row, truth in typed_doses(everyone, seed, 2 * people if doses is None else doses):
            typed.writerow(row)
            truths.writerow(truth)
            written += 1
    unfinished.replace(out / "truth.csv")
    return Summary(people, written)


def _write_people(path: Path, everyone: Population) -> None:
    portion = 20_000
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Registered._fields)
        for start in range(0, len(everyone), portion):
            for person in everyone.people(start, min(start + portion, len(everyone))):
                writer.writerow(person._replace(old_ids=" ".join(person.old_ids)))  # type: ignore[arg-type]
