"""Parses one typed row: into a dose, or into errors.

The ID column is never judged here: the verifier gets it as typed. Only a foreigner's becomes the
passport number.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from contracts.masks import MASK
from services.records.domain.dose import FIELDS, Raw, ValidDose, composed_row
from services.records.domain.dose_rules import ID_TOO_LONG, TEXT_FAULTS, ParsedRow, judge
from services.records.domain.field_parsers import (
    read_area,
    read_born,
    read_day,
    read_facility,
    read_kind,
    read_lot,
    read_nationality,
    read_number,
    read_product,
    read_sex,
)
from services.records.domain.masking import masked_cells
from services.records.domain.parse_fast import GUARDS, MAX_ID, MAX_TEXT, build_dose, parse_fast
from services.records.domain.product_matching import candidates
from services.records.domain.row_error import RowError, Unread
from vietnamese.cells import unwrapped
from vietnamese.unicode_forms import unusual


class ParseResult(NamedTuple):
    """A dose, or errors; warnings may come with either."""

    dose: ValidDose | None
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()


_BLANKS = re.compile(r"[\t\n\r]+")


def parse_row(raw: Raw, *, today: date, facilities: frozenset[str] | None) -> ParseResult:
    """Parses a row.

    `facilities`: codes of the known ones. Without them the form decides: five digits, of which the
    first two are a province's.
    """
    dose = parse_fast(raw, today, facilities)
    if dose is not None:
        return ParseResult(dose)
    return parse_odd_row(raw, today=today, facilities=facilities)


def parse_odd_row(
    raw: Raw,
    *,
    today: date,
    facilities: frozenset[str] | None,
    known_errors: Sequence[RowError] = (),
) -> ParseResult:
    """Parses a row that `parse_fast` left: it has errors or warnings, or is only written oddly.

    `known_errors`: errors that some of its fields have already. These fields are not judged again,
    and such a row gives no dose.
    """
    together = "".join(raw)
    if unusual(together):
        raw = composed_row(raw)
        if not known_errors and (dose := parse_fast(raw, today, facilities, is_composed=True)):
            return ParseResult(dose)
    raw = raw._replace(source_id=_unguarded(raw.source_id), full_name=_unguarded(raw.full_name))
    together = "".join(raw)
    cell_errors = list(known_errors)
    suspect = len(together) > MAX_TEXT or not together.isprintable()
    if suspect or "\ufffd" in together or "⟦" in together:
        # line breaks and tabs inside a cell are blanks
        raw = Raw._make(_BLANKS.sub(" ", text) for text in raw)
        cell_errors += _text_faults(raw)
    if len(raw.personal_id) > MAX_ID:
        cell_errors.append(ID_TOO_LONG)
    if MASK in together:
        cell_errors += masked_cells(raw)
    fields = {error.field for error in cell_errors}
    if fields & {"", "person"}:
        # what could not be read as a whole holds a name, perhaps
        fields.add("full_name")
    if fields:
        # such a cell holds no data: it is neither read nor quoted
        raw = raw._replace(**dict.fromkeys(fields.intersection(FIELDS), ""))
    row = _parse_fields(raw, today, facilities)
    errors, warnings = judge(row, fields)
    if cell_errors or errors:
        return ParseResult(
            None,
            (*dict.fromkeys(cell_errors), *[_with_names(error, raw) for error in errors]),
            tuple(warnings),
        )
    return ParseResult(_dose(raw, row), (), tuple(warnings))


def _unguarded(text: str) -> str:
    """A code or name without what its spreadsheet put around it."""
    return unwrapped(text) if text[:1] in GUARDS else text


def _parse_fields(raw: Raw, today: date, facilities: frozenset[str] | None) -> ParsedRow:
    return ParsedRow._make((
        raw.source_id or Unread.MISSING,
        raw.full_name or Unread.MISSING,
        read_born(raw.date_of_birth),
        read_sex(raw.sex),
        read_nationality(raw.nationality),
        read_area(raw.province_code, 2),
        read_area(raw.district_code, 3),
        read_area(raw.commune_code, 5),
        read_number(raw.dose_number),
        read_kind(raw.dose_kind),
        read_product(raw.product),
        read_lot(raw.lot),
        read_day(raw.date_given),
        read_facility(raw.facility_code),
        today,
        facilities,
    ))  # fmt: skip


def _dose(raw: Raw, row: ParsedRow) -> ValidDose:
    """The dose of a row without errors; an area that could not be read is left out."""
    (
        source_id,
        name,
        birth,
        sex,
        nationality,
        province,
        district,
        commune,
        number,
        kind,
        product,
        lot,
        given,
        facility,
        _,
        _,
    ) = row
    province, district, commune = [
        area if isinstance(area, str) else "" for area in (province, district, commune)
    ]
    return build_dose(
        source_id, facility, name, birth.text, birth.precision, sex, raw.personal_id,
        raw.passport_number, nationality,
        province, district, commune, product, number, str(number), kind, given, given.isoformat(),
        lot, raw.phone,
    )  # fmt: skip


def _text_faults(raw: Raw) -> Iterator[RowError]:
    for field, text in zip(FIELDS, raw, strict=True):
        for pattern, code, vi, en in TEXT_FAULTS:
            if pattern.search(text):
                yield RowError(field, code, vi, en)


def _with_names(error: RowError, raw: Raw) -> RowError:
    """The message of an unknown product names the products it may mean."""
    if error.code != "PRODUCT_UNKNOWN" or not (names := ", ".join(candidates(raw.product))):
        return error
    return RowError(
        error.field,
        error.code,
        f"{error.message_vi} Có phải: {names}?",
        f"{error.message_en} Is it: {names}?",
    )
