"""The station's file: a made-up commune whose doses were typed with the errors of 2022."""

import csv
from pathlib import Path
from typing import NamedTuple

from deploy.accuracy.sample import Truth, read_doses, read_people
from deploy.sample import generate

WRONG_SHARE = 0.59
"""Of the made-up rows so many are wrong by the rule of 2022: one of the four fields differs."""
_COMMUNE = ("79", "760", "26734")


class StationFile(NamedTuple):
    """The people and doses of a commune on disk. `truth`: by the row's code, whose it really is."""

    people: Path
    doses: Path
    truth: dict[str, Truth]
    wrong: int
    area: str


def make_station(folder: Path, wrong: int, seed: int) -> StationFile:
    """Makes up a commune with about so many wrong rows: everybody lives in it."""
    doses = round(wrong / WRONG_SHARE)
    generate(max(doses // 2, 1), seed, folder, doses)
    _move_home(folder / "people.csv", ("province_code", "district_code", "commune_code"))
    _move_home(folder / "doses.csv", ("Mã tỉnh", "Mã huyện", "Mã xã"))
    registered = {person.personal_id: person for person in read_people(folder)}
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        codes = [row["source_id"] for row in csv.DictReader(file)]
    truth, counted = {}, 0
    for code, (typed, of_row) in zip(codes, read_doses(folder), strict=True):
        truth[code] = of_row
        person = registered.get(typed.personal_id)
        alike = person is not None and (
            typed.full_name, typed.date_of_birth, typed.sex
        ) == (person.full_name, person.date_of_birth, person.sex)  # fmt: skip
        counted += of_row.expect != "exempt" and not alike
    return StationFile(
        folder / "people.csv", folder / "doses.csv", truth, counted, "".join(_COMMUNE)
    )


def _move_home(path: Path, columns: tuple[str, str, str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows, names = list(reader), list(reader.fieldnames or ())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, **dict(zip(columns, _COMMUNE, strict=True))})
