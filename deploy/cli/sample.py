"""`hochieu sample`: a made-up population and what facilities typed of its doses, in the proportions
of 2022.
"""

from pathlib import Path
from typing import Annotated

import typer

from deploy.sample import generate


def command(
    people: Annotated[int, typer.Option(min=1, help="how many people the registry holds")] = 6000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same files")] = 2021,
    out: Annotated[
        Path, typer.Option(help="folder for people.csv, doses.csv and truth.csv")
    ] = Path("sample"),
    doses: Annotated[
        int | None, typer.Option(min=1, help="how many doses; two a person by default")
    ] = None,
) -> None:
    """Write people.csv, doses.csv and truth.csv."""
    summary = generate(people, seed, out, doses)
    typer.echo(f"{out}: {summary.people:,} people, {summary.doses:,} doses")
