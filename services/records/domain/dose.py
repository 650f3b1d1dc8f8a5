"""Reading one typed row: the dose it records, or what the row is told.

The ID column is never judged here: it goes to the verifier as typed. Only a foreigner's becomes the passport number.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from contracts.dates import read_birth
from contracts.events import DoseFacts, Person
from contracts.products import PRODUCTS
from services.records.domain.content import digest64
from services.records.domain.dates import birth_typed, day_typed, read_day
from services.records.domain.faults import RowError, Unread
from services.records.domain.nationality import nationality_typed, read_nationality
from services.records.domain.products import candidates, read_product
from services.records.domain.rules import ID_TOO_LONG, RULES, TEXT_FAULTS, Case, judge
from services.records.domain.vocabulary import (
    KIND_TYPED,
    SEX_TYPED,
    read_area,
    read_facility,
    read_kind,
    read_lot,
    read_number,
    read_phone,
    read_sex,
)

MAX_TEXT, MAX_ID = 200, 64
HOME = "VN"


class Raw(NamedTuple):
    """One row as typed: trimmed text, in the fixed order of the fields."""

    source_id: str = ""
    full_name: str = ""
    date_of_birth: str = ""
    sex: str = ""
    personal_id: str = ""
    passport_number: str = ""
    phone: str = ""
    nationality: str = ""
    province_code: str = ""
    district_code: str = ""
    commune_code: str = ""
    dose_number: str = ""
    dose_kind: str = ""
    product: str = ""
    lot: str = ""
    date_given: str = ""
    facility_code: str = ""


FIELDS = Raw._fields


class Dose(NamedTuple):
    """One dose as a facility recorded it; `content` is a 64-bit digest of everything in it, to tell "unchanged" from "new version"."""

    source_id: str
    facility_code: str
    person: Person
    phone: str
    facts: DoseFacts
    content: int


class ReadRow(NamedTuple):
    """What came of a row: a dose, or errors; warnings may stand beside both."""

    dose: Dose | None
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()


_BLANKS = re.compile(r"[\t\n\r]+")
_BROKEN = [rule.broken for rule in RULES]


def read_row(raw: Raw, *, today: date, facilities: frozenset[str] | None) -> ReadRow:
    """Reads a row. `facilities`: the known codes; with none the form decides (5 digits, the first two a province's)."""
    together = "".join(raw)
    if len(together) > MAX_TEXT or len(raw.personal_id) > MAX_ID or not together.isprintable():
        # line breaks and tabs inside a cell are blanks
        raw = Raw._make(_BLANKS.sub(" ", text) for text in raw)
        if faults := tuple(_text_faults(raw)):
            return ReadRow(None, faults)
    case: Any = _read(raw, today, facilities)
    warnings: tuple[RowError, ...] = ()
    # most rows have nothing to be told: that is found out first, and cheaply
    if Unread in set(map(type, case)) or any([broken(case) for broken in _BROKEN]):  # noqa: C419 a list is built faster than a generator runs
        errors, warned = judge(case)
        if errors:
            return ReadRow(None, tuple(_with_names(error, raw) for error in errors), tuple(warned))
        warnings = tuple(warned)
    return ReadRow(_dose(raw, case), (), warnings)


def typed_row(person: Person, phone: str, facility_code: str, source_id: str, facts: DoseFacts) -> Raw:
    """A recorded dose as it would be typed; reading it gives the same dose."""
    return Raw(
        source_id, person.full_name, birth_typed(person.date_of_birth, person.date_precision), SEX_TYPED[person.sex],
        person.personal_id, person.passport_number, phone, nationality_typed(person.nationality),
        person.province_code, person.district_code, person.commune_code,
        str(facts.dose_number), KIND_TYPED[facts.dose_kind], PRODUCTS[facts.product].name, facts.lot,
        day_typed(facts.date_given), facility_code,
    )  # fmt: skip


def _read(raw: Raw, today: date, facilities: frozenset[str] | None) -> tuple[Any, ...]:
    return Case._make((
        raw.source_id or Unread.MISSING,
        raw.full_name or Unread.MISSING,
        read_birth(raw.date_of_birth) or Unread.UNREADABLE,
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


def _dose(raw: Raw, case: Case) -> Dose:
    """The dose of a row without errors; an area that could not be read is left out."""
    source_id, name, birth, sex, nationality, province, district, commune, number, kind, product, lot, given, facility, _, _ = case
    personal_id, passport = raw.personal_id, raw.passport_number
    # the column is headed "CMND/CCCD/HC": a foreigner's number in it is that of a passport
    if nationality != HOME and personal_id and not passport:
        personal_id, passport = "", personal_id
    province, district, commune = [area if isinstance(area, str) else "" for area in (province, district, commune)]
    phone = read_phone(raw.phone)
    person = Person(name, birth.text, birth.precision, sex, personal_id, passport, nationality, province, district, commune)
    facts = DoseFacts(product, number, kind, given, lot)
    content = digest64((
        source_id, name, birth.text, birth.precision, sex or "", personal_id, passport, nationality, province, district, commune, phone,
        product, lot, str(number), kind, given.isoformat(), facility,
    ))  # fmt: skip
    return Dose(source_id, facility, person, phone, facts, content)


def _text_faults(raw: Raw) -> Iterator[RowError]:
    if len(raw.personal_id) > MAX_ID:
        yield ID_TOO_LONG
    for field, text in zip(FIELDS, raw, strict=True):
        for pattern, code, vi, en in TEXT_FAULTS:
            if pattern.search(text):
                yield RowError(field, code, vi, en)
                break


def _with_names(error: RowError, raw: Raw) -> RowError:
    """The message of an unknown product names the products it may mean."""
    if error.code != "PRODUCT_UNKNOWN" or not (names := ", ".join(candidates(raw.product))):
        return error
    return RowError(error.field, error.code, f"{error.message_vi} Có phải: {names}?", f"{error.message_en} Is it: {names}?")
