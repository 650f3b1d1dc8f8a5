"""Which column of a table is which field: the Vietnamese headers of the import file, or the JSON names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.fold import fold
from services.records.intake import faults
from services.records.intake.report import FileReport
from services.records.intake.typed import COLUMNS_EXTRA, COLUMNS_MISSING, QUOTE_UNCLOSED, Typed, unguarded

HEADERS = MappingProxyType(
    {
        "source_id": "Mã bản ghi",
        "full_name": "Họ và tên",
        "date_of_birth": "Ngày sinh",
        "sex": "Giới tính",
        "personal_id": "Số CMND/CCCD/HC",
        "phone": "Số điện thoại",
        "nationality": "Quốc tịch",
        "province_code": "Mã tỉnh",
        "district_code": "Mã huyện",
        "commune_code": "Mã xã",
        "dose_number": "Mũi tiêm thứ",
        "dose_kind": "Loại liều",
        "product": "Tên vắc xin",
        "lot": "Số lô",
        "date_given": "Ngày tiêm",
        "facility_code": "Mã cơ sở tiêm",
        "passport_number": "Số hộ chiếu",
    }
)
"""In the order of the import file; the passport's own column stands last, where it is known apart from the ID."""

VERSION = "Phiên bản bản ghi"
"""The header of the version that a row was made from: files given back have it, so that nobody overwrites a later correction unseen."""

_OTHER_NAMES = {
    "source_id": ("Mã mũi tiêm",),
    "full_name": ("Họ tên",),
    "personal_id": ("Số CCCD", "CCCD", "Số CMND/CCCD", "CMND/CCCD", "Số định danh cá nhân"),
    "passport_number": ("Hộ chiếu",),
    "product": ("Vắc xin",),
}
_FIELD_OF = {
    fold(name): field
    for field, header in HEADERS.items()
    for name in (header, field, f"person.{field}", *_OTHER_NAMES.get(field, ()))
} | {fold(VERSION): "version", "version": "version"}  # fmt: skip
_OPTIONAL = frozenset({"passport_number", "phone", "nationality", "province_code", "district_code", "commune_code"})

# the national template numbers its rows in place of record codes; its columns that no dose takes (guardian, occupation, ...) are not kept
_ROW_NUMBER = fold("STT")

# with fewer known names the first line may be a person's data and not headers: it is not shown
_SURELY_HEADERS = 3

_new = tuple.__new__  # as for a dose


def recognised(cells: Sequence[str]) -> int:
    """How many fields a header line names."""
    return len({_FIELD_OF.get(fold(cell)) for cell in cells} - {None})


Record = tuple[int, bool, list[str] | None]
"""One row of a table as its reader hands it over: its number as people see it in a spreadsheet;
whether apostrophes before formulas may stand in it; and its cells, None for a line with which no
record can begin. Whoever is given the cells may change the list."""

HEADER_WITHIN = 50
"""Rows from the first of a table in which its header is looked for."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields stand: `pick` takes their cells from a row that has one empty cell appended, `needed` cells must be there.

    `coded`: whether a column of record codes is among them. `version`: where the version stands, past the width where nowhere.
    """

    width: int
    needed: int
    coded: bool
    version: int
    pick: Callable[[list[str]], Sequence[str]]

    def rows(self, records: Iterable[Record]) -> Iterator[Typed]:
        """Records as rows; blank ones are none. May be called again for what follows in the same table."""
        width, needed, coded, at, pick = self.width, self.needed, self.coded, self.version, self.pick
        for number, guards, cells in records:
            if cells is None:
                yield Typed(number, None, (QUOTE_UNCLOSED,))
                continue
            if not (cells and cells[0].strip()) and not any(map(str.strip, cells)):
                continue
            if len(cells) < needed:
                yield Typed(number, None, (COLUMNS_MISSING,))
            elif len(cells) > width and any(map(str.strip, cells[width:])):
                yield Typed(number, None, (COLUMNS_EXTRA,))
            else:
                version = cells[at].strip() if at < len(cells) else ""
                cells.append("")
                texts = map(str.strip, pick(cells))
                raw = _new(Raw, map(unguarded, texts) if guards else texts)
                yield _new(Typed, (number, raw, (), coded, version, (), ()))


def open_table(records: Sequence[Record], report: FileReport) -> tuple[Columns, int] | None:
    """The columns by the header among a table's first records, and the index of the record that follows it.

    Give it the first `HEADER_WITHIN` records, blank ones too, or all where there are fewer. None: no
    header is among them. `report` is told what stands above it and which columns are not used.
    ServiceError 422 where columns are missing that every dose needs.
    """
    scores = [recognised(cells or ()) for _, _, cells in records[:HEADER_WITHIN]]
    best = max(scores, default=0)
    if best < _SURELY_HEADERS:
        return None
    at = scores.index(best)
    return read_columns(records[at][2] or ()), at + 1


def read_columns(header: Sequence[str]) -> Columns:
    """The columns of a header line; ServiceError 422 with what is missing and what was found. Of two columns alike the first counts."""
    place: dict[str, int] = {}
    numbered = False
    for index, name in enumerate(header):
        folded = fold(name)
        numbered = numbered or folded == _ROW_NUMBER
        if field := _FIELD_OF.get(folded):
            place.setdefault(field, index)
    if len(place) < _SURELY_HEADERS:
        raise faults.not_a_csv()
    version = place.pop("version", len(header))
    optional = _OPTIONAL | {"source_id"} if numbered else _OPTIONAL
    if missing := [HEADERS[field] for field in HEADERS if field not in place and field not in optional]:
        raise faults.headers_missing(missing, ["".join(filter(str.isprintable, name))[:60] for name in header[:60]])
    pick = itemgetter(*(place.get(field, -1) for field in FIELDS))
    return Columns(len(header), 1 + max(place.values()), "source_id" in place, version, pick)
