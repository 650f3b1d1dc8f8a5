"""Rows that have nothing to be told, as nearly all have, read in one pass with as few steps as
there are.

The tables of `rules` stay the authority. What values say of which there are few (sex, nationality,
number, kind, product) is asked of them once and remembered. What dates and facilities say is
compared here: `COMPARED` names these rules, and tests hold that no rule is left over, and that a
row is told the same whichever way it is read.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from services.records.domain.codes import read_area, read_facility, read_lot
from services.records.domain.dates import read_day, read_day_first
from services.records.domain.dose import Raw, ValidDose, dose_of
from services.records.domain.dose_rules import OLDEST_BIRTH, RULES, TEXT_FAULTS, ParsedRow
from services.records.domain.nationality import read_nationality
from services.records.domain.products import read_product
from services.records.domain.row_error import Unread
from services.records.domain.vocabulary import read_kind, read_number, read_sex
from vietnamese.dates import PROGRAMME_BEGAN, Precision, read_birth
from vietnamese.unicode_forms import unusual

MAX_TEXT, MAX_ID = 200, 64
_MOST_REMEMBERED = 2_000
"""Characters of a row; a longer one has a cell that is too long, and that is not even looked up."""
GUARDS = frozenset("='\"")
"""With these a spreadsheet's export begins what is to stay text: `'0012`, `="0012"`; no record code
and no name does.
"""

_FEW = frozenset({"sex", "nationality", "dose_number", "dose_kind", "product"})
REMEMBERED = [rule for rule in RULES if _FEW.issuperset(rule.needs)]
COMPARED = frozenset({
    "BIRTH_TOO_EARLY", "BIRTH_IN_FUTURE", "GIVEN_BEFORE_BIRTH", "GIVEN_IN_FUTURE",
    "GIVEN_BEFORE_PROGRAMME", "FACILITY_NOT_LISTED",
})  # fmt: skip
_NOTHING: Any = ParsedRow._make([None] * len(ParsedRow._fields))
_OLDEST = OLDEST_BIRTH.isoformat()


def parse_fast(
    raw: Raw, today: date, facilities: frozenset[str] | None, *, is_composed: bool = False
) -> ValidDose | None:
    """The dose of a row that reads well and breaks no rule; None where that takes a closer look.

    `is_composed`: whether the row surely is in its one form (`composed_row`). Of any other only
    ordinary letters are read.
    """
    (
        source_id, name, born_typed, sex_typed, personal_id, passport, phone, nationality_typed,
        province_typed, district_typed,
        commune_typed, number_typed, kind_typed, product_typed, lot_typed, given_typed,
        facility_typed,
    ) = raw  # fmt: skip
    free = f"{source_id}{name}{born_typed}{personal_id}{passport}{phone}"
    # a masked cell has a `*`; in a name it may stand
    if (
        "*" in free
        or len(free) > MAX_TEXT
        or not (source_id and name and len(personal_id) <= MAX_ID)
    ):
        return None
    # nearly all is ASCII and whole Vietnamese letters: nothing to compose in it, and nothing broken
    if unusual(free) and not (is_composed and _may_stand(free)):
        return None
    if source_id[0] in GUARDS or name[0] in GUARDS:
        return None
    # what is remembered below must not be as long as somebody likes
    if len("".join(raw)) > _MOST_REMEMBERED:
        return None
    said = _said(sex_typed, nationality_typed, number_typed, kind_typed, product_typed)
    areas, given = _areas(province_typed, district_typed, commune_typed), _given(given_typed)
    lot, facility = read_lot(lot_typed), read_facility(facility_typed)
    if not (said and areas and given and isinstance(lot, str) and isinstance(facility, str)):
        return None
    day, day_text = given
    born = _born(born_typed, day, day_text)
    if not born or day > today or (facilities and facility not in facilities):
        return None
    birth, precision = born
    sex, nationality, number, number_text, kind, product = said
    province, district, commune = areas
    return dose_of(
        source_id, facility, name, birth, precision, sex, personal_id, passport, nationality,
        province, district, commune, product, number, number_text, kind, day, day_text, lot, phone,
    )  # fmt: skip


def _may_stand(text: str) -> bool:
    """Whether the text, of one cell or several, surely has none of the text faults."""
    return _is_clean(text) or not any(pattern.search(text) for pattern, *_ in TEXT_FAULTS)


def _is_clean(text: str) -> bool:
    return len(text) <= MAX_TEXT and text.isprintable() and "\ufffd" not in text


def _born(text: str, given: date, given_text: str) -> tuple[str, Precision] | None:
    """A birth date and its precision; None where it was not read, lies before the oldest or after
    the dose.
    """
    if (day := read_day_first(text)) is not None:
        return (day, "day") if _OLDEST <= day <= given_text else None
    birth = read_birth(text)
    return (
        (birth.text, birth.precision)
        if birth and OLDEST_BIRTH <= (birth.first or given) <= given
        else None
    )


@lru_cache(maxsize=8_192)
def _given(text: str) -> tuple[date, str] | None:
    """A day since the programme began, and the same as ISO text."""
    day = read_day(text)
    return (
        (day, day.isoformat())
        if isinstance(day, date) and day >= PROGRAMME_BEGAN and _may_stand(text)
        else None
    )


@lru_cache(maxsize=8_192)
def _said(
    sex: str, nationality: str, number: str, kind: str, product: str
) -> tuple[Any, ...] | None:
    """The values, the number also as text; None where one was not read, or they break a rule among
    themselves.
    """
    values = (
        read_sex(sex),
        read_nationality(nationality),
        read_number(number),
        read_kind(kind),
        read_product(product),
    )
    if any(isinstance(value, Unread) for value in values) or not all(
        map(_may_stand, (sex, nationality, number, kind, product))
    ):
        return None
    case = _NOTHING._replace(
        sex=values[0],
        nationality=values[1],
        dose_number=values[2],
        dose_kind=values[3],
        product=values[4],
    )
    return (
        None
        if any(rule.broken(case) for rule in REMEMBERED)
        else (*values[:3], str(values[2]), *values[3:])
    )


@lru_cache(maxsize=16_384)
def _areas(province: str, district: str, commune: str) -> tuple[str, str, str] | None:
    """The codes of a residence, empty where nothing was typed; None where one was not read."""
    codes: Any = read_area(province, 2), read_area(district, 3), read_area(commune, 5)
    return None if any(isinstance(code, Unread) for code in codes) else codes
