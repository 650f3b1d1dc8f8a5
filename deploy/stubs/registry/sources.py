"""Where the people come from: a file like `people.csv`, or a seed; handed on in portions that
processes can work on side by side.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.sample.population import Registered, synthesise
from deploy.stubs.registry.fragments import LONGEST

PORTION = 20_000

_COLUMNS = Registered._fields
_NUMBER = re.compile(r"[0-9]{12}")
_OLD_NUMBER = re.compile(rf"[0-9]{{1,{LONGEST}}}")
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_CODE = re.compile(r"[0-9A-Z]*")
_BETWEEN_NUMBERS = re.compile(r"[\s;,|]+")


class Portion(Protocol):
    """Some people, made where they are needed."""

    def people(self) -> Iterator[Registered]: ...


class Source(Protocol):
    """All people; `name` tells one source from any other."""

    @property
    def name(self) -> str: ...
    def portions(self) -> Iterator[Portion]: ...


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Made-up people."""

    count: int
    seed: int

    @property
    def name(self) -> str:
        return f"made-up-{self.count}-{self.seed}"

    def portions(self) -> Iterator[Portion]:
        """In the order of their rows."""
        everyone = synthesise(self.count, self.seed)
        for start in range(0, self.count, PORTION):
            yield everyone.part(start, start + PORTION)


class PeopleFileError(ValueError):
    """The file cannot be read as people; says where, never whom, in both languages."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Rows of a file, the columns already in order."""

    first: int
    rows: Sequence[Sequence[str]]

    def people(self) -> Iterator[Registered]:
        for number, row in enumerate(self.rows, self.first):
            (
                personal_id,
                old_ids,
                name,
                birth,
                sex,
                nationality,
                province,
                district,
                commune,
                status,
            ) = row
            old = tuple(_BETWEEN_NUMBERS.split(old_ids.strip())) if old_ids.strip() else ()
            sound = (
                _NUMBER.fullmatch(personal_id)
                and all(map(_OLD_NUMBER.fullmatch, old))
                and _DATE.fullmatch(birth)
                and sex in ("male", "female")
                and status in ("alive", "died")
                and all(map(_CODE.fullmatch, (nationality, province, district, commune)))
            )
            if not sound:
                raise PeopleFileError(f"dòng / line {number}: {'; '.join(_unsound(row, old))}")
            yield Registered(
                personal_id, old, name, birth, sex, nationality, province, district, commune, status
            )


def _unsound(row: Sequence[str], old: Sequence[str]) -> Iterator[str]:
    """The columns of a row that is no person, and how each is written."""
    cells = dict(zip(_COLUMNS, row, strict=True))
    if not _NUMBER.fullmatch(cells["personal_id"]):
        yield "personal_id: 12 chữ số / digits"
    if not all(map(_OLD_NUMBER.fullmatch, old)):
        yield f"old_ids: mỗi số / each 1-{LONGEST} chữ số / digits"
    if not _DATE.fullmatch(cells["date_of_birth"]):
        yield "date_of_birth: 1980-05-31, 1980-05, 1980"
    if cells["sex"] not in ("male", "female"):
        yield "sex: male, female"
    if cells["status"] not in ("alive", "died"):
        yield "status: alive, died"
    for column in ("nationality", "province_code", "district_code", "commune_code"):
        if not _CODE.fullmatch(cells[column]):
            yield f"{column}: chữ số, chữ hoa / digits, capitals"


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """A CSV file with the columns of `Registered`, in any order."""

    path: Path

    @property
    def name(self) -> str:
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8))
            return f"file-{digest.hexdigest()}"

    def portions(self) -> Iterator[Portion]:
        """In the order of the file; PeopleFileError where it is no such file."""
        try:
            yield from self._portions()
        except (UnicodeDecodeError, csv.Error) as error:
            raise PeopleFileError("cần tệp CSV, UTF-8 / a CSV file in UTF-8 is needed") from error

    def _portions(self) -> Iterator[Portion]:
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, delimiter=_delimiter(file.readline()))
            file.seek(0)
            header = next(lines, [])
            if missing := [column for column in _COLUMNS if column not in header]:
                raise PeopleFileError(f"thiếu cột / columns are missing: {', '.join(missing)}")
            places = [header.index(column) for column in _COLUMNS]
            first = 2
            rows: list[list[str]] = []
            for row in lines:
                if len(row) < len(header):
                    if not row:  # an empty line, as often at the end
                        if rows:
                            yield _Lines(first, rows)
                        first, rows = first + len(rows) + 1, []
                        continue
                    number = first + len(rows)
                    raise PeopleFileError(
                        f"dòng / line {number}: {len(row)} cột thay vì / columns instead of"
                        f" {len(header)}"
                    )
                rows.append([row[place] for place in places])
                if len(rows) == PORTION:
                    yield _Lines(first, rows)
                    first, rows = first + PORTION, []
            if rows:
                yield _Lines(first, rows)


def _delimiter(header: str) -> str:
    """The sign by which the columns are found; spreadsheets of other countries write semicolons."""
    return max(
        ",;\t",
        key=lambda sign: len(
            {cell.strip('"') for cell in header.strip().split(sign)} & set(_COLUMNS)
        ),
    )
