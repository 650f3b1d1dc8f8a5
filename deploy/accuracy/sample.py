"""Reading a sample folder: the registry's people, the doses as typed, and the truth beside each
dose.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from contracts.events import Person as Typed
from contracts.events import checked
from contracts.registry import Person
from services.records.domain.field_parsers import SEXES, read_nationality
from vietnamese.dates import Birth, read_birth

_SEXES = {"Nam": SEXES["nam"], "Nữ": SEXES["nu"]}


class Truth(NamedTuple):
    """What a dose really is: its class and error, whose it is, and what may be made of it."""

    kind: str
    error: str
    true_id: str
    expect: str


def read_people(folder: Path) -> Iterator[Person]:
    """The people of `people.csv`."""
    with (folder / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield checked(Person, {**row, "old_ids": row["old_ids"].replace(";", " ").split()})


def read_doses(folder: Path) -> Iterator[tuple[Typed, Truth]]:
    """The people of the doses of `doses.csv`, with `truth.csv` beside them."""
    with (
        (folder / "doses.csv").open(encoding="utf-8-sig", newline="") as doses,
        (folder / "truth.csv").open(encoding="utf-8") as truths,
    ):
        for row, truth in zip(csv.DictReader(doses), csv.DictReader(truths), strict=True):
            assert row["Mã bản ghi"] == truth["source_id"], (
                "doses.csv and truth.csv are not in one order"
            )
            yield (
                read_typed(row),
                Truth(truth["class"], truth["error"], truth["true_personal_id"], truth["expect"]),
            )


def read_typed(row: Mapping[str, str]) -> Typed:
    """The person of one row of a dose file, as intake reads it."""
    birth = read_birth(row["Ngày sinh"].strip()) or Birth(row["Ngày sinh"], "impossible", None)
    nationality = read_nationality(row["Quốc tịch"].strip())
    number = row["Số CMND/CCCD/HC"].strip()
    foreign = isinstance(nationality, str) and nationality != "VN"
    return Typed(
        full_name=row["Họ và tên"].strip(),
        date_of_birth=birth.text,
        date_precision=birth.precision,
        sex=_SEXES.get(row["Giới tính"].strip()),
        personal_id="" if foreign else number,
        passport_number=number if foreign else "",
        nationality=nationality if isinstance(nationality, str) else "VN",
        province_code=row["Mã tỉnh"],
        district_code=row["Mã huyện"],
        commune_code=row["Mã xã"],
    )
