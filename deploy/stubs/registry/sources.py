"""Where the people come from: a file like `people.csv`, or a seed; handed on in portions that processes can work on side by side."""

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
    """The file cannot be read as people; says where, never whom."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Rows of a file, the columns already in order."""

    first: int
    rows: Sequence[Sequence[str]]

    def people(self) -> Iterator[Registered]:
        for number, row in enumerate(self.rows, self.first):
            personal_id, old_ids, name, birth, sex, nationality, province, district, commune, status = row
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
                raise PeopleFileError(
                    f"line {number} is no person: number, birth date, sex, codes or status are not of the documented form"
                )
            yield Registered(personal_id, old, name, birth, sex, nationality, province, district, commune, status)


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """A CSV file with the columns of `Registered`, in any order."""

    path: Path

    @property
    def name(self) -> str:
        with self.path.open("rb") as file:
            return f"file-{hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()}"

    def portions(self) -> Iterator[Portion]:
        """In the order of the file."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            header = next(lines, [])
            if missing := [column for column in _COLUMNS if column not in header]:
                raise PeopleFileError(f"columns are missing: {', '.join(missing)}")
            places = [header.index(column) for column in _COLUMNS]
            first = 2
            rows: list[list[str]] = []
            for row in lines:
                if len(row) < len(header):
                    raise PeopleFileError(f"line {first + len(rows)} has {len(row)} columns instead of {len(header)}")
                rows.append([row[place] for place in places])
                if len(rows) == PORTION:
                    yield _Lines(first, rows)
                    first, rows = first + PORTION, []
            if rows:
                yield _Lines(first, rows)
