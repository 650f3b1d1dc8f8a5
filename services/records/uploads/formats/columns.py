"""Finds a table's columns by its header, and tells the sender which columns are not read."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from operator import itemgetter

from services.records.domain.dose import FIELDS
from services.records.uploads.formats import file_errors, notices
from services.records.uploads.formats.column_groups import dose_in_series
from services.records.uploads.formats.column_sources import Source, Sources
from services.records.uploads.formats.composed_cells import Compose, best_number, first_filled
from services.records.uploads.formats.dose_columns import HEADERS, OPTIONAL
from services.records.uploads.formats.file_report import MOST_NAMED, FileReport
from services.records.uploads.formats.header_search import WITHIN, Heading, find_heading
from services.records.uploads.formats.header_spellings import VERSION
from services.records.uploads.formats.headers import LONGEST, meaning_of
from services.records.uploads.formats.near_headers import nearly
from services.records.uploads.formats.odd_rows import TITLES, OddRows
from services.records.uploads.formats.table_rows import Columns, Record

__all__ = ["HEADERS", "VERSION", "WITHIN", "Columns", "Record", "columns_under", "open_table"]

_SHOWN, _LONGEST_SHOWN = 60, 60


def open_table(records: Sequence[Record], report: FileReport) -> tuple[Columns, int] | None:
    """The columns by the header among a table's first records, and the index of the next record.

    Give it the first `WITHIN` records, blank ones too, or all where there are fewer. None: no
    header is among them. `report` gets what stands above the header, and the unused columns.
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
    return _columns(heading, sources, odd, report)


def _columns(heading: Heading, sources: Sources, odd: OddRows, report: FileReport) -> Columns:
    width, columns = heading.width, heading.columns
    optional = OPTIONAL if sources.row_number is None else OPTIONAL | {"source_id"}
    texts = [column.text for column in columns]
    missing = [field for field in HEADERS if field not in sources.of and field not in optional]
    if missing:
        if _numbers_doses(texts):
            raise file_errors.several_doses_a_row()
        near = [(_shown([header])[0], HEADERS[field]) for header, field in nearly(texts, missing)]
        raise file_errors.headers_missing(
            [HEADERS[field] for field in missing], _shown(texts), near
        )
    _report(texts, sources, report)
    sources_of = {field: of_field for field, of_field in sources.of.items() if field in HEADERS}
    every_source = chain.from_iterable(sources_of.values())
    needed = 1 + max(at for source in every_source for at in source.at)
    place: dict[str, int] = {}
    composed: list[Compose] = []
    for field, of_field in sources_of.items():
        if len(of_field) == 1 and of_field[0].read is None:
            place[field] = of_field[0].at[0]
        else:
            place[field] = needed + len(composed)
            composed.append(_composed(field, of_field, texts, sources, report))
    version, dose_id, accept = (
        sources.of[name][0].at[0] if name in sources.of else width
        for name in ("version", "dose_id", "accept_suggestion")
    )
    return Columns(
        width=width,
        needed=needed,
        coded="source_id" in place,
        version=version,
        dose_id=dose_id,
        accept=accept,
        pick=itemgetter(*(place.get(field, -1) for field in FIELDS)),
        composed=tuple(composed),
        required={
            field: [source.at for source in of_field]
            for field, of_field in sources_of.items()
            if field not in OPTIONAL
        },
        nameless=[
            *(at for at in sources.unused if not texts[at]),
            *range(len(texts), min(width, len(texts) + MOST_NAMED)),
        ][:MOST_NAMED],
        odd=odd,
        report=report,
    )


def _composed(
    field: str,
    of_field: Sequence[Source],
    texts: Sequence[str],
    sources: Sources,
    report: FileReport,
) -> Compose:
    """The function that reads a field which several columns hold."""
    reads = [(source.rank, sources.text(source)) for source in of_field]
    if field == "personal_id":
        return best_number([read for _, read in reads], report.ignored)
    return first_filled(
        field, reads, ", ".join(_shown(texts[at] for source in of_field for at in source.at))
    )


def _report(texts: Sequence[str], sources: Sources, report: FileReport) -> None:
    unused = [texts[at] for at in sources.unused if texts[at]]
    for name in _shown(unused):
        report.name_unused(name)
    for name, of_field in sources.of.items():
        places = [at for source in of_field for at in source.at if at < len(texts)]
        for header in _shown(texts[at] for at in places):
            report.read_as(header, name)
    absent = [field for field in HEADERS if field not in sources.of]
    for header, field in nearly(unused, absent):
        report.note(notices.nearly(_shown([header])[0], field))
    for field, of_field in sources.of.items():
        if field in HEADERS and len(of_field) > 1:
            report.note(
                notices.several_columns(
                    field, _shown(texts[at] for source in of_field for at in source.at)
                )
            )


def _numbers_doses(texts: Sequence[str]) -> bool:
    """Whether a row holds several doses: `Ngày tiêm mũi 1`, `Ngày tiêm mũi 2`."""
    numbers = set()
    for text in texts:
        dose = dose_in_series(text)
        meaning = meaning_of(dose[1]) if dose else None
        if dose and meaning and meaning.field in {"date_given", "product", "lot"}:
            numbers.add(dose[0])
    return len(numbers) > 1


def _shown(headers: Iterable[str]) -> list[str]:
    """Headers as an answer may show them: printable, not long, and not very many."""
    lines = (" ".join(text[:LONGEST].split()) for text in islice(headers, _SHOWN))
    return ["".join(filter(str.isprintable, line))[:_LONGEST_SHOWN] for line in lines]
