"""Which column of a table is which field: the Vietnamese headers of the import file, or the JSON names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.fold import fold
from services.records.domain.old_encodings import looked_up
from services.records.intake import faults
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

_MOST_READ = 500  # columns of which the header is read in old encodings too

_new = tuple.__new__  # as for a dose


def recognised(cells: Sequence[str]) -> int:
    """How many fields a header line names."""
    return len({*_fields(cells)} - {None})


def _fields(header: Sequence[str]) -> Iterator[str | None]:
    # reading in all encodings takes long, and a hostile header may have half a million cells
    yield from map(_field_of, header[:_MOST_READ])
    yield from (_FIELD_OF.get(fold(name)) for name in header[_MOST_READ:])


@lru_cache(maxsize=1_024)
def _field_of(header: str) -> str | None:
    """The field that a header names, in whatever encoding it was typed."""
    return looked_up(header, lambda reading: _FIELD_OF.get(fold(reading)))


Record = tuple[bool, list[str] | None]
"""Whether apostrophes before formulas may stand in it, and its cells; None for a line with which no record can begin."""


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

    def rows(self, records: Iterable[Record], numbers: Iterator[int]) -> Iterator[Typed]:
        """Records as rows, numbered; blank ones are none. Columns that no field has are ignored."""
        width, needed, coded, at, pick = self.width, self.needed, self.coded, self.version, self.pick
        for guards, cells in records:
            if cells is None:
                yield Typed(next(numbers), None, (QUOTE_UNCLOSED,))
                continue
            if not (cells and cells[0].strip()) and not any(map(str.strip, cells)):
                continue
            if len(cells) < needed:
                yield Typed(next(numbers), None, (COLUMNS_MISSING,))
            elif len(cells) > width and any(map(str.strip, cells[width:])):
                yield Typed(next(numbers), None, (COLUMNS_EXTRA,))
            else:
                version = cells[at].strip() if at < len(cells) else ""
                cells.append("")
                texts = map(str.strip, pick(cells))
                raw = _new(Raw, map(unguarded, texts) if guards else texts)
                yield _new(Typed, (next(numbers), raw, (), coded, version, (), (), ""))


def read_columns(header: Sequence[str]) -> Columns:
    """The columns of a header line; ServiceError 422 with what is missing and what was found. Of two columns alike the first counts."""
    place: dict[str, int] = {}
    numbered = False
    for index, (name, field) in enumerate(zip(header, _fields(header), strict=True)):
        numbered = numbered or fold(name) == _ROW_NUMBER
        if field:
            place.setdefault(field, index)
    if len(place) < _SURELY_HEADERS:
        raise faults.not_a_csv()
    version = place.pop("version", len(header))
    optional = _OPTIONAL | {"source_id"} if numbered else _OPTIONAL
    if missing := [HEADERS[field] for field in HEADERS if field not in place and field not in optional]:
        raise faults.headers_missing(missing, ["".join(filter(str.isprintable, name))[:60] for name in header[:60]])
    pick = itemgetter(*(place.get(field, -1) for field in FIELDS))
    return Columns(len(header), 1 + max(place.values()), "source_id" in place, version, pick)
