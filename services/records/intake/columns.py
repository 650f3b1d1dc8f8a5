"""The columns of a table, and its rows picked by them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from services.records.domain.dose import FIELDS, Raw
from services.records.domain.faults import RowError
from services.records.intake import faults, notices
from services.records.intake.composing import Compose, best_number, first_filled
from services.records.intake.groups import dose_in_series
from services.records.intake.headers import HEADERS, meaning_of
from services.records.intake.heading import WITHIN, Column, Heading, find_heading
from services.records.intake.near import nearly
from services.records.intake.odd_rows import TITLES, OddRows
from services.records.intake.report import MOST_NAMED, FileReport
from services.records.intake.sources import Sources
from services.records.intake.spellings import OPTIONAL, VERSION
from services.records.intake.typed import COLUMNS_EXTRA, QUOTE_UNCLOSED, Typed, columns_missing, unguarded

__all__ = ["HEADERS", "VERSION", "WITHIN", "Columns", "Record", "open_table"]

Record = tuple[int, bool, list[str] | None]
"""One row of a table as its reader hands it over: its number as people see it in a spreadsheet;
whether apostrophes before formulas may stand in it; and its cells, None for a line with which no
record can begin. Whoever is given the cells may change the list."""

_BIRTH = FIELDS.index("date_of_birth")
_new = tuple.__new__  # as for a dose


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields stand: `pick` takes their cells from a row that has one empty cell appended, `needed` cells must be there.

    `coded`: whether a column of record codes is among them. `version`: where the version stands, past the width where nowhere.
    `composed`: cells to append first, each made of several columns. `required`: by field, the columns that may hold it.
    `nameless`: columns without a header, which are told of once something stands in them.
    """

    width: int
    needed: int
    coded: bool
    version: int
    pick: Callable[[list[str]], Sequence[str]]
    composed: tuple[Compose, ...]
    required: dict[str, list[tuple[int, ...]]]
    nameless: list[int]
    odd: OddRows
    report: FileReport

    def rows(self, records: Iterable[Record]) -> Iterator[Typed]:
        """Records as rows; blank ones are none. May be called again for what follows in the same table."""
        width, needed, coded, at, pick, composed = self.width, self.needed, self.coded, self.version, self.pick, self.composed
        if self.nameless:
            records = self._watched(records)
        for number, guards, cells in records:
            if cells is None:
                yield Typed(number, None, (QUOTE_UNCLOSED,))
                continue
            if not (cells and cells[0].strip()) and not any(map(str.strip, cells)):
                continue
            if len(cells) < needed:
                if self._is_odd(cells):
                    continue
                if missing := self._missing(len(cells)):
                    yield Typed(number, None, (columns_missing(missing),))
                    continue
                # a spreadsheet leaves out the last cells of a row where they are empty
                cells += [""] * (needed - len(cells))
            elif len(cells) > width and any(map(str.strip, cells[width:])):
                yield Typed(number, None, (COLUMNS_EXTRA,))
                continue
            version = cells[at].strip() if at < len(cells) else ""
            row = cells
            if composed:
                # a row may be a million cells wide
                cells, errors = self._composed(cells[:needed])
                if errors:
                    if not self._is_odd(row):
                        yield Typed(number, None, errors)
                    continue
            cells.append("")
            texts = map(str.strip, pick(cells))
            raw = _new(Raw, map(unguarded, texts) if guards else texts)
            birth = raw[_BIRTH]
            # a row in which no birth begins with a digit may be no dose
            if not (len(birth) > 3 and "0" <= birth < ":") and self._is_odd(row):
                continue
            yield _new(Typed, (number, raw, (), coded, version, (), (), ""))

    def _is_odd(self, cells: Sequence[str]) -> bool:
        kind = self.odd.kind(cells)
        if kind is not None:
            self.report.ignored[kind] += 1
        return kind is not None

    def _missing(self, width: int) -> list[str]:
        """Headers of the required fields that a row of so many cells has not."""
        return [HEADERS[field] for field, places in self.required.items() if all(max(at) >= width for at in places)]

    def _composed(self, cells: list[str]) -> tuple[list[str], tuple[RowError, ...]]:
        """As many cells as are needed, with the composed ones behind them; and why some of these are none."""
        texts = [compose(cells) for compose in self.composed]
        errors = tuple(text for text in texts if not isinstance(text, str))
        return [*cells, *(text if isinstance(text, str) else "" for text in texts)], errors

    def _watched(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            if self.nameless and (cells := record[2]):
                for at in [at for at in self.nameless if at < len(cells) and cells[at].strip()]:
                    self.nameless.remove(at)
                    self.report.name_unused(notices.nameless(at))
            yield record


def open_table(records: Sequence[Record], report: FileReport) -> tuple[Columns, int] | None:
    """The columns by the header among a table's first records, and the index of the record that follows it.

    Give it the first `WITHIN` records, blank ones too, or all where there are fewer. None: no header
    is among them. `report` is told what stands above it and which columns are not used.
    ServiceError 422 where columns are missing that every dose needs.
    """
    heading = find_heading([cells or () for _, _, cells in records])
    return None if heading is None else (columns_under(heading, records, report), heading.end)


def columns_under(heading: Heading, records: Sequence[Record], report: FileReport) -> Columns:
    """The columns by a header that `find_heading` found among these records."""
    rows = [cells or () for _, _, cells in records]
    above = records[: heading.begin]
    titles = [cells for _, _, cells in above if cells and any(map(str.strip, cells))]
    if passed := len(titles) + sum(cells is None for _, _, cells in above):
        report.ignored[TITLES] += passed
    sources = Sources(heading.columns, rows[heading.end :])
    odd = OddRows(titles, rows[heading.begin : heading.end], sources.row_number)
    return _columns(heading.columns, sources, odd, report)


def _columns(columns: Sequence[Column], sources: Sources, odd: OddRows, report: FileReport) -> Columns:
    width = len(columns)
    optional = OPTIONAL if sources.row_number is None else OPTIONAL | {"source_id"}
    texts = [column.text for column in columns]
    missing = [field for field in HEADERS if field not in sources.of and field not in optional]
    if missing:
        if _numbers_doses(texts):
            raise faults.several_doses_a_row()
        near = [(shown([header])[0], HEADERS[field]) for header, field in nearly(texts, missing)]
        raise faults.headers_missing([HEADERS[field] for field in missing], shown(texts), near)
    _report(texts, sources, report)
    needed = 1 + max(at for field, found in sources.of.items() if field in HEADERS for source in found for at in source.at)
    place: dict[str, int] = {}
    composed: list[Compose] = []
    for field, found in sources.of.items():
        if field not in HEADERS:
            continue
        if len(found) == 1 and found[0].read is None:
            place[field] = found[0].at[0]
            continue
        reads = [sources.text(source) for source in found]
        if field == "personal_id":
            composed.append(best_number(reads, report.ignored))
        else:
            names = ", ".join(shown([texts[at] for source in found for at in source.at]))
            composed.append(first_filled(field, [(source.rank, read) for source, read in zip(found, reads, strict=True)], names))
        place[field] = needed + len(composed) - 1
    version = sources.of["version"][0].at[0] if "version" in sources.of else width
    return Columns(
        width=width,
        needed=needed,
        coded="source_id" in place,
        version=version,
        pick=itemgetter(*(place.get(field, -1) for field in FIELDS)),
        composed=tuple(composed),
        required={
            field: [source.at for source in found] for field, found in sources.of.items() if field not in OPTIONAL and field in HEADERS
        },
        nameless=[at for at in sources.unused if not texts[at]][:MOST_NAMED],
        odd=odd,
        report=report,
    )


def _report(texts: Sequence[str], sources: Sources, report: FileReport) -> None:
    unused = [texts[at] for at in sources.unused if texts[at]]
    for name in shown(unused):
        report.name_unused(name)
    absent = [field for field in HEADERS if field not in sources.of]
    for header, field in nearly(unused, absent):
        report.note(notices.nearly(shown([header])[0], field))
    for field, found in sources.of.items():
        if field in HEADERS and len(found) > 1:
            report.note(notices.several_columns(field, shown([texts[at] for source in found for at in source.at])))


def _numbers_doses(texts: Sequence[str]) -> bool:
    """Whether a row tells of several doses: `Ngày tiêm mũi 1`, `Ngày tiêm mũi 2`."""
    numbers = set()
    for text in texts:
        dose = dose_in_series(text)
        meaning = meaning_of(dose[1]) if dose else None
        if dose and meaning and meaning.field in {"date_given", "product", "lot"}:
            numbers.add(dose[0])
    return len(numbers) > 1


def shown(headers: Sequence[str]) -> list[str]:
    """Headers as they may be told: printable, and neither long nor very many."""
    return [
        "".join(" " if letter in "\r\n\t" else letter for letter in text if letter.isprintable() or letter in "\r\n\t")[:60].strip()
        for text in headers[:60]
    ]
