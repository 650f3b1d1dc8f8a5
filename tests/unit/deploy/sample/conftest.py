"""One sample for all tests here, read back from its files."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.sample import Summary, generate

Row = dict[str, str]


@dataclass(frozen=True)
class Sample:
    folder: Path
    summary: Summary
    people: dict[str, Row]
    doses: list[Row]
    truth: list[Row]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    summary = generate(15_000, 7, folder, 30_000)
    people = {person["personal_id"]: person for person in _rows(folder / "people.csv")}
    return Sample(folder, summary, people, _rows(folder / "doses.csv"), _rows(folder / "truth.csv"))
