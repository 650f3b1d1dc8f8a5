"""Finds out which columns hold which field.

In most tables each field has one column. In others several columns hold it, or parts of it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from services.records.uploads.formats.composed_cells import (
    Compose,
    cell,
    date_in_parts,
    either,
    name_and_given,
    name_in_parts,
    ticked_sex,
)
from services.records.uploads.formats.dose_columns import HEADERS, SYSTEM
from services.records.uploads.formats.header_search import Column
from services.records.uploads.formats.header_spellings import (
    ANSWER,
    BIRTH_MONTH,
    DAY,
    FAMILY,
    FEMALE,
    GIVEN,
    GIVEN_MONTH,
    GIVEN_YEAR,
    MALE_OR_YEAR,
    MIDDLE,
    MONTH,
    NAMED_OR_CODED,
    ROW_NUMBER,
)  # fmt: skip

_DIGITS = {"province_code": 2, "district_code": 3, "commune_code": 5, "facility_code": 5}
_AROUND_A_CODE = re.compile(r"""\.0$|[\s'’"=]""")
_NO_TEXT = re.compile(r"[\W_]*")


class Source(NamedTuple):
    """Where a field's text may come from; a lower `rank` is preferred.

    `read`: how to read it, where it is not one column's own text.
    """

    rank: int
    at: tuple[int, ...]
    read: Compose | None = None


class Sources:
    """What the columns of one table hold.

    `of`: sources by field, the preferred first. `row_number`: the column that numbers the rows.
    `unused`: columns of no field.
    """

    def __init__(self, columns: Sequence[Column], sample: Sequence[Sequence[str]]) -> None:
        """`sample`: some rows below the header, to tell names from codes."""
        self._columns = columns
        self._fields = [column.meaning.field if column.meaning else "" for column in columns]
        self._taken: set[int] = set()
        self.of: dict[str, list[Source]] = {}
        self.row_number = self._fields.index(ROW_NUMBER) if ROW_NUMBER in self._fields else None
        for at in range(len(columns)):
            self._dates(at)
        for at in range(len(columns)):
            self._sexes(at)
            self._names(at)
        self._whole_columns()
        self._codes(sample)
        self._given_beside_a_name()
        for sources in self.of.values():
            sources.sort(key=lambda source: (source.rank, source.at))
        # row numbers say nothing, nor do the answers in a file given back
        answers = self._fields.count(ANSWER) + sum(name in self._fields for name in SYSTEM)
        ours = {ROW_NUMBER, ANSWER} if answers >= 2 else {ROW_NUMBER}
        self.unused = [
            at
            for at, field in enumerate(self._fields)
            if at not in self._taken and field not in ours
        ]

    def _add(self, field: str, rank: int, at: Sequence[int], read: Compose | None = None) -> None:
        self.of.setdefault(field, []).append(Source(rank, tuple(at), read))
        self._taken.update(at)

    def _field(self, at: int) -> str:
        return self._fields[at] if 0 <= at < len(self._fields) and at not in self._taken else ""

    def _dates(self, at: int) -> None:
        """Reads `Ngày | Tháng | Năm sinh`, or `Tháng | Năm`, where a column tells which date."""
        for run in ((at, at + 1, at + 2), (at, at + 1)):
            *day, month, year = (self._field(place) for place in run)
            if day and day[0] not in {DAY, "date_of_birth", "date_given"}:
                continue
            if month not in {MONTH, BIRTH_MONTH, GIVEN_MONTH} or year not in {
                MALE_OR_YEAR,
                GIVEN_YEAR,
                "date_of_birth",
            }:
                continue
            dates = {date for place in run if (date := self._date(place))}
            if len(dates) == 1 and not (year == "date_of_birth" and self._rank(run[-1]) == 0):
                self._add(
                    dates.pop(), 0, run, date_in_parts(run[0] if day else None, run[-2], run[-1])
                )
                return

    def _date(self, at: int) -> str:
        """The date of which a column says that it holds a part."""
        field = self._field(at)
        if field in {BIRTH_MONTH, "date_of_birth"}:
            return "date_of_birth"
        return (
            "date_given"
            if field in {GIVEN_MONTH, GIVEN_YEAR, "date_given"}
            else self._columns[at].part_of
        )

    def _rank(self, at: int) -> int:
        meaning = self._columns[at].meaning
        return meaning.rank if meaning else 0

    def _sexes(self, at: int) -> None:
        """Reads `Nam | Nữ` with a tick, or the year of birth, in one of them; and a column `Nữ`
        alone.
        """
        if self._field(at) != FEMALE:
            return
        part_of = self._columns[at].part_of
        for other in (at - 1, at + 1):
            if (
                self._field(other) == MALE_OR_YEAR
                and self._columns[other].part_of == part_of != "date_given"
            ):
                if part_of == "date_of_birth":
                    self._add("date_of_birth", 1, (other, at), either(other, at))
                self._add("sex", 1, (other, at), ticked_sex(other, at))
                return
        if part_of in {"", "sex"}:
            self._add("sex", 2, (at,), ticked_sex(None, at))

    def _names(self, at: int) -> None:
        """Reads `Họ đệm | Tên`, or `Họ | Tên đệm | Tên`, side by side."""
        if self._field(at) not in {FAMILY, MIDDLE, GIVEN}:
            return
        end = at
        while self._field(end) in {FAMILY, MIDDLE, GIVEN}:
            end += 1
        run = range(at, end)
        fields = [self._field(place) for place in run]
        if fields.count(FAMILY) == 1 and fields.count(GIVEN) == 1 and fields.count(MIDDLE) <= 1:
            order = sorted(run, key=lambda place: (FAMILY, MIDDLE, GIVEN).index(self._field(place)))
            self._add("full_name", 1, order, name_in_parts(order))

    def _whole_columns(self) -> None:
        for at in range(len(self._columns)):
            field = self._field(at)
            if field in HEADERS or field in SYSTEM:
                self._add(field, self._rank(at), (at,))

    def _codes(self, sample: Sequence[Sequence[str]]) -> None:
        """Reads `Tỉnh` or `Đơn vị tiêm` as a code, which may also be a name.

        It is taken where no other column is the code, and the cells below are codes.
        """
        missing = {named: code for named, code in NAMED_OR_CODED.items() if code not in self.of}
        for at in range(len(self._columns)):
            code = missing.get(self._field(at))
            if code and _are_codes([row[at] for row in sample if at < len(row)], _DIGITS[code]):
                self._add(code, 0, (at,))

    def _given_beside_a_name(self) -> None:
        """Reads a name merged over two columns, or beside a column `Tên`.

        The right column holds the last word.
        """
        names = self.of.get("full_name", [])
        if len(names) == 1 and names[0].read is None:
            name = names[0].at[0]
            beside = name + 1
            if beside < len(self._columns) and (
                self._field(beside) == GIVEN or not self._columns[beside].text
            ):
                self.of["full_name"] = []
                self._add("full_name", 0, (name, beside), name_and_given(name, beside))

    def text(self, source: Source) -> Compose:
        """The function that reads a source."""
        return source.read or cell(source.at[0])


def _are_codes(texts: Sequence[str], digits: int) -> bool:
    codes = [
        code
        for text in texts
        if (code := _AROUND_A_CODE.sub("", text)) and not _NO_TEXT.fullmatch(code)
    ]
    return bool(codes) and all(
        len(code) <= digits and code.isascii() and code.isdigit() for code in codes
    )
